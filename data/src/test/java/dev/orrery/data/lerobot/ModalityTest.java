package dev.orrery.data.lerobot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.DatasetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModalityTest {

    @TempDir private Path folder;

    private static Map<String, Feature> features() {
        var features = new LinkedHashMap<String, Feature>();
        for (var feature :
                List.of(
                        Feature.numbers("observation.state", Dtype.FLOAT32, List.of(8), List.of()),
                        Feature.numbers("action", Dtype.FLOAT32, List.of(7), List.of()),
                        Feature.picture("observation.images.top", Dtype.IMAGE, 4, 4),
                        Feature.numbers("task_index", Dtype.INT64, List.of(1), List.of()))) {
            features.put(feature.name(), feature);
        }
        return features;
    }

    private Modality read(String json) throws IOException {
        var file = folder.resolve("modality.json");
        Files.writeString(file, json);
        return Modality.read(file, features());
    }

    private static final String GOOD =
            """
            {"state": {"eef": {"start": 0, "end": 3},
                       "turn": {"start": 3, "end": 7, "rotation_type": "quaternion"}},
             "action": {"move": {"start": 0, "end": 6, "absolute": false},
                        "gripper": {"start": 6, "end": 7, "original_key": "action"}},
             "video": {"front": {"original_key": "observation.images.top"}},
             "annotation": {"human.action.task_description": {"original_key": "task_index"}}}\
            """;

    @Test
    void groupsAreColumnsOfFeatures() throws IOException {
        var modality = read(GOOD);
        var turn = modality.state().get("turn");
        assertThat(turn)
                .isEqualTo(
                        new Modality.Group(
                                "observation.state",
                                3,
                                7,
                                Optional.of(Modality.Rotation.QUATERNION),
                                true));
        var move = modality.action().get("move");
        assertThat(move).extracting(Modality.Group::absolute).isEqualTo(false);
        assertThat(modality.action().get("gripper"))
                .satisfies(g ->
                        assertThat(g.of(new float[] {1, 2, 3, 4, 5, 6, 7})).containsExactly(7));
        assertThat(modality.video()).containsEntry("front", "observation.images.top");
        assertThat(modality.annotation())
                .containsEntry("human.action.task_description", "task_index");
    }

    @Test
    void everyProblemIsListedAtOnce() {
        assertThatThrownBy(() ->
                        read(
                                GOOD.replace("\"end\": 7, \"rotation", "\"end\": 6, \"rotation")
                                        .replace(
                                                "\"end\": 6, \"absolute\"",
                                                "\"end\": 9, \"absolute\"")
                                        .replace(
                                                "\"original_key\": \"action\"",
                                                "\"original_key\": \"act\"")
                                        .replace("images.top", "state")))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("modality.json")
                .hasMessageContaining("'state.turn' has 3 columns, quaternion has 4")
                .hasMessageContaining(
                        "'action.move' goes from 0 to 9, 'action' has the columns 0 to 7")
                .hasMessageContaining(
                        "'action.gripper' is of the feature 'act', which there is not")
                .hasMessageContaining(
                        "'video.front' is of the feature 'observation.state', which is no camera")
                .hasMessageContaining("4 problems")
                .hasMessageContaining("the features are [observation.state, action");
    }

    @Test
    void partsThatAreMissingUnknownOrOverlapAreNamed() {
        assertThatThrownBy(() -> read("{\"state\": {}, \"action\": {}, \"sound\": {}}"))
                .hasMessageContaining("'sound' is unknown")
                .hasMessageContaining("'video' is missing");
        assertThatThrownBy(() ->
                        read(GOOD.replace("\"start\": 3, \"end\": 7", "\"start\": 2, \"end\": 6")))
                .hasMessageContaining(
                        "'state.eef' and 'state.turn' share columns of 'observation.state'");
        assertThatThrownBy(() -> read(GOOD.replace("\"absolute\"", "\"absolut\"")))
                .hasMessageContaining("'action.move.absolut' is unknown");
        assertThatThrownBy(() -> read(GOOD.replace("quaternion", "euler")))
                .hasMessageContaining(
                        "the rotation_type 'euler'; known are axis_angle, quaternion");
        assertThatThrownBy(() -> Modality.read(folder.resolve("none.json"), features()))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("there is no such file");
    }
}
