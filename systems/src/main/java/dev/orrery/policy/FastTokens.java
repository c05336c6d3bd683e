package dev.orrery.policy;

import dev.orrery.data.DatasetException;
import dev.orrery.data.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Action chunks as few tokens: the cosine transform along time, scaled and rounded, lowest
/// frequency first, each coefficient a character, joined to tokens by BPE.
///
/// Reads the public tokenizers' files (`processor_config.json`, `tokenizer.json`) and writes the
/// same; [FastTraining] makes one from actions.
///
/// Source: *FAST*, arXiv:2501.09747.
public final class FastTokens implements AutoCloseable {

    private static final String PROCESSOR = "processor_config.json", TOKENIZER = "tokenizer.json";
    private static final int REPLACEMENT = 0xFFFD;

    private final Tokenizer tokenizer;
    private final String json;
    private final double scale;
    private final int least, greatest, horizon, dims;
    private final double[][] waves;

    FastTokens(Tokenizer tokenizer, String json, double scale, int least, int horizon, int dims) {
        this.tokenizer = tokenizer;
        this.json = json;
        this.scale = scale;
        this.least = least;
        this.horizon = horizon;
        this.dims = dims;
        greatest = least + letters(tokenizer) - 1;
        waves = waves(horizon);
    }

    /// How many characters from 0 on the vocabulary can write; all, if it writes bytes.
    private static int letters(Tokenizer tokenizer) {
        if (tokenizer.writesBytes()) {
            return Character.MIN_SURROGATE;
        }
        int letters = 0;
        while (letters < Character.MIN_SURROGATE
                && tokenizer.id(Character.toString(letters)).isPresent()) {
            letters++;
        }
        return letters;
    }

    /// Opens a folder with the files of a public tokenizer, or of [#save].
    ///
    /// @param horizon actions H of a chunk
    /// @param dims values A of an action
    /// @throws DatasetException if a file is missing or damaged
    public static FastTokens open(Path folder, int horizon, int dims) {
        var config = read(folder.resolve(PROCESSOR));
        for (var fixed : List.of("time_horizon", "action_dim")) {
            int own = config.path(fixed).asInt(0), asked = fixed.startsWith("t") ? horizon : dims;
            if (own != 0 && own != asked) {
                throw DatasetException.at(
                        folder.resolve(PROCESSOR),
                        "is for chunks with %s %d, this policy has %d"
                                .formatted(fixed, own, asked));
            }
        }
        if (!config.path("min_token").isInt()) {
            throw DatasetException.at(folder.resolve(PROCESSOR), "lacks 'min_token'");
        }
        var file = folder.resolve(TOKENIZER);
        try {
            return new FastTokens(
                    Tokenizer.open(file),
                    Files.readString(file),
                    config.path("scale").asDouble(10),
                    config.path("min_token").asInt(),
                    horizon,
                    dims);
        } catch (IOException e) {
            throw DatasetException.at(file, "cannot be read", e);
        }
    }

    /// Whether a folder holds a tokenizer that [#open] reads.
    public static boolean isIn(Path folder) {
        return Stream.of(PROCESSOR, TOKENIZER)
                .allMatch(name -> Files.isRegularFile(folder.resolve(name)));
    }

