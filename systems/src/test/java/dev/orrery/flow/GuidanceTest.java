package dev.orrery.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class GuidanceTest {

    /// The condition is a constant drift of 3, the null one of 1.
    private static final class Drift implements Guidance.Conditioned {
        private final boolean hasNull;
        private int single, doubled;

        private Drift(boolean hasNull) {
            this.hasNull = hasNull;
        }

        @Override
        public Tensor at(Tensor x, double time) {
            single++;
            return x.mul(0.123).add(3);
        }

        @Override
        public Tensor both(Tensor x, double time) {
            doubled++;
            var halves = x.chunk(2, 0);
            return Tensor.cat(
                    List.of(halves.get(0).mul(0.123).add(3), halves.get(1).mul(0.123).add(1)), 0);
        }

        @Override
        public boolean hasNull() {
            return hasNull;
        }
    }

    private final Tensor x = Seed.of(1).normal(4, 3);

    @Test
    void weightOneIsNoGuidanceBitForBitAndSkipsTheNullBranch() {
        var model = new Drift(true);
        var guided = Guidance.of(1).field(model).at(x, 0.5);
        assertThat(guided.equal(new Drift(true).at(x, 0.5))).isTrue();
        assertThat(model.doubled).isZero();
        assertThat(model.single).isEqualTo(1);
    }

    @Test
    void branchesShareOneCallAndMixByWeight() {
        var model = new Drift(true);
        var guided = Guidance.of(2.5).field(model).at(x, 0.5);
        assertThat(model.doubled).isEqualTo(1);
        assertThat(model.single).isZero();
        assertThat(guided.sub(x.mul(0.123)).mean().item()).isCloseTo(1 + 2.5 * 2, within(1e-5));
    }

    @Test
    void outsideTheIntervalThereIsNoGuidance() {
        var model = new Drift(true);
        var field = new Guidance(4, 0.3, 0.7).field(model);
        field.at(x, 0.2);
        field.at(x, 0.8);
        assertThat(model.doubled).isZero();
        field.at(x, 0.5);
        assertThat(model.doubled).isEqualTo(1);
    }

    @Test
    void modelsWithoutANullRefuse() {
        assertThatThrownBy(() -> Guidance.of(2).field(new Drift(false)))
                .hasMessageContaining("learned null condition");
        Guidance.NONE.field(new Drift(false));
        assertThatThrownBy(() -> new Guidance(2, 0.7, 0.3)).hasMessageContaining("interval");
    }

    @Test
    void dropoutReplacesItsShareOfConditions() {
        var condition = Tensor.ones(2000, 3);
        var dropped = ConditionDropout.USUAL.apply(condition, Tensor.zeros(3), Seed.of(2));
        assertThat(dropped.mean().item()).isCloseTo(0.9, within(0.03));
        var rows = dropped.sum(1).toFloats();
        for (float row : rows) assertThat(row).isIn(0f, 3f);
    }
}
