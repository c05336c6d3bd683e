package dev.orrery.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.orrery.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResumeTest {

    @TempDir Path folder;

    @Test
    void aRunThatWasBrokenOffGoesOnBitForBit() throws IOException {
        var whole = new ArrayList<Double>();
        try (var run = create("whole")) {
            train(run, 20, 100, whole);
        }
        var broken = new ArrayList<Double>();
        try (var run = create("broken")) {
            train(run, 13, 5, broken);
        }
        try (var run = Run.reopen(folder.resolve("broken"), Progress.silent())) {
            train(run, 20, 5, broken.subList(0, 10));
        }
        var log = Metrics.read(folder.resolve("broken"));
        assertThat(log).extracting(e -> e.values().get("loss")).isEqualTo(whole);
        assertThat(log).extracting(Metrics.Entry::step).doesNotHaveDuplicates();
    }

    @Test
    void aStopSavesAndSaysHowToGoOn() {
        try (var run = create("stopped")) {
            run.requestStop();
            assertThatExceptionOfType(RunStopped.class)
                    .isThrownBy(() -> train(run, 20, 100, new ArrayList<>()))
                    .withMessageContaining("stopped after step 1")
                    .withMessageContaining("orrery train sample --resume --run-dir");
            assertThat(run.checkpoints().all()).hasSize(1);
        }
    }

    @Test
    void theNewestCheckpointsAreKept() {
        try (var run = create("many")) {
            train(run, 20, 2, new ArrayList<>());
            assertThat(run.checkpoints().all())
                    .extracting(Checkpoints::steps)
                    .containsExactly(20L, 18L, 16L);
        }
    }

    @Test
    void aDamagedCheckpointIsPassedOver() throws IOException {
        var notes = new ArrayList<String>();
        try (var run = create("damaged")) {
            train(run, 10, 5, new ArrayList<>());
            Files.writeString(run.checkpoints().all().getFirst(), "not a checkpoint");
            var state = new Weight().state();
            assertThat(run.checkpoints().restore(state, listening(notes))).hasValue(5L);
        }
        assertThat(notes).singleElement().asString().contains("step-00000010.safetensors");
    }

    @Test
    void aFlippedBitIsFoundAndTheStateBeforeIsTaken() throws IOException {
        var notes = new ArrayList<String>();
        try (var run = create("flipped")) {
            train(run, 10, 5, new ArrayList<>());
            var newest = run.checkpoints().all().getFirst();
            var bytes = Files.readAllBytes(newest);
            bytes[bytes.length - 3] ^= 4;
            Files.write(newest, bytes);
            var state = new Weight().state();
            assertThat(run.checkpoints().restore(state, listening(notes))).hasValue(5L);
        }
        assertThat(notes)
                .singleElement()
                .asString()
                .contains("step-00000010.safetensors: 'weight/value': has checksum");
    }

    private static void train(Run run, int steps, int saveEvery, List<Double> losses) {
        var weight = new Weight();
        var state = weight.state();
        for (long step = run.resume(state); step < steps; step++) {
            double loss = weight.step(run.seed(step).uniforms(1)[0]);
            losses.add(loss);
            run.log(step, "loss", loss);
            if (run.every(step, saveEvery)) {
                run.save(step, state);
            }
        }
    }

    /// A model of one number, moved by random steps.
    private static final class Weight {
        private float value;

        double step(float random) {
            value = value * 0.9f + random;
            return value;
        }

        RunState state() {
            return RunState.empty()
                    .with(
                            "weight",
                            () -> Map.of("value", Tensor.of(new float[] {value}, 1)),
                            tensors -> value = tensors.get("value").toFloats()[0]);
        }
    }

    private static Progress listening(List<String> notes) {
        return new Progress() {
            @Override
            public void stage(String name, long total) {}

            @Override
            public void at(long done, String detail) {}

            @Override
            public void note(String line) {
                notes.add(line);
            }
        };
    }

    private Run create(String name) {
        return Run.create(folder.resolve(name), "sample", Sample.laptop(), 7);
    }
}
