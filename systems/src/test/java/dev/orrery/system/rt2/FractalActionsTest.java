package dev.orrery.system.rt2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.DatasetException;
import dev.orrery.data.rlds.Example;
import dev.orrery.data.rlds.RldsEpisode;
import dev.orrery.data.rlds.RldsFeatures;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

class FractalActionsTest {

    private static final List<Double> LOW = Collections.nCopies(7, -1.0),
            HIGH = Collections.nCopies(7, 1.0);

    private final LinkedHashMap<String, RldsFeatures.Field> fields = new LinkedHashMap<>();
    private final LinkedHashMap<String, Example.Feature> lists = new LinkedHashMap<>();

    private void numbers(String key, int size, float... values) {
        fields.put(key, new RldsFeatures.Numbers("float32", List.of(size), "none"));
        lists.put(key, new Example.Floats(values));
    }

    private RldsEpisode episode(boolean ends) {
        numbers("steps/action/world_vector", 3, 0, 1, -1, 2, 0, 0);
        numbers("steps/action/rotation_delta", 3, 0, 0, 0, .5f, 0, 0);
        numbers("steps/action/gripper_closedness_action", 1, 1, -1);
        numbers("steps/observation/gripper_closed", 1, 0, 1);
        numbers("steps/observation/base_pose_tool_reached", 7, new float[14]);
        if (ends) {
            fields.put(
                    "steps/action/terminate_episode",
                    new RldsFeatures.Numbers("int32", List.of(3), "none"));
            lists.put(
                    "steps/action/terminate_episode",
                    new Example.Longs(new long[] {0, 1, 0, 1, 0, 0}));
        }
        fields.put("steps/observation/image", new RldsFeatures.Picture(4, 4, "png"));
        lists.put(
                "steps/observation/image",
                new Example.Bytes(Collections.nCopies(2, new byte[] {1})));
        fields.put("steps/observation/natural_language_instruction", new RldsFeatures.Text());
        lists.put(
                "steps/observation/natural_language_instruction",
                new Example.Bytes(
                        Collections.nCopies(2, "pick can".getBytes(StandardCharsets.UTF_8))));
        return new RldsEpisode(new RldsFeatures(fields, List.of()), new Example(lists), 2);
    }

    @Test
    void aStepIsAnInstructionAndEightIntegers() {
        var steps = FractalActions.of(episode(true), LOW, HIGH);
        assertThat(steps)
                .extracting(FractalActions.Step::instruction)
                .containsExactly("pick can", "pick can");
        // closing is 0 of an absolute gripper, the middle of its bounds; opening is 1
        assertThat(steps.get(0).answer()).isEqualTo("0 128 255 0 128 128 128 128");
        assertThat(steps.get(0).clipped()).isZero();
        assertThat(steps.get(1).answer()).isEqualTo("1 255 128 128 191 128 128 255");
        assertThat(steps.get(1).clipped()).isEqualTo(1);
    }

    @Test
    void whatIsMissingIsNamed() {
        assertThatThrownBy(() -> FractalActions.of(episode(false), LOW, HIGH))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("terminate_episode");
        assertThatThrownBy(() -> FractalActions.of(episode(true), List.of(-1.0), List.of(1.0)))
                .hasMessageContaining("7 values");
    }
}
