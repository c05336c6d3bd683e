package dev.orrery.system.genie;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Weights;
import dev.orrery.nn.Module;
import dev.orrery.run.ConfigBinder;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;

/// Opens the models that 1X published: a folder with `config.json` and `model.safetensors`.
///
/// Loading is strict: missing, unexpected and misshapen names are listed together.
public final class OneXWeights {

    private OneXWeights() {}

    /// The model in a folder.
    ///
    /// @throws CheckpointException if files are missing or damaged
    /// @throws IllegalArgumentException if configuration, names or shapes do not fit
    public static OneXMaskGit load(Path folder) {
        var config = folder.resolve("config.json");
        if (!Files.isRegularFile(config)) {
            throw new CheckpointException(
                    folder,
                    "config.json",
                    "there is no such file",
                    "copy it beside the weights: head counts and muP stand only there");
        }
        try (var _ = TensorScope.open()) {
            var sizes = OneXConfig.read(ConfigBinder.readObject(config));
            var tensors = Weights.read(folder);
            var model = Module.unset(() -> new OneXMaskGit(sizes, Seed.of(0)));
            model.load(tensors);
            return model;
        }
    }
}
