package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointConvertVerbTest {

    @TempDir Path folder;

    @Test
    void weightsAreSplitInAnotherTypeAndJoinedAgain() {
        var file = folder.resolve("all.safetensors");
        var shards = folder.resolve("shards");
        var joined = folder.resolve("joined.safetensors");
        try (var _ = TensorScope.open()) {
            var real = Seed.of(1).normal(20, 25);
            Safetensors.write(
                    file, Map.of("a", real, "b", real.add(1), "n", Tensor.of(new long[] {3}, 1)));
            assertThat(run(file, shards, "--dtype", "bf16", "--shard-size", "1KB"))
                    .isEqualTo(Main.DONE);
            assertThat(shards.resolve("model-00003-of-00003.safetensors")).exists();
            assertThat(run(shards, joined)).isEqualTo(Main.DONE);
            var read = Safetensors.read(joined);
            assertThat(read).containsOnlyKeys("a", "b", "n");
            assertThat(read.get("a").equal(real.to(DType.BF16))).isTrue();
            assertThat(read.get("n").toLongs()).containsExactly(3);
        }
        assertThat(run(file, joined)).as("there already").isEqualTo(Main.USAGE);
        assertThat(run(file, folder.resolve("x"), "--dtype", "int8")).isEqualTo(Main.USAGE);
        assertThat(run(file, folder.resolve("x"), "--shard-size", "some")).isEqualTo(Main.USAGE);
        assertThat(folder.resolve("x")).doesNotExist();
    }

    private static int run(Object... args) {
        var words = new ArrayList<>(List.of("checkpoint", "convert"));
        for (var arg : args) words.add(arg.toString());
        var quiet = new PrintWriter(new StringWriter());
        return Main.commandLine().setOut(quiet).setErr(quiet).execute(words.toArray(String[]::new));
    }
}
