package dev.orrery.system.pi0;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.lm.GemmaConfig;
import dev.orrery.run.Progress;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.run.RunStopped;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A run is stopped in each of its stages.
class Pi0StopTest {

    private static final long SEED = 3;

    @TempDir Path folder;

    private static Pi0Config config() {
        var model = Pi0Config.Model.tabletop();
        var shallow = new GemmaConfig(96, 1, 32, 4, 1, 24);
        return new Pi0Config(
                new Pi0Config.Model(model.variant(), model.vision(), shallow, shallow, model.io()),
                new Pi0Config.Demonstrations(List.of("pick"), 3, ""),
                new Pi0Config.Grounding(0, 4, 1e-3),
                new Pi0Config.Training(51, 2, 1, 1e-3, 0, ActionHead.FLOW, ActionHead.Times.BETA),
                new Pi0Config.Evaluation(2, 8, 1));
    }

    private static final Pi0Config CONFIG = config();

    /// Asks a run to stop as soon as a stage begins.
    private static final class StopsAt implements Progress {
        private final String stage;
        private final List<String> stages = new ArrayList<>();
        private Run run;

        StopsAt(String stage) {
            this.stage = stage;
        }

        @Override
        public void stage(String name, long total) {
            stages.add(name + " " + total);
            if (name.equals(stage)) {
                run.requestStop();
            }
        }

        @Override
        public void at(long done, String detail) {}

        @Override
        public void note(String line) {}
    }

    private Run run(String name, StopsAt progress) {
        var info = RunInfo.now("pi0", "custom", SEED, CONFIG);
        progress.run = Run.create(folder.resolve(name), info, progress);
        return progress.run;
    }

    @Test
    void aRunThatIsStoppedWhileRecordingOrEvaluatingEndsAsIfItHadNotBeen() {
        var recipe = new Pi0Recipe();
        var undisturbed = new StopsAt("never");
        List<Double> whole;
        try (var run = run("whole", undisturbed)) {
            whole = List.copyOf(recipe.run(CONFIG, run).metrics().values());
        }
        assertThat(undisturbed.stages)
                .containsExactly(
                        "recording demonstrations 3",
                        "training pi0 51",
                        "evaluating 2",
                        "keeping episodes 2");
        for (var stage : List.of("recording demonstrations", "evaluating", "keeping episodes")) {
            try (var run = run(stage, new StopsAt(stage))) {
                assertThatThrownBy(() -> recipe.run(CONFIG, run))
                        .isInstanceOf(RunStopped.class)
                        .hasMessageContaining("while " + stage);
            }
            try (var run = Run.reopen(folder.resolve(stage), Progress.silent())) {
                assertThat(recipe.run(CONFIG, run).metrics().values())
                        .as("after a stop while %s", stage)
                        .containsExactlyElementsOf(whole);
            }
        }
    }
}
