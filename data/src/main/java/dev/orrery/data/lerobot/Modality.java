package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What the numbers of a data set are, as GR00T, InternVLA-M1 and starVLA keep it in
/// `meta/modality.json` beside LeRobot's files: which columns of state and action belong together,
/// and which features are cameras and annotations.
///
/// @param state groups of what is felt, by name
/// @param action groups of what is done, by name
/// @param video features that are cameras, by the name that models know them by
/// @param annotation features that are annotations, likewise
public record Modality(
        SequencedMap<String, Group> state,
        SequencedMap<String, Group> action,
        SequencedMap<String, String> video,
        SequencedMap<String, String> annotation) {

    /// Where a data set keeps it.
    public static final String FILE = "meta/modality.json";

    private static final Set<String> PARTS = Set.of("state", "action", "video", "annotation");
    private static final Set<String> GROUP_KEYS =
            Set.of("start", "end", "original_key", "rotation_type", "absolute", "dtype", "range");

    public Modality {
        state = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(state));
        action = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(action));
        video = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(video));
        annotation = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(annotation));
    }

    /// How a group tells a rotation, and in how many numbers.
    public enum Rotation {
        AXIS_ANGLE(3),
        QUATERNION(4),
        ROTATION_6D(6),
        MATRIX(9),
        EULER_ANGLES_RPY(3),
        EULER_ANGLES_RYP(3),
        EULER_ANGLES_PRY(3),
        EULER_ANGLES_PYR(3),
        EULER_ANGLES_YRP(3),
        EULER_ANGLES_YPR(3);

        private final int numbers;

        Rotation(int numbers) {
            this.numbers = numbers;
        }
    }

    /// Some columns of a feature.
    ///
    /// @param feature its name
    /// @param start the first column
    /// @param end the one after the last
    /// @param rotation what they tell, if it is a rotation
    /// @param absolute whether they are no differences
    public record Group(
            String feature, int start, int end, Optional<Rotation> rotation, boolean absolute) {

        /// The columns of a row of the feature.
        public float[] of(float[] row) {
            return Arrays.copyOfRange(row, start, end);
        }

        /// The number of columns.
        public int dims() {
            return end - start;
        }
    }

    /// Reads and checks the file of a data set.
    ///
    /// @throws DatasetException listing everything that is missing, unknown or does not fit the
    ///   features
    public static Modality read(LeRobotDataset data) {
        return read(data.root().resolve(FILE), data.features());
    }

    static Modality read(Path file, Map<String, Feature> features) {
        var reader = new Reader(features, new ArrayList<>());
        var modality = reader.modality(Json.object(file));
        if (!reader.problems.isEmpty()) {
            throw DatasetException.at(
                    file,
                    "%d problems: %s; the features are %s"
                            .formatted(
                                    reader.problems.size(),
                                    String.join("; ", reader.problems),
                                    features.keySet()));
        }
        return modality;
    }

    private record Reader(Map<String, Feature> features, List<String> problems) {

        Modality modality(ObjectNode all) {
            for (var name : all.propertyNames()) {
                if (!PARTS.contains(name)) problems.add("'%s' is unknown".formatted(name));
            }
            for (var part : List.of("state", "action", "video")) {
                if (!all.path(part).isObject()) problems.add("'%s' is missing".formatted(part));
            }
            var modality =
                    new Modality(
                            groups("state", all.path("state"), "observation.state"),
                            groups("action", all.path("action"), "action"),
                            named("video", all.path("video")),
                            named("annotation", all.path("annotation")));
            overlaps("state", modality.state);
            overlaps("action", modality.action);
            return modality;
        }

        private SequencedMap<String, Group> groups(String part, JsonNode node, String usual) {
            var groups = new LinkedHashMap<String, Group>();
            for (var entry : node.properties()) {
                var name = part + "." + entry.getKey();
                var group = entry.getValue();
                for (var key : group.propertyNames()) {
                    if (!GROUP_KEYS.contains(key)) {
                        problems.add("'%s.%s' is unknown".formatted(name, key));
                    }
                }
                var feature = group.path("original_key").asString(usual);
                int start = group.path("start").asInt(-1), end = group.path("end").asInt(-1);
                var rotation = rotation(name, group.path("rotation_type"));
                if (fits(name, feature, start, end, rotation)) {
                    groups.put(
                            entry.getKey(),
                            new Group(
                                    feature,
                                    start,
                                    end,
                                    rotation,
                                    group.path("absolute").asBoolean(true)));
                }
            }
            return groups;
        }

        private Optional<Rotation> rotation(String name, JsonNode type) {
            if (type.isMissingNode() || type.isNull()) return Optional.empty();
            var found =
                    Arrays.stream(Rotation.values())
                            .filter(r -> r.name().toLowerCase(Locale.ROOT).equals(type.asString()))
                            .findFirst();
            if (found.isEmpty()) {
                problems.add(
                        "'%s' has the rotation_type '%s'; known are %s"
                                .formatted(
                                        name,
                                        type.asString(""),
                                        Arrays.stream(Rotation.values())
                                                .map(r -> r.name().toLowerCase(Locale.ROOT))
                                                .collect(Collectors.joining(", "))));
            }
            return found;
        }

        private boolean fits(
                String name, String key, int start, int end, Optional<Rotation> rotation) {
            var feature = features.get(key);
            if (feature == null) {
                problems.add(
                        "'%s' is of the feature '%s', which there is not".formatted(name, key));
                return false;
            }
            int columns = feature.dtype().isPicture() ? 0 : feature.shape().getFirst();
            if (start < 0 || end <= start || end > columns) {
                problems.add(
                        "'%s' goes from %d to %d, '%s' has the columns 0 to %d"
                                .formatted(name, start, end, key, columns));
                return false;
            }
            if (rotation.isPresent() && rotation.get().numbers != end - start) {
                problems.add(
                        "'%s' has %d columns, %s has %d"
                                .formatted(
                                        name,
                                        end - start,
                                        rotation.get().name().toLowerCase(Locale.ROOT),
                                        rotation.get().numbers));
                return false;
            }
            return true;
        }

        private SequencedMap<String, String> named(String part, JsonNode node) {
            var named = new LinkedHashMap<String, String>();
            for (var entry : node.properties()) {
                var key = entry.getValue().path("original_key").asString(entry.getKey());
                var feature = features.get(key);
                boolean camera = part.equals("video");
                if (feature == null || camera && !feature.dtype().isPicture()) {
                    problems.add(
                            "'%s.%s' is of the feature '%s', which %s"
                                    .formatted(
                                            part,
                                            entry.getKey(),
                                            key,
                                            feature == null ? "there is not" : "is no camera"));
                } else {
                    named.put(entry.getKey(), key);
                }
            }
            return named;
        }

        private void overlaps(String part, Map<String, Group> groups) {
            var names = List.copyOf(groups.keySet());
            for (int i = 0; i < names.size(); i++) {
                for (int j = i + 1; j < names.size(); j++) {
                    var a = groups.get(names.get(i));
                    var b = groups.get(names.get(j));
                    if (a != null
                            && b != null
                            && a.feature.equals(b.feature)
                            && a.start < b.end
                            && b.start < a.end) {
                        problems.add(
                                "'%s.%s' and '%s.%s' share columns of '%s'"
                                        .formatted(
                                                part, names.get(i), part, names.get(j), a.feature));
                    }
                }
            }
        }
    }
}
