package dev.orrery.env.tabletop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DemonstrationsTest {

    private static final List<Demonstration> SOME =
            Demonstrations.collect(List.of(Family.values()), 30, 11, Demonstrations.NOISE);

    @Test
    void equalSeedsRecordEqualEpisodes() {
        var again = Demonstrations.collect(List.of(Family.PICK), 3, 11, Demonstrations.NOISE);
        var first = SOME.get(Family.PICK.ordinal() * 30 + 2).episode();
        assertThat(again.get(2).episode().frames().getLast().observation().images())
                .isEqualTo(first.frames().getLast().observation().images());
    }

    @Test
    void nothingHeldOutEverOccurs() {
        for (var demonstration : SOME) {
            var task = demonstration.task();
            for (var part : Layout.parts(task)) {
                assertThat(part.blocks()).noneMatch(HeldOut::diagonal);
                assertThat(part.blocks()).doesNotContainAnyElementsOf(HeldOut.pairs(part.family()));
            }
            if (task instanceof Task.Then(var first, var second)) {
                assertThat(HeldOut.sequence(first.family(), second.family())).isFalse();
            }
            assertThat(Grammar.phrases(task, Grammar.Wording.TRAINING))
                    .contains(demonstration.instruction());
            assertThat(demonstration.start().seed()).isNotNegative();
        }
    }

    @Test
    void diagonalKindsStillStandByInTheScenes() {
        long seen =
                SOME.stream()
                        .filter(d -> {
                            var w = new World();
                            d.restore(w, 0);
                            return Kind.ALL.stream()
                                    .filter(HeldOut::diagonal)
                                    .anyMatch(k -> w.find(k) >= 0);
                        })
                        .count();
        assertThat(seen).isGreaterThan(SOME.size() / 4);
    }

    @Test
    void aboutSeventyPercentAreDisturbedAndAllSucceed() {
        double noisy = SOME.stream().filter(Demonstration::noisy).count() / (double) SOME.size();
        assertThat(noisy).isBetween(.6, .8);
        assertThat(SOME).allMatch(d -> d.successAt() >= 0 && d.successAt() < d.length());
        assertThat(SOME).allMatch(d -> d.length() - d.successAt() <= 3);
    }

    @Test
    void noFrameIsIdleAndLabelsAreTheCleanExpert() {
        var idle = new ArrayList<String>();
        for (var d : SOME) {
            float[] action = new float[d.arm().actionSize()], expert = action.clone();
            var w = new World();
            for (int t = 0; t < d.length(); t++) {
                d.action(t, action, 0);
                d.restore(w, t);
                d.arm().expert(w, d.task(), new float[5], expert, 0);
                assertThat(action).isEqualTo(expert);
                float most = 0;
                for (int i = 0; i < action.length - 1; i++) {
                    most = Math.max(most, Math.abs(action[i]));
                }
                if (most < .02f && action[action.length - 1] > 0 == w.closed) {
                    idle.add(d.task().code() + " at " + t);
                }
            }
        }
        assertThat(idle).isEmpty();
    }

    @Test
    void redrawnPicturesEqualTheLiveOnes() {
        var quiet = Demonstrations.collect(List.of(Family.STACK), 1, 5, 0).getFirst();
        var table = new Tabletop(List.of(Family.STACK));
        var live = table.reset(quiet.start());
        var stored = quiet.episode().frames();
        var action = new float[4];
        for (int t = 0; t < quiet.successAt() && t < stored.size(); t++) {
            assertThat(stored.get(t).observation().images()).isEqualTo(live.images());
            assertThat(stored.get(t).observation().state()).isEqualTo(live.state());
            quiet.action(t, action, 0);
            live = table.step(action).observation();
        }
    }
}
