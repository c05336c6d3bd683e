package dev.orrery.system.genie;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The sizes of a published 1X GENIE model, as its `config.json` says.
///
/// @param layers blocks
/// @param heads attention heads
/// @param width channels D
/// @param frames T, the only number of frames it takes
/// @param tokens S of a frame, a square
/// @param vocabulary token ids
/// @param block how its blocks are built
public record OneXConfig(
        int layers,
        int heads,
        int width,
        int frames,
        int tokens,
        Vocabulary vocabulary,
        Block block) {

    /// Width at which muP was tuned; it scales the output.
    static final int MUP_WIDTH = 256;

    private static final Set<String> KNOWN =
            Set.of(
                    "num_layers",
                    "num_heads",
                    "d_model",
                    "T",
                    "S",
                    "image_vocab_size",
                    "use_mup",
                    "num_factored_vocabs",
                    "factored_vocab_size",
                    "max_corrupt_rate",
                    "non_mlm_ratio",
                    "num_prompt_frames",
                    "qkv_bias",
                    "proj_bias",
                    "attn_drop",
                    "qk_norm",
                    "mlp_ratio",
                    "mlp_drop",
                    "mlp_bias");

    /// Ids whose digits in base `factor` are predicted each on their own; digit 0 is the lowest.
    ///
    /// @param size number of ids
    /// @param digits how many digits
    /// @param factor values of a digit; `factor^digits` is the size
    public record Vocabulary(int size, int digits, int factor) {

        /// @throws IllegalArgumentException if the size is no power of a whole number
        public static Vocabulary of(int size, int digits) {
            if (digits >= 1 && digits <= 8 && size >= 2) {
                int factor = (int) Math.round(Math.pow(size, 1.0 / digits));
                if (Math.round(Math.pow(factor, digits)) == size) {
                    return new Vocabulary(size, digits, factor);
                }
            }
            throw new IllegalArgumentException(
                    "1X GENIE: %d ids do not split into %d digits of one base; 262144 = 512^2 does"
                            .formatted(size, digits));
        }
    }

    /// @param queryKeyNorm norms of queries and keys in each head, in place of those before
    ///   attention and feed-forward layer
    /// @param muP scales of attention and output that do not depend on the width
    /// @param expand feed-forward channels as a multiple of D
    public record Block(
            boolean queryKeyNorm,
            boolean muP,
            boolean qkvBias,
            boolean projBias,
            boolean mlpBias,
            double expand) {}

    public OneXConfig {
        int side = (int) Math.round(Math.sqrt(tokens));
        if (layers < 1 || frames < 1 || tokens < 1 || side * side != tokens) {
            throw new IllegalArgumentException(
                    "1X GENIE: %d layers, %d frames of %d tokens; tokens are a square, all at least 1"
                            .formatted(layers, frames, tokens));
        }
        if (heads < 1 || width < 1 || width % heads != 0) {
            throw new IllegalArgumentException(
                    "1X GENIE: %d channels do not split over %d heads".formatted(width, heads));
        }
    }

    /// Channels of a head.
    public int headWidth() {
        return width / heads;
    }

    /// Channels of the feed-forward layer.
    public int hidden() {
        return (int) (width * block.expand());
    }

    /// What attention scores are multiplied by.
    double scale() {
        return block.muP() ? 8.0 / headWidth() : 1 / Math.sqrt(headWidth());
    }

    /// What the last layer's input is divided by.
    double readout() {
        return block.muP() ? (double) width / MUP_WIDTH : 1;
    }

    /// Reads a `config.json`, flat or under `config`.
    ///
    /// @throws IllegalArgumentException if a size is missing or a key is not known
    public static OneXConfig read(JsonNode file) {
        var json = file.has("config") ? file.path("config") : file;
        for (var name : json.propertyNames()) {
            if (!KNOWN.contains(name)) {
                throw new IllegalArgumentException(
                        "1X GENIE: config.json has '%s', which is not known; the nearest is '%s'"
                                .formatted(name, nearest(name)));
            }
        }
        return new OneXConfig(
                need(json, "num_layers"),
                need(json, "num_heads"),
                need(json, "d_model"),
                json.path("T").asInt(16),
                json.path("S").asInt(256),
                Vocabulary.of(
                        json.path("image_vocab_size").asInt(262_144),
                        json.path("num_factored_vocabs").asInt(1)),
                new Block(
                        json.path("qk_norm").asBoolean(true),
                        json.path("use_mup").asBoolean(false),
                        json.path("qkv_bias").asBoolean(false),
                        json.path("proj_bias").asBoolean(true),
                        json.path("mlp_bias").asBoolean(true),
                        json.path("mlp_ratio").asDouble(4)));
    }

    private static int need(JsonNode json, String name) {
        if (!json.path(name).isIntegralNumber()) {
            throw new IllegalArgumentException(
                    "1X GENIE: config.json needs %s, a whole number; got %s"
                            .formatted(name, json.path(name)));
        }
        return json.path(name).asInt();
    }

    private static String nearest(String name) {
        List<String> names = new ArrayList<>(KNOWN);
        names.sort(
                Comparator.comparingInt(
                                (String known) -> {
                                    int same = 0;
                                    while (same < Math.min(known.length(), name.length())
                                            && known.charAt(same) == name.charAt(same)) same++;
                                    return -same;
                                })
                        .thenComparing(Comparator.naturalOrder()));
        return names.getFirst();
    }
}
