package dev.orrery.system.pi0;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.Norms;
import dev.orrery.policy.Statistics;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Pi0PolicyTest {

    @TempDir Path folder;
    private Pi0Policy policy;

    @BeforeEach
    void saveAndOpen() {
        var pi0 = new Pi0(Pi0Config.Model.tabletop(), Seed.of(1));
        try (var _ = Grad.disabled()) {
            pi0.namedParameters()
                    .forEach((name, p) -> p.add_(Seed.of(2).split(name).normal(p.shape()), 0.02));
        }
        var spread = Statistics.of(List.of(new float[] {0, 0, 0, 0}, new float[] {1, 1, 1, 1}));
        Pi0Checkpoint.tabletop(pi0, Norms.of(spread, spread, Norms.Rule.MEAN_STD)).save(folder);
        policy = Pi0Checkpoint.open(folder).policy(3);
    }

    @Test
    void equalSeedsGiveEqualChunksAndOthersDoNot() {
        var seen = new Tabletop().reset(5);
        policy.reset(1);
        var first = policy.chunk(seen, ChunkPolicy.Held.NONE);
        var second = policy.chunk(seen, ChunkPolicy.Held.NONE);
        policy.reset(1);
        assertThat(policy.chunk(seen, ChunkPolicy.Held.NONE)).isDeepEqualTo(first);
        assertThat(first).hasDimensions(8, 4);
        assertThat(second[0]).isNotEqualTo(first[0]);
    }

    @Test
    void aChunkThatContinuesAnotherKeepsToItsFrozenActions() {
        var seen = new Tabletop().reset(5);
        policy.reset(1);
        var free = policy.chunk(seen, ChunkPolicy.Held.NONE);
        var old = new float[8][];
        for (int h = 0; h < 8; h++) {
            old[h] = new float[] {.9f, .1f, .9f, .1f};
        }
        policy.reset(1);
        var held = policy.chunk(seen, new ChunkPolicy.Held(old, 4));
        assertThat(distance(held[0], old[0])).isLessThan(distance(free[0], old[0]) / 2);
    }

    @Test
    void severalRobotsAskedTogetherGetWhatEachWouldGetAlone() {
        var old = new float[6][];
        for (int h = 0; h < old.length; h++) {
            old[h] = new float[] {.1f * h, .2f, .3f, -.5f};
        }
        var none = ChunkPolicy.Held.NONE;
        var questions =
                List.of(
                        new ChunkPolicy.Question(new Tabletop().reset(5), none, 11),
                        new ChunkPolicy.Question(
                                new Tabletop().reset(6), new ChunkPolicy.Held(old, 2), 12),
                        new ChunkPolicy.Question(new Tabletop().reset(7), none, 13),
                        new ChunkPolicy.Question(
                                new Tabletop().reset(8),
                                new ChunkPolicy.Held(Arrays.copyOf(old, 3), 1),
                                14));
        var together = policy.chunks(questions);
        for (int i = 0; i < questions.size(); i++) {
            policy.reset(questions.get(i).seed());
            var alone = policy.chunk(questions.get(i).observation(), questions.get(i).held());
            for (int h = 0; h < alone.length; h++) {
                assertThat(together.get(i)[h])
                        .as("robot %d", i)
                        .containsExactly(alone[h], within(1e-5f));
            }
        }
        assertThat(together.get(0)).isNotEqualTo(together.get(2));
        assertThat(policy.continues()).isTrue();
    }

    private static double distance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }

    @Test
    void wrongObservationsAreNamed() {
        var seen = new Tabletop().reset(5);
        var held = ChunkPolicy.Held.NONE;
        assertThatThrownBy(() -> policy.chunk(seen.withText(" "), held))
                .hasMessageContaining("prompt is empty");
        var blind = new Observation(new LinkedHashMap<>(), seen.state(), seen.text());
        assertThatThrownBy(() -> policy.chunk(blind, held)).hasMessageContaining("overhead");
        var felt = new Observation(seen.images(), new float[5], seen.text());
        assertThatThrownBy(() -> policy.chunk(felt, held)).hasMessageContaining("5 values");
        assertThatThrownBy(() -> policy.batched(9)).hasMessageContaining("execute 1 to 8");
    }

    @Test
    void aFolderWithoutStatisticsOrWithOtherSizesIsRefused() throws Exception {
        var config = Files.readString(folder.resolve("config.json"));
        Files.writeString(
                folder.resolve("config.json"),
                config.replaceFirst("\"vocabulary\" : \\d+", "\"vocabulary\" : 7"));
        assertThatThrownBy(() -> Pi0Checkpoint.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("lm_head");
        Files.delete(folder.resolve("norm_stats.json"));
        assertThatThrownBy(() -> Pi0Checkpoint.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("norm_stats.json");
    }
}
