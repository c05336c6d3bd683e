package dev.orrery.system.genie;

import dev.orrery.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Pattern;

/// The sizes of a GenieRedux transformer; published weights have all of them in their shapes.
///
/// @param width channels D
/// @param heads attention heads
/// @param headWidth channels of a head
/// @param hidden feed-forward channels
/// @param blocks of each stack
public record GenieReduxConfig(int width, int heads, int headWidth, int hidden, int blocks) {

    private static final Pattern LAYER = Pattern.compile("layers\\.(\\d{1,4})\\.");

    public GenieReduxConfig {
        if (width < 1 || heads < 1 || headWidth < 1 || hidden < 1 || blocks < 1) {
            throw new IllegalArgumentException(
                    "GenieRedux: width %d, %d heads of %d, %d hidden, %d blocks; all must be 1 or more"
                            .formatted(width, heads, headWidth, hidden, blocks));
        }
    }

    /// Patches and codes of a tokenizer or a latent action model.
    ///
    /// @param patch side of a patch in pixels
    /// @param codes K
    /// @param codeWidth channels of a code
    /// @param places patches in a frame, which only a latent action model fixes; 0 for a tokenizer
    public record Codes(int patch, int codes, int codeWidth, int places) {}

    /// What only the dynamics have.
    ///
    /// @param codes K of the tokenizer
    /// @param actions channels of an action that are appended; 0 where they are added
    /// @param longest most tokens of a video
    public record Dynamics(int codes, int actions, int longest) {}

    /// @param prefix of the stack, such as `encoder.`
    /// @param heads by the stack's bias of distances
    static GenieReduxConfig of(Map<String, Tensor> weights, String prefix, long heads) {
        var attention = prefix + "layers.0.0.spatial_attention.";
        int blocks = 0;
        for (var name : weights.keySet()) {
            var match = LAYER.matcher(name);
            if (name.startsWith(prefix) && match.find(prefix.length())) {
                blocks = Math.max(blocks, Integer.parseInt(match.group(1)) + 1);
            }
        }
        return new GenieReduxConfig(
                (int) shape(weights, prefix + "norm_out.gamma", 1)[0],
                (int) heads,
                (int) shape(weights, attention + "q_scale", 1)[0],
                (int) shape(weights, prefix + "layers.0.0.spatial_ff.4.weight", 2)[1],
                blocks);
    }

    static Codes codes(Map<String, Tensor> weights) {
        long pixels = shape(weights, "to_patch_emb.1.weight", 1)[0];
        int patch = (int) Math.round(Math.sqrt(pixels / 3.0));
        if (3L * patch * patch != pixels) {
            throw new IllegalArgumentException(
                    "GenieRedux: patches of %d numbers are no square of RGB pixels in one frame; patches over several frames are not supported"
                            .formatted(pixels));
        }
        var book = shape(weights, "vq._codebook.embed", 3);
        var actions = weights.get("to_action_emb.1.weight");
        int places =
                actions == null
                        ? 0
                        : (int)
                                (shape(weights, "to_action_emb.1.weight", 2)[1]
                                        / shape(weights, "to_action_emb.1.weight", 2)[0]);
        return new Codes(patch, (int) book[1], (int) book[2], places);
    }

    static Dynamics dynamics(Map<String, Tensor> weights) {
        var embedding = shape(weights, "maskgit.token_emb.weight", 2);
        int width = (int) shape(weights, "maskgit.transformer.norm_out.gamma", 1)[0];
        return new Dynamics(
                (int) embedding[0] - 1,
                (int) (width - embedding[1]),
                (int) shape(weights, "maskgit.pos_emb.weight", 2)[0]);
    }

    static long[] shape(Map<String, Tensor> weights, String name, int rank) {
        var tensor = weights.get(name);
        if (tensor == null || tensor.rank() != rank) {
            throw new IllegalArgumentException(
                    "these are not such GenieRedux weights: '%s' is %s, it needs %d axes; there are %d names, the first %s"
                            .formatted(
                                    name,
                                    tensor == null ? "missing" : Arrays.toString(tensor.shape()),
                                    rank,
                                    weights.size(),
                                    weights.keySet().stream().limit(3).toList()));
        }
        return tensor.shape();
    }
}
