package dev.orrery.data.clips;

import dev.orrery.data.DatasetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Actions of videos, from `.json`, `.csv` or `.npy`; see `docs/formats/clips.md`.
///
/// Every action is a name. Columns of zeros and ones are keys that may be held together: their
/// names are joined by `+`, and `none` is no key.
final class ActionFile {

    private static final long LARGEST = 64L << 20;
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([^)]*)\\)");
    private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
    private static final String NOTHING = "none", NO_LABEL = "";

    /// What a file says of all videos of a folder.
    ///
    /// @param names of numbers, in order
    /// @param episodes labels by video; [#NO_LABEL] where it is not known
    record All(List<String> names, Map<String, List<String>> episodes) {}

    private ActionFile() {}

    /// Whether this label says that nothing is known.
    static boolean unknown(String label) {
        return label.equals(NO_LABEL);
    }

    /// Actions of one video.
    static List<String> read(Path file, List<String> names) {
        var bytes = bytes(file);
        var name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".npy")) return npy(file, bytes, names);
        if (name.endsWith(".csv")) return csv(file, new String(bytes, StandardCharsets.UTF_8));
        var json = json(file, bytes);
        return labels(
                file,
                json.isObject() ? json.path("actions") : json,
                json.isObject() && json.has("names") ? strings(file, json.path("names")) : names);
    }

    /// Actions of many videos: `{"names": […], "episodes": {"a.mp4": […]}}`.
    static All readAll(Path file) {
        var json = json(file, bytes(file));
        if (!json.path("episodes").isObject()) {
            throw DatasetException.at(
                    file, "needs \"episodes\": an object with a list of actions for each video");
        }
        var names = json.has("names") ? strings(file, json.path("names")) : List.<String>of();
        var episodes = new LinkedHashMap<String, List<String>>();
        json.path("episodes")
                .properties()
                .forEach(e -> episodes.put(e.getKey(), labels(file, e.getValue(), names)));
        return new All(names, episodes);
    }

    private static byte[] bytes(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw DatasetException.at(file, "is larger than 64 MB of actions");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw DatasetException.at(file, "cannot be read", e);
        }
    }

    private static JsonNode json(Path file, byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (JacksonException e) {
            throw DatasetException.at(file, "is no valid JSON", e);
        }
    }

    private static List<String> strings(Path file, JsonNode node) {
        var out = new ArrayList<String>();
        for (var item : node) {
            if (!item.isString()) throw DatasetException.at(file, "\"names\" are texts");
            out.add(item.asString());
        }
        return out;
    }

    private static List<String> labels(Path file, JsonNode list, List<String> names) {
        if (!list.isArray()) {
            throw DatasetException.at(file, "needs a list of actions, one for each frame");
        }
        var out = new ArrayList<String>();
        for (var item : list) {
            if (item.isNull()) out.add(NO_LABEL);
            else if (item.isString()) out.add(item.asString().strip());
            else if (item.isIntegralNumber() && item.canConvertToInt())
                out.add(label(file, out.size(), item.asInt(), names));
            else
                throw DatasetException.at(
                        file,
                        "action %d is %s; actions are whole numbers, names or null"
                                .formatted(out.size(), item));
        }
        return out;
    }

    private static String label(Path file, int frame, long number, List<String> names) {
        if (number == Clips.UNKNOWN) return NO_LABEL;
        if (number < 0 || !names.isEmpty() && number >= names.size()) {
            throw DatasetException.at(
                    file,
                    "action %d is %d; there are %d names %s"
                            .formatted(frame, number, names.size(), names));
        }
        return names.isEmpty() ? String.valueOf(number) : names.get((int) number);
    }

    private static List<String> csv(Path file, String text) {
        var lines = text.lines().filter(l -> !l.isBlank()).toList();
        if (lines.isEmpty()) throw DatasetException.at(file, "is empty");
        var head = cells(lines.getFirst());
        var columns = new ArrayList<Integer>();
        for (int i = 0; i < head.size(); i++) {
            if (!head.get(i).matches("(?i)frame|time|step|seconds|t")) columns.add(i);
        }
        if (columns.isEmpty()) {
            throw DatasetException.at(
                    file, "has no column of actions; its first line names the columns");
        }
        var out = new ArrayList<String>();
        for (int l = 1; l < lines.size(); l++) {
            var cells = cells(lines.get(l));
            if (cells.size() != head.size()) {
                throw DatasetException.at(
                        file,
                        "line %d has %d columns, the first has %d"
                                .formatted(l + 1, cells.size(), head.size()));
            }
            if (columns.size() == 1) out.add(cells.get(columns.getFirst()));
            else {
                var held = new ArrayList<String>();
                for (int c : columns)
                    if (held(file, l, head.get(c), cells.get(c))) held.add(head.get(c));
                out.add(joined(held));
            }
        }
        return out;
    }

    private static List<String> cells(String line) {
        return Arrays.stream(line.split(",", -1))
                .map(c -> c.strip().replaceAll("^\"|\"$", ""))
                .toList();
    }

    private static boolean held(Path file, int line, String column, String cell) {
        return switch (cell.toLowerCase(Locale.ROOT)) {
            case "0", "0.0", "false", "" -> false;
            case "1", "1.0", "true" -> true;
            default ->
                    throw DatasetException.at(
                            file,
                            "line %d, column '%s' is %s; several columns are keys, each 0 or 1; give other actions as names in one column"
                                    .formatted(line + 1, column, cell));
        };
    }

    private static String joined(List<String> held) {
        return held.isEmpty() ? NOTHING : String.join("+", held);
    }

    private static List<String> npy(Path file, byte[] bytes, List<String> names) {
        if (bytes.length < 10 || bytes[0] != (byte) 0x93 || bytes[1] != 'N' || bytes[5] != 'Y') {
            throw DatasetException.at(file, "is no .npy file");
        }
        var in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        boolean later = bytes[6] > 1;
        long length = later && bytes.length > 12 ? in.getInt(8) : in.getShort(8) & 0xffff;
        int from = later ? 12 : 10;
        if (length < 0 || length > bytes.length - from)
            throw DatasetException.at(file, "is cut off");
        var head = new String(bytes, from, (int) length, StandardCharsets.ISO_8859_1);
        var shape = shape(file, head);
        var type = find(TYPE, head).orElse("");
        in.position(from + (int) length);
        int size = type.length() == 3 ? type.charAt(2) - '0' : 0;
        boolean known = type.matches("[<|=](b1|[iu][1248])");
        if (!known || head.contains("'fortran_order': True") && shape.length > 1) {
            throw DatasetException.at(
                    file,
                    "holds '%s'; actions are whole numbers (T) or keys of 0 and 1 (T, K), in C order; put others into classes first"
                            .formatted(type));
        }
        int columns = shape.length == 2 ? shape[1] : 1;
        if ((long) shape[0] * columns * size != in.remaining()) {
            throw DatasetException.at(
                    file,
                    "shape %s needs %d bytes, there are %d"
                            .formatted(
                                    Arrays.toString(shape),
                                    (long) shape[0] * columns * size,
                                    in.remaining()));
        }
        var out = new ArrayList<String>();
        for (int t = 0; t < shape[0]; t++) {
            if (shape.length == 1) out.add(label(file, t, number(in, type), names));
            else out.add(row(file, in, type, t, columns, names));
        }
        return out;
    }

    private static String row(
            Path file, ByteBuffer in, String type, int t, int columns, List<String> names) {
        var held = new ArrayList<String>();
        for (int k = 0; k < columns; k++) {
            long value = number(in, type);
            if (value != 0 && value != 1) {
                throw DatasetException.at(
                        file,
                        "row %d, column %d is %d; columns are keys, each 0 or 1"
                                .formatted(t, k, value));
            }
            if (value == 1) held.add(k < names.size() ? names.get(k) : "key" + k);
        }
        return joined(held);
    }

    private static long number(ByteBuffer in, String type) {
        return switch (type.substring(1)) {
            case "b1", "u1" -> in.get() & 0xff;
            case "i1" -> in.get();
            case "u2" -> in.getShort() & 0xffff;
            case "i2" -> in.getShort();
            case "u4" -> in.getInt() & 0xffffffffL;
            case "i4" -> in.getInt();
            default -> in.getLong();
        };
    }

    private static int[] shape(Path file, String head) {
        try {
            var shape =
                    Arrays.stream(find(SHAPE, head).orElse("").split(","))
                            .map(String::strip)
                            .filter(s -> !s.isEmpty())
                            .mapToInt(Integer::parseInt)
                            .toArray();
            if (shape.length == 1 || shape.length == 2 && shape[1] >= 1 && shape[1] <= 64) {
                if (shape[0] >= 0) return shape;
            }
        } catch (NumberFormatException _) {
            // said below
        }
        throw DatasetException.at(
                file, "actions have the shape (T) or, of up to 64 keys, (T, K); this has " + head);
    }

    private static Optional<String> find(Pattern pattern, String text) {
        var match = pattern.matcher(text);
        return match.find() ? Optional.of(match.group(1)) : Optional.empty();
    }
}
