package dev.orrery.vision.vit;

import dev.orrery.checkpoint.Weights;
import dev.orrery.lm.PublicConfig;
import dev.orrery.nn.Activation;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The sizes of a transformer in timm's layout: by its configuration, and what that does not say by
/// the names and shapes of its weights.
final class TimmSizes {

    private final PublicConfig config;
    private final Map<String, List<Long>> shapes = new HashMap<>();

    private TimmSizes(PublicConfig config, Path weights) {
        this.config = config;
        for (var header : Weights.inspect(weights)) {
            header.tensors().forEach(t -> shapes.put(t.name(), t.shape()));
        }
    }

    static TimmVit.Config read(PublicConfig config, Path weights) {
        return new TimmSizes(config, weights).sizes();
    }

    private TimmVit.Config sizes() {
        var input = TimmVit.Input.of(config.integer("img_size"), config.integer("patch_size"));
        boolean classified = config.flag("class_token", false);
        return new TimmVit.Config(
                layers(),
                input,
                classified ? config.integer("reg_tokens", 0) : -1,
                shapes.containsKey("blocks.0.ls1.gamma") ? "gamma" : "",
                new TimmVit.Form(
                        shapes.containsKey("blocks.0.attn.qkv.bias"),
                        gated(),
                        classified ? placed(input) : 0));
    }

    private VitConfig layers() {
        int width = config.integer("embed_dim");
        int hidden =
                gated()
                        ? size("blocks.0.mlp.fc2.weight", 1)
                        : (int) (width * config.number("mlp_ratio", 4));
        var activation = config.text("act", "gelu");
        return new VitConfig(
                width,
                config.integer("depth"),
                config.integer("num_heads"),
                hidden,
                activation.equals("gelu_tanh")
                        ? Activation.GELU_TANH
                        : Activation.named(activation),
                config.number("layer_norm_eps", 1e-6));
    }

    private boolean gated() {
        int inner = size("blocks.0.mlp.fc2.weight", 1);
        return inner > 0 && size("blocks.0.mlp.fc1.weight", 0) == 2 * inner;
    }

    private int placed(TimmVit.Input input) {
        return Math.max(0, size("pos_embed", 1) - input.tokens());
    }

    /// 0 if there is no such tensor or axis, which opening the weights will say.
    private int size(String name, int axis) {
        var shape = shapes.getOrDefault(name, List.of());
        return axis < shape.size() ? shape.get(axis).intValue() : 0;
    }
}
