package dev.orrery.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConstantDimensionsTest {

    private static final Statistics STILL =
            Statistics.of(List.of(new float[] {0, 5}, new float[] {1, 5}, new float[] {3, 5}));

    private static ConstantDimensions declared(String... dimensions) {
        return new ConstantDimensions(List.of(dimensions), "--constant");
    }

    @Test
    void whatNeverMovesIsRefusedUnlessItIsDeclared() {
        assertThatThrownBy(() -> declared("action:1").sound(STILL, "state"))
                .hasMessageContaining("near-constant dimension 1")
                .hasMessageEndingWith("(--constant state:N)");
        var sound = declared("state:1").sound(STILL, "state");
        assertThat(sound.std()[1]).isEqualTo(1);
        assertThat(sound.q99()[1] - sound.q01()[1]).isEqualTo(2);
        assertThat(sound.mean()).containsExactly(STILL.mean());
        assertThat(sound.std()[0]).as("the other stays").isEqualTo(STILL.std()[0]);
    }

    @Test
    void declarationsAreReadByFeature() {
        var some = declared("state:3", "action:0", "state:1");
        assertThat(some.of("state", 4)).isEqualTo(Set.of(1, 3));
        assertThat(some.of("action", 1)).isEqualTo(Set.of(0));
        assertThatThrownBy(() -> some.of("state", 3))
                .hasMessage("--constant state:3: the state has 3 dimensions, the last is 2");
        assertThatThrownBy(() -> declared("gripper"))
                .hasMessage("--constant gripper: write state:N or action:N, N from 0");
    }
}
