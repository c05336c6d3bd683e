package dev.orrery.system.pi0;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.optim.Ema;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.Norms;
import dev.orrery.policy.Statistics;
import dev.orrery.run.Run;
import dev.orrery.run.RunState;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Pi0SnapshotsTest {

    private static final Pi0Recipe RECIPE = new Pi0Recipe();
    private static final long FIRST = Pi0Config.smoke().grounding().steps();
    private static final String EARLY = Pi0Snapshots.name(FIRST + 50),
            LATE = Pi0Snapshots.name(FIRST + 100);

    @TempDir Path folder;
    private Run run;
    private Pi0Trainee trainee;
    private Ema ema;

    /// A run of which three saves exist, the first of them in stage 0, written as training does.
    @BeforeEach
    void saveThreeTimes() {
        var config = Pi0Config.smoke();
        run = Run.create(folder.resolve("pi0"), "pi0", config, 1);
        trainee = new Pi0Trainee(config, Seed.of(1));
        ema = new Ema(trainee.pi0.namedParameters(), .5);
        save(FIRST - 1, .01);
        save(FIRST + 49, .02);
        save(FIRST + 99, .03);
    }

    @AfterEach
    void close() {
        run.close();
    }

    private void save(long step, double change) {
        var flat = Statistics.of(List.of(new float[] {0, 0, 0, 0}, new float[] {1, 1, 1, 1}));
        try (var _ = Grad.disabled()) {
            trainee.pi0
                    .namedParameters()
                    .forEach((name, p) ->
                            p.add_(Seed.of(step).split(name).normal(p.shape()), change));
        }
        ema.update();
        try (var _ = ema.applied()) {
            Pi0Checkpoint.tabletop(trainee.pi0, Norms.of(flat, flat, Norms.Rule.MEAN_STD))
                    .save(run.folder().resolve("policy"));
        }
        run.save(step, RunState.of(trainee).with(ema));
    }

    private float[][] chunk(String name) {
        var ready = RECIPE.open(run.folder(), name);
        ready.policy().reset(3);
        var chunk = ready.policy().chunk(new Tabletop().reset(5), ChunkPolicy.Held.NONE);
        ready.close().run();
        return chunk;
    }

    @Test
    void everySaveOfTheSecondStageCanBePlayedNextToTheNewest() {
        assertThat(RECIPE.policies(run.folder())).containsExactly("policy", LATE, EARLY);
        assertThat(chunk(LATE)).isDeepEqualTo(chunk("policy"));
        assertThat(chunk(EARLY)[0]).isNotEqualTo(chunk("policy")[0]);
        assertThat(RECIPE.trained(run.folder())).containsExactly("reach", "button", "pick");
    }

    @Test
    void weightsKeptForPlayingOutliveTheCheckpointsAndEqualThem() throws Exception {
        var before = chunk(LATE);
        try (var _ = ema.applied()) {
            Pi0Snapshots.of(run.folder()).keep(FIRST + 100, trainee.pi0);
        }
        for (var checkpoint : run.checkpoints().all()) {
            Files.delete(checkpoint);
        }
        assertThat(RECIPE.policies(run.folder())).containsExactly("policy", LATE);
        assertThat(chunk(LATE)).isDeepEqualTo(before);
    }

    @Test
    void onlyFilesThatAreWhollyThereCount() throws Exception {
        var unfinished = run.folder().resolve("policies/.step-00000900.safetensors.7.unfinished");
        Files.createDirectories(unfinished.getParent());
        Files.writeString(unfinished, "half");
        assertThat(RECIPE.policies(run.folder())).doesNotContain("step-00000900");
        Files.delete(run.folder().resolve("policy/norm_stats.json"));
        assertThat(RECIPE.policies(run.folder())).isEmpty();
        assertThatThrownBy(() -> RECIPE.open(run.folder(), EARLY))
                .hasMessageContaining("holds no policy '%s'".formatted(EARLY));
    }
}
