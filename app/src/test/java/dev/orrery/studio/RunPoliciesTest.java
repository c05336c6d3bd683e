package dev.orrery.studio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.catalog.Catalog;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.run.ConfigBinder;
import dev.orrery.run.Progress;
import dev.orrery.run.Recipe;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.run.RunStopped;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunPoliciesTest {

    private static final List<String> TINY =
            List.of(
                    "demonstrations.perFamily=1",
                    "grounding.steps=0",
                    "training.steps=60",
                    "training.batch=8",
                    "training.draws=1");

    @TempDir static Path runs;

    /// A run that was stopped after its first step, as one that is still training looks.
    @BeforeAll
    static void train() {
        stopAfterOneStep(Catalog.ready("pi0").recipe());
    }

    private static <C extends Record> void stopAfterOneStep(Recipe<C> recipe) {
        var request = new ConfigBinder.Request(Optional.of("smoke"), List.of(), TINY);
        var config = ConfigBinder.resolve(recipe, request).config();
        var info = RunInfo.now("pi0", "smoke", 1, config);
        var progress = new FirstStep();
        try (var run = Run.create(runs.resolve("young"), info, progress)) {
            progress.stop = run::requestStop;
            assertThatThrownBy(() -> recipe.run(config, run)).isInstanceOf(RunStopped.class);
        }
    }

    /// Asks for a stop once training begins; a stop before it would end the recording.
    private static final class FirstStep implements Progress {
        private Runnable stop = () -> {};

        @Override
        public void stage(String name, long total) {
            if (name.startsWith("training")) {
                stop.run();
            }
        }

        @Override
        public void at(long done, String highlights) {}

        @Override
        public void note(String line) {}
    }

    @Test
    void aRunInTrainingOffersItsNewestPolicyAndThoseOfEarlierSteps() {
        var choices = new RunPolicies(runs).choices();
        assertThat(choices)
                .extracting(PolicySource.Choice::id)
                .containsExactly("young/policy", "young/step-00000001");
        assertThat(choices)
                .extracting(PolicySource.Choice::name)
                .containsExactly("young, newest", "young, step 1");
        assertThat(choices.getFirst().skill().trained())
                .containsExactlyInAnyOrder(Family.REACH, Family.BUTTON, Family.PICK);
        assertThat(choices.getFirst().skill().measured()).isEmpty();
    }

    @Test
    void aPolicyTakesTheFirstActionsOfEachChunkAndTellsWhichAreOutlook() {
        try (var policy = new RunPolicies(runs).open("young/step-00000001")) {
            policy.reset(1);
            var seen = new Tabletop().reset(3);
            var first = policy.decide(seen);
            assertThat(first.fresh()).isTrue();
            assertThat(first.committed()).isEqualTo(2);
            assertThat(first.chunk()).hasSize(8);
            var second = policy.decide(seen);
            assertThat(second.fresh()).isFalse();
            assertThat(second.committed()).isEqualTo(1);
            assertThat(second.action()).isSameAs(first.chunk().get(1));
            assertThat(policy.decide(seen).fresh()).isTrue();
        }
    }

    @Test
    void whatIsNotThereIsRefusedByName() throws Exception {
        var policies = new RunPolicies(runs);
        assertThatThrownBy(() -> policies.open("young/step-00000009"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("holds no policy 'step-00000009'");
        assertThatThrownBy(() -> policies.open("old/policy"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no run 'old'");
        Files.createDirectories(runs.resolve("broken"));
        Files.writeString(runs.resolve("broken/config.json"), "{");
        assertThat(policies.choices()).hasSize(2);
    }
}
