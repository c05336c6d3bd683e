package dev.orrery.system.genie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.clips.Clip;
import dev.orrery.data.clips.MemoryClips;
import dev.orrery.env.Film;
import dev.orrery.env.Image;
import dev.orrery.env.platformer.Level;
import dev.orrery.env.platformer.Platformer;
import dev.orrery.env.platformer.PlatformerAction;
import dev.orrery.run.Progress;
import dev.orrery.system.genie.GenieConfig.Fit;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenieDataTest {

    private static GenieConfig.Data config(int frames, int side) {
        return new GenieConfig.Data("", frames, 8, side, side, Fit.EXACT, 0.5, 0.2);
    }

    @Test
    void clipsAreWhatTheActionsMakeOfTheLevel() {
        try (var _ = TensorScope.open();
                var data = GenieData.of(config(600, 64), Seed.of(1), Progress.silent())) {
            var clips = data.heldOutClips();
            for (int e = 0; e < clips.episodes().size(); e++) {
                var clip = clips.episodes().get(e);
                var world = new Platformer();
                world.begin(Level.of(Long.parseLong(clip.name().substring(6))));
                var actions = clips.actions(e);
                for (int t = 0; t < clip.frames(); t++) {
                    assertThat(clips.frames(e, t, 1)).isEqualTo(world.picture().rgb());
                    if (t + 1 < clip.frames()) {
                        world.advance(PlatformerAction.values()[actions[t]]);
                    }
                }
            }
        }
    }

    @Test
    void noLevelIsInBothParts() {
        var seed = Seed.of(3);
        for (int e = 0; e < 200; e++) {
            assertThat(GenieData.level(seed, e, 0) % 2).isZero();
            assertThat(GenieData.level(seed, e, 1) % 2).isOne();
        }
    }

    @Test
    void batchesAreSeededAndLieWithinEpisodes() {
        try (var _ = TensorScope.open();
                var data = GenieData.of(config(600, 32), Seed.of(1), Progress.silent());
                var again = GenieData.of(config(600, 32), Seed.of(1), Progress.silent())) {
            var batch = data.batch(4, Seed.of(2));
            assertThat(batch.rgb().shape()).containsExactly(4, 8, 32, 32, 3);
            assertThat(batch.actions().shape()).containsExactly(4, 7);
            assertThat(batch.actions().min().item()).isNotNegative();
            assertThat(again.batch(4, Seed.of(2)).rgb().equal(batch.rgb())).isTrue();
            assertThat(data.batch(4, Seed.of(3)).rgb().equal(batch.rgb())).isFalse();
            assertThat(batch.pixels().max().item()).isBetween(0.5, 1.0);
        }
    }

    @Test
    void pairsAreTheFirstFramesOfAsManyMoreClips() {
        var budget = new BudgetConfig(10, 3, 1e-3, 1e-4, 2, 0.7);
        assertThat(budget.portion(6, 8)).isEqualTo(new BudgetConfig.Portion(12, 2));
        assertThat(budget.portion(7, 8)).isEqualTo(new BudgetConfig.Portion(3, 8));
        var pairs = new BudgetConfig.Portion(5, 2);
        assertThat(pairs.of(0, 2)).isEqualTo(new BudgetConfig.Portion(2, 2));
        assertThat(pairs.of(1, 2)).isEqualTo(new BudgetConfig.Portion(3, 2));
        try (var data = GenieData.of(config(400, 32), Seed.of(1), Progress.silent());
                var _ = TensorScope.open()) {
            var batch = data.batch(pairs, Seed.of(2));
            var whole = data.batch(5, Seed.of(2));
            assertThat(batch.rgb().equal(whole.rgb().narrow(1, 0, 2))).isTrue();
            assertThat(batch.actions().equal(whole.actions().narrow(1, 0, 1))).isTrue();
        }
    }

    @Test
    void noThreadIsLeftWithoutAClip() {
        var smoke = GenieConfig.smoke();
        int least = smoke.dynamics().budget().batch();
        assertThat(smoke.shares(2)).isEqualTo(2);
        assertThat(smoke.shares(64)).isEqualTo(least);
        for (var budget : List.of(smoke.tokenizer().budget(), smoke.latentActions().budget())) {
            for (int share = 0; share < least; share++) {
                assertThat(budget.portion(0, 8).of(share, least).clips()).isPositive();
                assertThat(budget.portion(99, 8).of(share, least).clips()).isPositive();
            }
        }
    }

    @Test
    void aShareOfPairsIsAShare() {
        assertThatThrownBy(() -> new BudgetConfig(10, 3, 1e-3, 1e-4, 2, 1.5))
                .hasMessage("genie: pairs 1.5 is a share of the steps; use 0 to 1");
    }

    @Test
    void halfOfTheFramesAreTheRunners() {
        try (var data = GenieData.of(config(4000, 32), Seed.of(1), Progress.silent())) {
            assertThat(data.frames()).isBetween(4000L, 4008L);
            assertThat(data.actionNames()).contains("JUMP_RIGHT").hasSize(6);
        }
    }

    @Test
    void videosThatAreTooShortOrOfAnotherSizeAreNamed() {
        var clips = clips(5, 16);
        assertThatThrownBy(() -> GenieData.of(config(100, 16), clips, clips))
                .hasMessageContaining("windows of 8 frames: the longest of 1 episodes has 5");
        assertThatThrownBy(() -> GenieData.of(config(100, 64), clips, clips))
                .hasMessage(
                        "genie: the videos are 16 x 16 pixels, the model 64 x 64; resize them or"
                                + " set data.width and data.height");
    }

    @Test
    void aFolderOfPicturesIsLearnedFrom(@TempDir Path folder) throws IOException {
        for (int episode = 0; episode < 3; episode++) {
            var run = Files.createDirectory(folder.resolve("run" + episode));
            for (int t = 0; t < 9; t++) {
                var rgb = new byte[20 * 20 * 3];
                Arrays.fill(rgb, (byte) (10 * t + episode));
                Film.png(run.resolve("frame%d.png".formatted(t)), new Image(20, 20, rgb));
            }
        }
        var config = new GenieConfig.Data(folder.toString(), 100, 8, 16, 16, Fit.EXACT, 0, 0.3);
        try (var _ = TensorScope.open();
                var data = GenieData.of(config, Seed.of(1), Progress.silent())) {
            assertThat(data.size()).isEqualTo(4);
            assertThat(data.heldOutSize()).isEqualTo(2);
            assertThat(data.actionNames()).isEmpty();
            assertThat(data.firstFrames(8)).hasSize(1);
            var batch = data.batch(2, Seed.of(3));
            assertThat(batch.rgb().shape()).containsExactly(2, 8, 16, 16, 3);
            assertThat(batch.actions().max().item()).isEqualTo(-1);
        }
    }

    private static MemoryClips clips(int frames, int side) {
        var gathering = MemoryClips.gather(side, side, 10, List.of());
        gathering.begin("short");
        for (int t = 0; t < frames; t++) {
            var frame = new byte[side * side * 3];
            Arrays.fill(frame, (byte) t);
            gathering.frame(frame);
        }
        gathering.end();
        var clips = gathering.done();
        assertThat(clips.episodes()).containsExactly(new Clip("short", frames));
        return clips;
    }
}
