package dev.orrery.policy.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;

/// Adapters of two runs, compared.
public final class AdapterFiles {

    private static final String WEIGHTS = "adapter/adapter_model.safetensors";

    private AdapterFiles() {}

    /// Both runs kept the same adapter, to the bit.
    public static void areTheSame(Path run, Path other) {
        try (var _ = TensorScope.open()) {
            var one = Safetensors.read(run.resolve(WEIGHTS));
            var two = Safetensors.read(other.resolve(WEIGHTS));
            assertThat(two.keySet()).isEqualTo(one.keySet());
            one.forEach((name, t) -> assertThat(two.get(name).equal(t)).as(name).isTrue());
        }
    }
}
