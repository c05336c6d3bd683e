package dev.orrery.system.genie;

import static dev.orrery.system.genie.TinyGenie.N;
import static dev.orrery.system.genie.TinyGenie.T;
import static dev.orrery.system.genie.TinyGenie.distance;
import static dev.orrery.system.genie.TinyGenie.genie;
import static dev.orrery.system.genie.TinyGenie.ids;
import static dev.orrery.system.genie.TinyGenie.tiny;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.orrery.system.genie.GenieConfig.Injection;
import dev.orrery.system.genie.GenieConfig.Masking;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DynamicsTest {

    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void anActionReachesTheFrameThatItLeadsTo() {
        for (var injection : Injection.values()) {
            var genie = genie(tiny().with(tiny().dynamics().with(injection)));
            var hidden = Tensor.ones(DType.BOOL, 2, T, N);
            var actions = Seed.of(6).normal(2, T - 1, 4);
            var other = actions.copy();
            other.select(1, 1).copy_(Seed.of(7).normal(2, 4));
            var before = genie.dynamics().forward(ids(3), hidden, actions);
            var after = genie.dynamics().forward(ids(3), hidden, other);
            for (int t = 0; t < T; t++) {
                double moved = distance(after.select(1, t), before.select(1, t));
                if (t < 2) {
                    assertThat(moved).as("%s frame %d", injection, t).isLessThan(1e-6);
                } else {
                    assertThat(moved).as("%s frame %d", injection, t).isGreaterThan(1e-4);
                }
            }
        }
    }

    @Test
    void hiddenIdsAreNotSeen() {
        var dynamics = genie(tiny()).dynamics();
        var hidden = Tensor.zeros(DType.BOOL, 2, T, N);
        hidden.select(1, 2).fill_(1);
        var actions = Seed.of(6).normal(2, T - 1, 4);
        var other = ids(3).copy();
        other.select(1, 2).copy_(Seed.of(8).integers(12, 2, N));
        var before = dynamics.forward(ids(3), hidden, actions);
        assertThat(distance(dynamics.forward(other, hidden, actions), before)).isZero();
        var seen = Tensor.zeros(DType.BOOL, 2, T, N);
        var told = dynamics.forward(other, seen, actions);
        assertThat(distance(told, dynamics.forward(ids(3), seen, actions))).isGreaterThan(1e-3);
    }

    @Test
    void onlyHiddenIdsCount() {
        var dynamics = genie(tiny()).dynamics();
        var hidden = Tensor.zeros(DType.BOOL, 2, T, N);
        hidden.select(1, 3).select(1, 0).fill_(1);
        var masked = new FrameMask.Masked(ids(3), hidden);
        var actions = Seed.of(6).normal(2, T - 1, 4);
        var logits = dynamics.forward(ids(3), hidden, actions).select(1, 3).select(1, 0);
        var target = ids(3).select(1, 3).select(1, 0);
        double expected =
                logits.logSoftmax(-1).gather(-1, target.unsqueeze(-1)).mean().neg().item();
        assertThat(dynamics.loss(ids(3), masked, actions).item()).isCloseTo(expected, offset(1e-5));
    }

    @Test
    void theFirstFrameIsNeverHiddenAndTheRestMostly() {
        for (var masking : Masking.values()) {
            double hidden = 0;
            for (int i = 0; i < 50; i++) {
                var ids = Seed.of(i).integers(12, 3, T, 16);
                var mask = FrameMask.draw(masking, ids, 12, Seed.of(100 + i));
                assertThat(mask.hidden().shape()).containsExactly(3, T, 16);
                assertThat(mask.hidden().select(1, 0).any().toBooleans()[0]).isFalse();
                for (var clip : mask.hidden().unbind(0)) {
                    assertThat(clip.any().toBooleans()[0]).isTrue();
                }
                hidden += mask.hidden().narrow(1, 1, T - 1).to(DType.F32).mean().item() / 50;
            }
            assertThat(hidden).as("%s", masking).isBetween(0.5, 0.85);
        }
    }

    @Test
    void aCopilotsPastIsVisibleAndPartlyWrong() {
        var ids = Seed.of(1).integers(12, 4, T, 64);
        int visible = 0, wrong = 0;
        for (int i = 0; i < 30; i++) {
            var mask = FrameMask.copilot(ids, 12, Seed.of(i));
            assertThat(mask.hidden().shape()).containsExactly(4, T, 64);
            boolean past = !mask.hidden().select(1, 1).any().toBooleans()[0];
            visible += past ? 1 : 0;
            double share = mask.ids().ne(ids).to(DType.F32).mean().item();
            assertThat(share).isLessThan(0.25);
            wrong += share > 0 ? 1 : 0;
        }
        assertThat(visible).isBetween(10, 28);
        assertThat(wrong).isGreaterThan(25);
    }

    @Test
    void aKnownPastIsVisibleAndPartlyWrong() {
        var ids = Seed.of(1).integers(12, 4, T, 64);
        int wrong = 0;
        for (int i = 0; i < 20; i++) {
            var mask = FrameMask.knownPast(ids, 12, Seed.of(i));
            assertThat(mask.pastKnown()).isTrue();
            for (int t = 1; t < T; t++) {
                for (var frame : mask.hidden().select(1, t).unbind(0)) {
                    assertThat(frame.any().toBooleans()[0]).isTrue();
                }
            }
            double share = mask.ids().ne(ids).to(DType.F32).mean().item();
            assertThat(share).isLessThan(0.2);
            wrong += share > 0.02 ? 1 : 0;
        }
        assertThat(wrong).isEqualTo(20);
    }

    @Test
    void aFrameIsLearnedAfterItsKnownPastAsItIsPlayed() {
        for (var injection : Injection.values()) {
            var dynamics = genie(tiny().with(tiny().dynamics().with(injection))).dynamics();
            var hidden = Tensor.zeros(DType.BOOL, 2, T, N);
            hidden.select(1, 2).fill_(1);
            var actions = Seed.of(6).normal(2, T - 1, 4);
            var seen = ids(5);
            double loss =
                    dynamics.loss(ids(3), new FrameMask.Masked(seen, hidden, true), actions).item();
            try (var cache = dynamics.cache()) {
                dynamics.begin(seen.narrow(1, 0, 2), actions.narrow(1, 0, 1), cache);
                var all = Tensor.ones(DType.BOOL, 2, N);
                var logits = dynamics.next(ids(9).select(1, 0), all, actions.select(1, 1), cache);
                var target = ids(3).select(1, 2).unsqueeze(-1);
                double played = logits.logSoftmax(-1).gather(-1, target).mean().neg().item();
                assertThat(loss).as("%s", injection).isCloseTo(played, offset(1e-4));
            }
        }
    }
}
