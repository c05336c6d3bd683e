package dev.orrery.system.genie;

import dev.orrery.checkpoint.Weights;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// Opens GenieRedux's published weights: PyTorch's files, of which nothing is run, or safetensors.
///
/// Names are those of the files' dictionaries, joined by dots, with or without a leading `model.`:
/// a tokenizer's are bare (`encoder.layers.0.0.…`), GenieRedux's begin with `dynamics.` or
/// `latent_action_model.`. Sizes come from the shapes. Loading is strict: missing, unexpected and
/// misshapen names are listed together.
public final class GenieReduxWeights {

    private static final String MODEL = "model.";

    static final String DYNAMICS = "dynamics.", ACTIONS = "latent_action_model.";

    private GenieReduxWeights() {}

    /// The tokenizer in a file.
    ///
    /// @throws IllegalArgumentException if names or shapes do not fit
    public static GenieReduxVideo tokenizer(Path file) {
        try (var _ = TensorScope.open()) {
            return video(read(file, ""));
        }
    }

    /// The latent action model in a file of GenieRedux; guided models have none.
    ///
    /// @throws IllegalArgumentException if names or shapes do not fit
    public static GenieReduxVideo actions(Path file) {
        try (var _ = TensorScope.open()) {
            return video(read(file, ACTIONS));
        }
    }

    /// The dynamics in a file of GenieRedux, guided or not.
    ///
    /// @throws IllegalArgumentException if names or shapes do not fit
    public static GenieReduxDynamics dynamics(Path file) {
        try (var _ = TensorScope.open()) {
            var weights = read(file, DYNAMICS);
            long heads =
                    GenieReduxConfig.shape(weights, "maskgit.continuous_pos_bias.net.2.weight", 2)[
                            0];
            var config = GenieReduxConfig.of(weights, "maskgit.transformer.", heads);
            var sizes = GenieReduxConfig.dynamics(weights);
            var model = Module.unset(() -> new GenieReduxDynamics(config, sizes, Seed.of(0)));
            model.load(weights);
            return model;
        }
    }

    private static GenieReduxVideo video(Map<String, Tensor> weights) {
        long heads = GenieReduxConfig.shape(weights, "spatial_rel_pos_bias.net.2.weight", 2)[0];
        var config = GenieReduxConfig.of(weights, "encoder.", heads);
        var codes = GenieReduxConfig.codes(weights);
        var model = Module.unset(() -> new GenieReduxVideo(config, codes, Seed.of(0)));
        model.load(weights);
        return model;
    }

    /// Tensors whose names begin with a prefix, without it.
    private static Map<String, Tensor> read(Path file, String prefix) {
        var out = new LinkedHashMap<String, Tensor>();
        var all = Weights.read(file);
        boolean whole = all.keySet().stream().anyMatch(name -> name.startsWith(MODEL));
        all.forEach((name, tensor) -> {
            if (whole && !name.startsWith(MODEL)) return; // the rest of a training's state
            var bare = whole ? name.substring(MODEL.length()) : name;
            if (bare.startsWith(prefix)) out.put(bare.substring(prefix.length()), tensor);
        });
        if (out.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s: no name begins with '%s'; there are %d, the first %s"
                            .formatted(
                                    file,
                                    prefix,
                                    all.size(),
                                    all.keySet().stream().limit(3).toList()));
        }
        return out;
    }
}
