package dev.orrery.lm.encoder;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.function.Predicate;

/// What encoders share: strict loading of published files, and padding as numbers added to scores.
final class EncoderFiles {

    private EncoderFiles() {}

    /// Maps weights into a model, all of them but those that are known to be of no use here.
    static void load(Module model, Path weights, Predicate<String> unused) {
        try (var _ = TensorScope.open()) {
            var state = new LinkedHashMap<>(Safetensors.read(weights));
            state.keySet().removeIf(unused);
            model.adopt(state);
        } catch (IllegalArgumentException e) {
            model.close();
            throw new CheckpointException(
                    weights,
                    "",
                    String.valueOf(e.getMessage()),
                    "use the config.json that was published with the weights");
        }
    }

    /// `(B, 1, 1, T)`: zero at tokens, the least float at padding.
    static Tensor hidden(Tensor mask) {
        return Tensor.where(
                        mask.to(DType.BOOL),
                        Tensor.scalar(0, DType.F32),
                        Tensor.scalar(-Float.MAX_VALUE, DType.F32))
                .unsqueeze(1)
                .unsqueeze(1);
    }
}
