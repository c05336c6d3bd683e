package dev.orrery.policy;

import dev.orrery.data.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Makes [FastTokens] from actions: byte pair encoding over rounded cosine coefficients.
///
/// The most frequent neighbours become one token, again and again; of equally frequent ones those
/// with the smaller ids, so equal actions give equal tokenizers.
public final class FastTraining {

    /// What the public tokenizers multiply coefficients with.
    public static final double SCALE = 10;

    private static final int LEAST_COUNT = 2, ROOM = 4;

    private FastTraining() {}

    /// Trains on chunks.
    ///
    /// @param chunks normalised, each H rows of A values
    /// @param vocabulary tokens at most, 1024 in the paper
    /// @param scale what coefficients are multiplied with before they are rounded
    /// @throws IllegalArgumentException if the values spread over more steps than there may be
    ///   tokens
    public static FastTokens fit(List<float[][]> chunks, int vocabulary, double scale) {
        if (chunks.isEmpty()) {
            throw new IllegalArgumentException("FAST tokens of no chunks; give at least one");
        }
        int horizon = chunks.getFirst().length, dims = chunks.getFirst()[0].length;
        var waves = FastTokens.waves(horizon);
        var rows = new ArrayList<int[]>();
        int least = Integer.MAX_VALUE, greatest = Integer.MIN_VALUE;
        for (var chunk : chunks) {
            var row = FastTokens.coefficients(chunk, horizon, dims, scale, waves);
            least = Math.min(least, Arrays.stream(row).min().orElseThrow());
            greatest = Math.max(greatest, Arrays.stream(row).max().orElseThrow());
            rows.add(row);
        }
        least -= ROOM;
        int letters = greatest + ROOM - least + 1;
        if (letters > vocabulary) {
            throw new IllegalArgumentException(
                    "FAST tokens: the coefficients take %d values, the vocabulary has %d; normalise the actions, or use a larger vocabulary or a smaller scale"
                            .formatted(letters, vocabulary));
        }
        for (var row : rows) {
            for (int i = 0; i < row.length; i++) {
                row[i] -= least;
            }
        }
        var json = json(letters, merge(rows, letters, vocabulary)).toString();
        return new FastTokens(Tokenizer.parse(json), json, scale, least, horizon, dims);
    }

    private record Pair(int left, int right) {}

    /// The pairs that become tokens `letters`, `letters + 1`, …, in that order.
    private static List<Pair> merge(List<int[]> rows, int letters, int vocabulary) {
        var merges = new ArrayList<Pair>();
        var texts = new ArrayList<>(rows);
        for (int made = letters; made < vocabulary; made++) {
            var best = mostFrequent(texts);
            if (best.isEmpty()) {
                break;
            }
            var pair = best.get();
            merges.add(pair);
            for (int i = 0; i < texts.size(); i++) {
                texts.set(i, join(texts.get(i), pair, made));
            }
        }
        return merges;
    }

    private static Optional<Pair> mostFrequent(List<int[]> texts) {
        var counts = new HashMap<Long, int[]>();
        for (var text : texts) {
            for (int i = 0; i + 1 < text.length; i++) {
                counts.computeIfAbsent((long) text[i] << 32 | text[i + 1], _ -> new int[1])[0]++;
            }
        }
        long best = -1;
        int most = LEAST_COUNT - 1;
        for (var entry : counts.entrySet()) {
            int count = entry.getValue()[0];
            if (count > most || count == most && best >= 0 && entry.getKey() < best) {
                best = entry.getKey();
                most = count;
            }
        }
        return best < 0 ? Optional.empty() : Optional.of(new Pair((int) (best >> 32), (int) best));
    }

    private static int[] join(int[] text, Pair pair, int made) {
        int n = 0;
        var out = new int[text.length];
        for (int i = 0; i < text.length; i++) {
            boolean here = i + 1 < text.length && text[i] == pair.left && text[i + 1] == pair.right;
            out[n++] = here ? made : text[i];
            i += here ? 1 : 0;
        }
        return n == text.length ? text : Arrays.copyOf(out, n);
    }

    private static ObjectNode json(int letters, List<Pair> merges) {
        var json = new JsonMapper().createObjectNode();
        json.put("version", "1.0").putNull("truncation").putNull("padding");
        json.putArray("added_tokens");
        json.putNull("normalizer").putNull("pre_tokenizer").putNull("post_processor");
        json.putObject("decoder").put("type", "Fuse");
        var model = json.putObject("model").put("type", "BPE");
        for (var none :
                List.of(
                        "dropout",
                        "unk_token",
                        "continuing_subword_prefix",
                        "end_of_word_suffix")) {
            model.putNull(none);
        }
        for (var no : List.of("fuse_unk", "byte_fallback", "ignore_merges")) {
            model.put(no, false);
        }
        var tokens = new ArrayList<String>();
        var vocab = model.putObject("vocab");
        for (int i = 0; i < letters; i++) {
            tokens.add(Character.toString(i));
            vocab.put(tokens.getLast(), i);
        }
        var list = model.putArray("merges");
        for (var pair : merges) {
            list.addArray().add(tokens.get(pair.left)).add(tokens.get(pair.right));
            tokens.add(tokens.get(pair.left) + tokens.get(pair.right));
            vocab.put(tokens.getLast(), vocab.size());
        }
        return json;
    }
}
