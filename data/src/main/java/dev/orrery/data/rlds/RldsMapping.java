package dev.orrery.data.rlds;

import dev.orrery.data.DatasetException;
import dev.orrery.env.Nearest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// How a data set's own keys make the standardised view that policies over many robots share.
///
/// ```json
/// {"images": {"primary": "steps/observation/image_0"},
///  "language": "steps/language_instruction",
///  "state_encoding": "POS_EULER",
///  "proprio": [{"key": "steps/observation/state", "from": 0, "to": 6}, {"fill": 0, "count": 1},
///              {"key": "steps/observation/state", "from": 6, "to": 7}],
///  "action_encoding": "EEF_POS",
///  "action": [{"key": "steps/action", "from": 0, "to": 6},
///             {"key": "steps/action", "from": 6, "to": 7, "change": "binarise"}],
///  "skip": 1}
/// ```
///
/// @param name of the data set
/// @param images keys by camera: `primary`, `secondary`, `wrist`
/// @param language the key of the instruction, as text or as the numbers of its characters
/// @param state what `proprio` is made of
/// @param action what the action is made of; the gripper is 1 open, 0 closed
/// @param skip steps left out at the start of each episode
public record RldsMapping(
        String name,
        SequencedMap<String, String> images,
        Optional<String> language,
        Parts<StateEncoding> state,
        Parts<ActionEncoding> action,
        int skip) {

    /// What the state means, with its number of dimensions.
    public enum StateEncoding {
        NONE(0),
        POS_EULER(8),
        POS_QUAT(8),
        JOINT(8),
        JOINT_BIMANUAL(14);

        final int size;

        StateEncoding(int size) {
            this.size = size;
        }
    }

    /// What the action means, with its number of dimensions.
    public enum ActionEncoding {
        EEF_POS(7),
        JOINT_POS(8),
        JOINT_POS_BIMANUAL(14),
        EEF_R6(10);

        final int size;

        ActionEncoding(int size) {
            this.size = size;
        }
    }

    /// What becomes of a value.
    public enum Change {
        /// Nothing.
        NONE,
        /// 1 less it: for grippers where 1 is closed.
        INVERT,
        /// Kept within 0 and 1.
        CLIP,
        /// Above 0.95 is 1, below 0.05 is 0; between, what comes next in the episode, and at its
        /// end the last value as it is.
        BINARISE,
        /// Closing is positive, opening negative, and near 0 nothing changes: made absolute.
        RELATIVE,
        /// What is reached in the next step less what is there now. The last step, after which
        /// nothing is reached, is left out.
        REACHED
    }

    /// A stretch of a vector.
    public sealed interface Part {
        /// Its number of dimensions.
        int size();
    }

    /// A stretch of the numbers under a key.
    public record Slice(String key, int from, int to, Change change) implements Part {
        @Override
        public int size() {
            return to - from;
        }
    }

    /// A number, again and again.
    public record Fill(float value, int size) implements Part {}

    /// Parts of a vector, one after another.
    ///
    /// @param encoding what they make together
    public record Parts<E extends Enum<E>>(E encoding, List<Part> parts) {
        /// The number of dimensions of the whole.
        public int size() {
            return parts.stream().mapToInt(Part::size).sum();
        }
    }

    /// One step of the standardised view.
    ///
    /// @param images encoded pictures by camera
    /// @param proprio state, possibly empty
    /// @param languageInstruction possibly empty
    /// @param datasetName where it is from
    public record Step(
            Map<String, byte[]> images,
            float[] proprio,
            String languageInstruction,
            float[] action,
            String datasetName) {}

    /// Data sets with a mapping here.
    public static final List<String> KNOWN =
            List.of(
                    "fractal20220817_data",
                    "bridge_orig",
                    "kuka",
                    "taco_play",
                    "language_table",
                    "droid",
                    "bc_z",
                    "fmb_dataset",
                    "dobbe");

    /// Other names under which two of them are published.
    private static final Map<String, String> ALSO =
            Map.of("bridge_dataset", "bridge_orig", "fmb", "fmb_dataset");

    /// The mapping that comes with this library, empty if there is none.
    public static Optional<RldsMapping> known(String name) {
        var listed = ALSO.getOrDefault(name, name);
        if (!KNOWN.contains(listed)) return Optional.empty();
        try (InputStream in = RldsMapping.class.getResourceAsStream("mappings.json")) {
            var all = RldsDataset.JSON.readTree(Objects.requireNonNull(in));
            return Optional.of(parse(name, all.path(listed)));
        } catch (IOException e) {
            throw new DatasetException("the mappings cannot be read", e);
        }
    }

    private static List<String> known() {
        return Stream.concat(KNOWN.stream(), ALSO.keySet().stream()).sorted().toList();
    }

    /// Reads a mapping from a JSON file.
    ///
    /// @throws DatasetException if it is no valid mapping
    /// @throws IllegalArgumentException if there is no such file
    public static RldsMapping read(String name, Path file) {
        if (!Files.exists(file)) {
            throw new IllegalArgumentException(
                    "there is no mapping '%s', neither one of this library nor a file; %s"
                            .formatted(file, Nearest.hint(file.toString(), known())));
        }
        try {
            return parse(name, RldsDataset.JSON.readTree(Files.readAllBytes(file)));
        } catch (IOException | JacksonException | DatasetException | IllegalArgumentException e) {
            throw DatasetException.at(file, "is no valid mapping", e);
        }
    }

    private static RldsMapping parse(String name, JsonNode json) {
        for (var key : json.propertyNames()) {
            if (!List.of(
                            "images",
                            "language",
                            "state_encoding",
                            "proprio",
                            "action_encoding",
                            "action",
                            "skip")
                    .contains(key))
                throw new DatasetException("key '%s' is unknown".formatted(key));
        }
        var images = new LinkedHashMap<String, String>();
        for (var image : json.path("images").properties()) {
            if (!List.of("primary", "secondary", "wrist").contains(image.getKey()))
                throw new DatasetException(
                        "camera '%s' is none of primary, secondary, wrist"
                                .formatted(image.getKey()));
            images.put(image.getKey(), image.getValue().asString());
        }
        var stateEncoding = StateEncoding.valueOf(json.path("state_encoding").asString("NONE"));
        var state = new Parts<>(stateEncoding, parts(json.path("proprio")));
        checkSize("proprio", state, stateEncoding.size);
        var actionEncoding =
                ActionEncoding.valueOf(json.path("action_encoding").asString("EEF_POS"));
        var action = new Parts<>(actionEncoding, parts(json.path("action")));
        checkSize("action", action, actionEncoding.size);
        int skip = json.path("skip").asInt(0);
        if (skip < 0) throw new DatasetException("skip is %d".formatted(skip));
        return new RldsMapping(
                name, images, json.path("language").asStringOpt(), state, action, skip);
    }

    private static void checkSize(String what, Parts<?> parts, int size) {
        if (parts.size() != size)
            throw new DatasetException(
                    "%s has %d dimensions; %s has %d"
                            .formatted(what, parts.size(), parts.encoding(), size));
    }

    private static List<Part> parts(JsonNode json) {
        var out = new ArrayList<Part>();
        for (var part : json) {
            if (part.has("fill")) {
                int count = part.path("count").asInt(1);
                if (count < 1 || count > 64)
                    throw new DatasetException("a fill has count %d".formatted(count));
                out.add(new Fill((float) part.path("fill").asDouble(), count));
                continue;
            }
            int from = part.path("from").asInt(0), to = part.path("to").asInt(0);
            if (!part.path("key").isString() || from < 0 || to <= from)
                throw new DatasetException("a part needs key, from and to: " + part);
            var change = part.path("change").asString("none").toUpperCase(Locale.ROOT);
            out.add(new Slice(part.path("key").asString(), from, to, Change.valueOf(change)));
        }
        return List.copyOf(out);
    }

    /// The steps of an episode in the standardised view, those skipped left out.
    ///
    /// @throws DatasetException if the episode lacks a key or a key is too short
    public List<Step> apply(RldsEpisode episode) {
        var proprio = vectors(episode, state);
        var actions = vectors(episode, action);
        var out = new ArrayList<Step>();
        int end = episode.length() - (reaches() ? 1 : 0);
        for (int i = skip; i < end; i++) {
            var pictures = new LinkedHashMap<String, byte[]>();
            int step = i;
            images.forEach((camera, key) -> pictures.put(camera, episode.picture(key, step)));
            var text = language.map(key -> text(episode, key, step)).orElse("");
            out.add(new Step(pictures, proprio[i], text, actions[i], name));
        }
        if (out.isEmpty())
            throw new DatasetException(
                    "the episode has %d steps, all of which are skipped"
                            .formatted(episode.length()));
        return out;
    }

    private boolean reaches() {
        return action.parts().stream()
                .anyMatch(part -> part instanceof Slice slice && slice.change() == Change.REACHED);
    }

    private static String text(RldsEpisode episode, String key, int step) {
        if (episode.field(key) instanceof RldsFeatures.Text) return episode.text(key, step);
        var out = new StringBuilder();
        for (long code : episode.longs(key, step)) {
            if (code == 0) break; // What follows is padding.
            if (Character.isValidCodePoint((int) code)) out.appendCodePoint((int) code);
        }
        return out.toString();
    }

    private static float[][] vectors(RldsEpisode episode, Parts<?> parts) {
        var out = new float[episode.length()][parts.size()];
        int at = 0;
        for (var part : parts.parts()) {
            switch (part) {
                case Fill(float value, int size) -> {
                    for (var row : out) java.util.Arrays.fill(row, at, at + size, value);
                }
                case Slice slice -> {
                    for (int i = 0; i < out.length; i++) {
                        var values = episode.numbers(slice.key(), i);
                        if (values.length < slice.to())
                            throw new DatasetException(
                                    "'%s' has %d numbers; the mapping takes up to %d"
                                            .formatted(slice.key(), values.length, slice.to()));
                        for (int d = 0; d < slice.size(); d++)
                            out[i][at + d] = (float) values[slice.from() + d];
                    }
                    for (int d = 0; d < slice.size(); d++) change(slice.change(), out, at + d);
                }
            }
            at += part.size();
        }
        return out;
    }

    private static void change(Change change, float[][] rows, int d) {
        switch (change) {
            case NONE -> {}
            case INVERT -> {
                for (var row : rows) row[d] = 1 - row[d];
            }
            case CLIP -> {
                for (var row : rows) row[d] = Math.clamp(row[d], 0, 1);
            }
            case BINARISE -> {
                float next = rows[rows.length - 1][d];
                for (int i = rows.length - 1; i >= 0; i--) {
                    if (rows[i][d] > 0.95f) next = 1;
                    else if (rows[i][d] < 0.05f) next = 0;
                    rows[i][d] = next;
                }
            }
            case REACHED -> {
                for (int i = 0; i < rows.length - 1; i++) rows[i][d] = rows[i + 1][d] - rows[i][d];
                rows[rows.length - 1][d] = 0;
            }
            case RELATIVE -> {
                // Before its first command the gripper is in the state that this one leaves.
                float now = 1;
                for (var row : rows) {
                    if (Math.abs(row[d]) > 0.1f) {
                        now = row[d] > 0 ? 1 : 0;
                        break;
                    }
                }
                for (var row : rows) {
                    if (row[d] > 0.1f) now = 0;
                    else if (row[d] < -0.1f) now = 1;
                    row[d] = now;
                }
            }
        }
    }
}
