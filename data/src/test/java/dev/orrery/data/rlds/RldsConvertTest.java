package dev.orrery.data.rlds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.DatasetException;
import dev.orrery.data.lerobot.Dtype;
import dev.orrery.data.lerobot.Feature;
import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.LeRobotWriter;
import dev.orrery.data.lerobot.Rewrite;
import dev.orrery.data.lerobot.Value;
import dev.orrery.data.lerobot.Verify;
import dev.orrery.data.media.Png;
import dev.orrery.env.Image;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RldsConvertTest {

    @TempDir Path folder;

    private static final Rewrite.Progress QUIET = (_, _) -> {};

    private static Image picture(int seed) {
        var rgb = new byte[6 * 8 * 3];
        for (int i = 0; i < rgb.length; i++) rgb[i] = (byte) (i * 7 + seed * 31);
        return new Image(6, 8, rgb);
    }

    /// Two episodes of three and two steps with every kind of feature.
    private Path lerobot() {
        var root = folder.resolve("demo");
        var features =
                List.of(
                        Feature.picture("observation.images.wrist", Dtype.IMAGE, 6, 8),
                        Feature.numbers("observation.state", Dtype.FLOAT64, List.of(2), List.of()),
                        Feature.numbers("action", Dtype.FLOAT32, List.of(7), List.of()),
                        Feature.numbers("next.reward", Dtype.FLOAT32, List.of(1), List.of()),
                        Feature.numbers("next.success", Dtype.BOOL, List.of(1), List.of()),
                        Feature.numbers("counter", Dtype.INT64, List.of(1), List.of()),
                        Feature.text("note.words"));
        try (var writer =
                LeRobotWriter.create(root, LeRobotWriter.Settings.v3(5, "arm", features))) {
            for (int e = 0, k = 0; e < 2; e++) {
                for (int i = 0; i < 3 - e; i++, k++) {
                    var values = new LinkedHashMap<String, Value>();
                    values.put("observation.images.wrist", Value.of(picture(k)));
                    values.put("observation.state", Value.of(Math.PI * k, -0.1));
                    values.put("action", Value.of(.1f * k, 0f, 1f, 2f, 3f, 4f, i));
                    values.put("next.reward", Value.of(.5f * k));
                    values.put("next.success", Value.of(i == 2 - e));
                    values.put("counter", Value.of((1L << 60) + k));
                    values.put("note.words", Value.of("ö" + k));
                    writer.add("task " + e, values);
                }
                writer.saveEpisode();
            }
        }
        return root;
    }

    private Path rlds() {
        try (var data = LeRobotDataset.open(lerobot())) {
            return RldsConvert.toRlds(data, folder, "demo_rlds", QUIET);
        }
    }

    @Test
    void lerobotComesBackFromRldsToTheBit() {
        var where = rlds();
        assertThat(where.resolve("demo_rlds-train.tfrecord-00000-of-00001")).exists();
        var back = folder.resolve("back");
        var rlds = RldsDataset.open(folder.resolve("demo_rlds"));
        RldsConvert.toLeRobot(rlds, "train", 5, "v3.0", back, QUIET);
        assertThat(Verify.run(back, Verify.Settings.thorough(), (_, _) -> {}).findings()).isEmpty();
        try (var a = LeRobotDataset.open(folder.resolve("demo"));
                var b = LeRobotDataset.open(back)) {
            assertThat(b.features().keySet())
                    .containsExactlyInAnyOrderElementsOf(a.features().keySet());
            assertThat(b.frames()).isEqualTo(5);
            assertThat(b.info().robotType()).isEqualTo("arm");
            for (long i = 0; i < a.frames(); i++) {
                var want = a.frame(i);
                var got = b.frame(i);
                assertThat(got.task()).isEqualTo(want.task());
                assertThat(got.text("note.words")).isEqualTo(want.text("note.words"));
                assertThat(got.image("observation.images.wrist"))
                        .isEqualTo(want.image("observation.images.wrist"));
                assertThat(got.longs("counter")).containsExactly(want.longs("counter"));
                for (var name : List.of("observation.state", "action", "next.reward", "timestamp"))
                    assertThat(got.doubles(name)).containsExactly(want.doubles(name));
                assertThat(got.flag("next.success")).isEqualTo(want.flag("next.success"));
            }
        }
    }

    @Test
    void theEndOfAnEpisodeIsMarked() {
        var lasts = new ArrayList<Long>();
        RldsDataset.open(rlds())
                .each(
                        "train",
                        episode -> {
                            for (int i = 0; i < episode.length(); i++)
                                lasts.add(episode.longs("steps/is_terminal", i)[0]);
                        });
        assertThat(lasts).containsExactly(0L, 0L, 1L, 0L, 1L);
    }

    @Test
    void damagedDataSetsAreRefusedByName() throws Exception {
        var where = rlds();
        var file = where.resolve("demo_rlds-train.tfrecord-00000-of-00001");
        var whole = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 3));
        assertRefused(where, "cut off");
        whole[100] ^= 1;
        Files.write(file, whole);
        assertRefused(where, "checksum");
        whole[100] ^= 1;
        Files.write(file, whole);
        var info = where.resolve("dataset_info.json");
        var text = Files.readString(info);
        Files.writeString(info, text.replace("[ \"2\" ]", "[ \"3\" ]"));
        assertRefused(where, "holds 2 episodes");
        Files.writeString(info, text.replace("[ \"2\" ]", "[ \"x\" ]"));
        assertRefused(where, "no valid RLDS");
        Files.writeString(info, text.replace("\"demo_rlds\"", "\"../demo\""));
        assertRefused(where, "not a safe name");
        Files.writeString(info, text);
        var features = where.resolve("features.json");
        var fields = Files.readString(features);
        Files.writeString(features, fields.replace("\"7\"", "\"6\""));
        assertRefused(where, "no multiple of 6");
        Files.writeString(features, "{}");
        assertRefused(where, "steps");
        Files.writeString(features, "{\"steps\":");
        assertRefused(where, "no valid JSON");
        Files.delete(features);
        assertRefused(where, "features.json");
    }

    private void assertRefused(Path where, String reason) {
        var out = folder.resolve("never");
        assertThatThrownBy(() ->
                        RldsConvert.toLeRobot(
                                RldsDataset.open(where), "train", 5, "v3.0", out, QUIET))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining(reason);
        assertThat(out).doesNotExist();
        assertThat(folder.resolve("never.partial")).doesNotExist();
    }

    @Test
    void allShippedMappingsAreValid() {
        for (var name : RldsMapping.KNOWN) {
            var mapping = RldsMapping.known(name).orElseThrow();
            assertThat(mapping.action().size()).as(name).isEqualTo(7);
            assertThat(mapping.state().size()).as(name).isEqualTo(8);
            assertThat(mapping.images()).as(name).isNotEmpty();
        }
        assertThat(RldsMapping.known("nothing")).isEmpty();
        assertThat(RldsMapping.known("fmb").orElseThrow().action())
                .isEqualTo(RldsMapping.known("fmb_dataset").orElseThrow().action());
    }

    /// Sizes of the keys that mappings use, as the catalog of TensorFlow Datasets lists them (of
    /// `bridge_orig` and `droid`: as their projects do).
    private static final Map<String, Map<String, Integer>> PUBLISHED =
            Map.of(
                    "fractal20220817_data",
                    Map.of(
                            "steps/observation/base_pose_tool_reached", 7,
                            "steps/observation/gripper_closed", 1,
                            "steps/action/world_vector", 3,
                            "steps/action/rotation_delta", 3,
                            "steps/action/gripper_closedness_action", 1),
                    "bridge_orig",
                    Map.of("steps/observation/state", 7, "steps/action", 7),
                    "kuka",
                    Map.of(
                            "steps/observation/clip_function_input/base_pose_tool_reached", 7,
                            "steps/observation/gripper_closed", 1,
                            "steps/action/world_vector", 3,
                            "steps/action/rotation_delta", 3,
                            "steps/action/gripper_closedness_action", 1),
                    "taco_play",
                    Map.of("steps/observation/robot_obs", 15, "steps/action/rel_actions_world", 7),
                    "language_table",
                    Map.of("steps/observation/effector_translation", 2, "steps/action", 2),
                    "droid",
                    Map.of(
                            "steps/observation/cartesian_position", 6,
                            "steps/observation/gripper_position", 1,
                            "steps/action_dict/cartesian_velocity", 6,
                            "steps/action_dict/gripper_position", 1),
                    "bc_z",
                    Map.of(
                            "steps/observation/present/xyz", 3,
                            "steps/observation/present/axis_angle", 3,
                            "steps/observation/present/sensed_close", 1,
                            "steps/action/future/xyz_residual", 30,
                            "steps/action/future/axis_angle_residual", 30,
                            "steps/action/future/target_close", 10),
                    "fmb_dataset",
                    Map.of(
                            "steps/observation/eef_pose", 7,
                            "steps/observation/state_gripper_pose", 1,
                            "steps/action", 7),
                    "dobbe",
                    Map.of("steps/observation/state", 7, "steps/action", 7));

    @Test
    void mappingsTakeWhatThePublishedSetsHold() {
        for (var name : RldsMapping.KNOWN) {
            var mapping = RldsMapping.known(name).orElseThrow();
            var parts = new java.util.ArrayList<>(mapping.state().parts());
            parts.addAll(mapping.action().parts());
            for (var part : parts) {
                if (!(part instanceof RldsMapping.Slice slice)) continue;
                assertThat(PUBLISHED.get(name)).as(name).containsKey(slice.key());
                assertThat(slice.to())
                        .as(name + " " + slice.key())
                        .isLessThanOrEqualTo(PUBLISHED.get(name).get(slice.key()));
            }
        }
    }

    @Test
    void bridgeActionsAreWhatTheArmReached() {
        int n = 5;
        var fields = new LinkedHashMap<String, RldsFeatures.Field>();
        var lists = new LinkedHashMap<String, Example.Feature>();
        var state = new float[7 * n];
        for (int i = 0; i < n; i++) state[7 * i] = i * i;
        var action = new float[7 * n];
        float[] gripper = {1, 1, .5f, 0, .3f};
        for (int i = 0; i < n; i++) action[7 * i + 6] = gripper[i];
        numbers(fields, lists, "steps/observation/state", 7, state);
        numbers(fields, lists, "steps/action", 7, action);
        for (var camera : List.of("image_0", "image_1")) {
            fields.put("steps/observation/" + camera, new RldsFeatures.Picture(6, 8, "png"));
            bytes(lists, "steps/observation/" + camera, n, Png.encode(picture(0), 1));
        }
        fields.put("steps/language_instruction", new RldsFeatures.Text());
        bytes(lists, "steps/language_instruction", n, "put".getBytes(StandardCharsets.UTF_8));
        var episode = RldsEpisode.of(new RldsFeatures(fields, List.of()), new Example(lists));
        var steps = RldsMapping.known("bridge_orig").orElseThrow().apply(episode);
        // The first step is left out, and the last, after which nothing is reached.
        assertThat(steps.stream().map(s -> s.action()[0])).containsExactly(3f, 5f, 7f);
        assertThat(steps.stream().map(s -> s.proprio()[0])).containsExactly(1f, 4f, 9f);
        assertThat(steps.stream().map(s -> s.action()[6])).containsExactly(1f, 0f, 0f);
    }

    private RldsEpisode fractal(float... gripper) {
        int n = gripper.length;
        var fields = new LinkedHashMap<String, RldsFeatures.Field>();
        var lists = new LinkedHashMap<String, Example.Feature>();
        numbers(fields, lists, "steps/action/world_vector", 3, new float[3 * n]);
        numbers(fields, lists, "steps/action/rotation_delta", 3, new float[3 * n]);
        numbers(fields, lists, "steps/action/gripper_closedness_action", 1, gripper);
        numbers(fields, lists, "steps/observation/gripper_closed", 1, new float[n]);
        fields.put(
                "steps/observation/base_pose_tool_reached",
                new RldsFeatures.Numbers("float32", List.of(7), "zlib"));
        var pose = ByteBuffer.allocate(28).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, 2.5f).array();
        var packed = new ByteArrayOutputStream();
        try (var deflate = new DeflaterOutputStream(packed)) {
            deflate.write(pose);
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
        bytes(lists, "steps/observation/base_pose_tool_reached", n, packed.toByteArray());
        fields.put("steps/observation/image", new RldsFeatures.Picture(6, 8, "png"));
        bytes(lists, "steps/observation/image", n, Png.encode(picture(0), 1));
        fields.put("steps/observation/natural_language_instruction", new RldsFeatures.Text());
        bytes(
                lists,
                "steps/observation/natural_language_instruction",
                n,
                "pick".getBytes(StandardCharsets.UTF_8));
        var features = new RldsFeatures(fields, List.of());
        assertThat(RldsFeatures.parse(features.toJson())).isEqualTo(features);
        return RldsEpisode.of(features, new Example(lists));
    }

    private static void numbers(
            Map<String, RldsFeatures.Field> fields,
            Map<String, Example.Feature> lists,
            String key,
            int size,
            float[] values) {
        fields.put(key, new RldsFeatures.Numbers("float32", List.of(size), "none"));
        lists.put(key, new Example.Floats(values));
    }

    private static void bytes(Map<String, Example.Feature> lists, String key, int n, byte[] value) {
        lists.put(key, new Example.Bytes(java.util.Collections.nCopies(n, value)));
    }

    @Test
    void theStandardViewMakesGrippersAbsoluteAndUnpacksStates() {
        var steps =
                RldsMapping.known("fractal20220817_data")
                        .orElseThrow()
                        .apply(fractal(0, 1, 0, -1, 0));
        assertThat(steps.stream().map(s -> s.action()[6])).containsExactly(1f, 0f, 0f, 1f, 1f);
        assertThat(steps.getFirst().proprio()).hasSize(8).startsWith(2.5f);
        assertThat(steps.getFirst().languageInstruction()).isEqualTo("pick");
        assertThat(steps.getFirst().images()).containsOnlyKeys("primary");
    }

    @Test
    void aMappingFromAFileGivesAStandardLeRobotSet() throws Exception {
        var file = folder.resolve("mapping.json");
        var text =
                """
                {"images": {"wrist": "steps/observation/wrist"},
                 "language": "steps/language_instruction", "action_encoding": "EEF_POS",
                 "action": [{"key": "steps/action", "from": 0, "to": 6},
                            {"key": "steps/action", "from": 6, "to": 7, "change": "clip"}],
                 "skip": 1}
                """;
        Files.writeString(file, text);
        var out = folder.resolve("view");
        RldsConvert.toLeRobot(
                RldsDataset.open(rlds()),
                RldsMapping.read("demo", file),
                "train",
                5,
                "v2.1",
                out,
                QUIET);
        try (var data = LeRobotDataset.open(out)) {
            assertThat(data.frames()).isEqualTo(3);
            assertThat(data.frame(1).floats("action")).containsExactly(.1f * 2, 0, 1, 2, 3, 4, 1);
            assertThat(data.frame(0).image("observation.images.wrist")).isEqualTo(picture(1));
            assertThat(data.frame(2).task()).isEqualTo("task 1");
        }
        for (var wrong :
                List.of(
                        text.replace("\"to\": 7", "\"to\": 9"),
                        text.replace("wrist\":", "left\":"),
                        text.replace("clip", "clop"),
                        text.replace("skip", "skipp"),
                        "[")) {
            Files.writeString(file, wrong);
            assertThatThrownBy(() -> RldsMapping.read("demo", file))
                    .isInstanceOf(DatasetException.class);
        }
    }
}