    private static JsonNode read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw DatasetException.at(
                    file, "is missing; a FAST tokenizer is a folder with it and tokenizer.json");
        }
        try {
            return new JsonMapper().readTree(file);
        } catch (JacksonException e) {
            throw DatasetException.at(file, "is not JSON", e);
        }
    }

    /// Writes the folder that [#open] reads.
    public void save(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(TOKENIZER), json);
        var config = new JsonMapper().createObjectNode();
        config.put("processor_class", "UniversalActionProcessor");
        config.put("scale", scale).put("min_token", least).put("vocab_size", size());
        config.put("time_horizon", horizon).put("action_dim", dims);
        Files.writeString(folder.resolve(PROCESSOR), config.toPrettyString() + "\n");
    }

    /// The number of tokens.
    public int size() {
        return tokenizer.size();
    }

    /// The actions of a chunk.
    public int horizon() {
        return horizon;
    }

    /// The values of an action.
    public int dims() {
        return dims;
    }

    /// The tokens of a chunk. Coefficients that the vocabulary cannot write become the nearest that
    /// it can.
    ///
    /// @param chunk H rows of A normalised values
    public long[] encode(float[][] chunk) {
        var text = new StringBuilder();
        for (int coefficient : coefficients(chunk)) {
            text.appendCodePoint(Math.clamp(coefficient, least, greatest) - least);
        }
        return tokenizer.encode(text.toString()).ids();
    }

    /// The rounded coefficients of a chunk, lowest frequency first.
    int[] coefficients(float[][] chunk) {
        return coefficients(chunk, horizon, dims, scale, waves);
    }

    static int[] coefficients(
            float[][] chunk, int horizon, int dims, double scale, double[][] waves) {
        if (chunk.length != horizon || chunk[0].length != dims) {
            throw new IllegalArgumentException(
                    "FAST tokens of %d actions of %d values; this tokenizer is for %d of %d"
                            .formatted(chunk.length, chunk[0].length, horizon, dims));
        }
        var out = new int[horizon * dims];
        for (int k = 0; k < horizon; k++) {
            for (int d = 0; d < dims; d++) {
                double sum = 0;
                for (int t = 0; t < horizon; t++) {
                    sum += waves[k][t] * chunk[t][d];
                }
                out[k * dims + d] = (int) Math.rint(sum * scale);
            }
        }
        return out;
    }

    /// The orthonormal cosine transform (type 2) of a length: one wave a row.
    static double[][] waves(int length) {
        var waves = new double[length][length];
        for (int k = 0; k < length; k++) {
            double size = Math.sqrt((k == 0 ? 1.0 : 2.0) / length);
            for (int t = 0; t < length; t++) {
                waves[k][t] = size * Math.cos(Math.PI * (2 * t + 1) * k / (2.0 * length));
            }
        }
        return waves;
    }

    /// The chunk that tokens stand for.
    ///
    /// @throws IllegalArgumentException if they are not a whole chunk: too few or too many
    ///   coefficients, broken characters, or ids that do not exist
    public float[][] decode(long... tokens) {
        var letters = letters(tokens);
        if (letters.length != horizon * dims) {
            throw new IllegalArgumentException(
                    "%d FAST tokens are not a chunk: %d coefficients, %d actions of %d values need %d; decode under a Progress"
                            .formatted(
                                    tokens.length, letters.length, horizon, dims, horizon * dims));
        }
        return chunk(letters);
    }

    /// As [#decode], of any number of coefficients, as LeRobot reads them: those that are missing
    /// are zero, those that are too many are dropped.
    ///
    /// @throws IllegalArgumentException if ids do not exist, or characters are broken
    public float[][] decodeAnyLength(long... tokens) {
        var letters = letters(tokens);
        var whole = Arrays.copyOf(letters, horizon * dims);
        if (letters.length < whole.length) {
            Arrays.fill(whole, letters.length, whole.length, -least);
        }
        return chunk(whole);
    }

    private int[] letters(long... tokens) {
        for (long token : tokens) {
            if (token < 0 || token >= size()) {
                throw new IllegalArgumentException(
                        "FAST token %d is not in 0 to %d".formatted(token, size() - 1));
            }
        }
        var letters = tokenizer.decode(tokens).codePoints().toArray();
        if (Arrays.stream(letters).anyMatch(c -> c == REPLACEMENT)) {
            throw new IllegalArgumentException(
                    "%d FAST tokens are not a chunk: %d coefficients with broken characters, %d actions of %d values need %d; decode under a Progress"
                            .formatted(
                                    tokens.length, letters.length, horizon, dims, horizon * dims));
        }
        return letters;
    }

    private float[][] chunk(int[] letters) {
        var chunk = new float[horizon][dims];
        for (int t = 0; t < horizon; t++) {
            for (int d = 0; d < dims; d++) {
                double sum = 0;
                for (int k = 0; k < horizon; k++) {
                    sum += waves[k][t] * (letters[k * dims + d] + least) / scale;
                }
                chunk[t][d] = (float) sum;
            }
        }
        return chunk;
    }

    /// Which tokens may come next, so that a chunk can always be completed. Made once, shared by
    /// all rows of a batch.
    public FastGrammar grammar() {
        return new FastGrammar(tokenizer.bytes(), horizon * dims);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
