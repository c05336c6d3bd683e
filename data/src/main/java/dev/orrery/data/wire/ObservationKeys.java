package dev.orrery.data.wire;

import dev.orrery.data.wire.Value.Fields;
import dev.orrery.data.wire.Value.Items;
import dev.orrery.data.wire.Value.Nothing;
import dev.orrery.data.wire.Value.Real;
import dev.orrery.data.wire.Value.Text;
import dev.orrery.data.wire.Value.Whole;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/// Which entry of a message is which part of an observation.
///
/// Entries of nested dictionaries count under the path to them: `{"images": {"top": …}}` is
/// `images/top`. A part may have several names, of which a message uses one; the first is what is
/// written. Entries that nobody asked for are refused, because a misspelt camera would otherwise go
/// unseen.
///
/// @param cameras names of each camera's picture, in the observation's order
/// @param state names of the state; none if the robot has no state
/// @param text names of the instruction
public record ObservationKeys(
        SequencedMap<String, List<String>> cameras, List<String> state, List<String> text) {

    private static final int SIDE = 8192;

    public ObservationKeys {
        var copy = new LinkedHashMap<String, List<String>>();
        cameras.forEach((camera, names) -> copy.put(camera, List.copyOf(names)));
        cameras = java.util.Collections.unmodifiableSequencedMap(copy);
        state = List.copyOf(state);
        text = List.copyOf(text);
    }

    /// The names that openpi's clients use for a robot with one camera that sees all and one on the
    /// wrist (`observation/image`, `observation/wrist_image`, `observation/state`, `prompt`), then
    /// LeRobot's (`observation.images.NAME`, `observation.state`, `task`), then plain ones.
    ///
    /// @param cameras the robot's own names, the one that sees all first
    public static ObservationKeys openpi(List<String> cameras) {
        var usual = List.of("observation/image", "observation/wrist_image");
        var names = new LinkedHashMap<String, List<String>>();
        for (int i = 0; i < cameras.size(); i++) {
            var camera = cameras.get(i);
            var all = new ArrayList<String>();
            if (i < usual.size()) {
                all.add(usual.get(i));
            }
            all.addAll(
                    List.of(
                            "observation/" + camera,
                            "observation.images." + camera,
                            "images/" + camera,
                            camera));
            names.put(camera, all);
        }
        return new ObservationKeys(
                names,
                List.of("observation/state", "observation.state", "state"),
                List.of("prompt", "task"));
    }

    /// The same with one more name, which comes first, for a camera's picture.
    ///
    /// @throws IllegalArgumentException if there is no such camera
    public ObservationKeys with(String camera, String name) {
        if (!cameras.containsKey(camera)) {
            throw new IllegalArgumentException(
                    "there is no camera '%s'; the cameras are %s"
                            .formatted(camera, cameras.keySet()));
        }
        var more = new LinkedHashMap<>(cameras);
        var names = new ArrayList<>(List.of(name));
        names.addAll(cameras.get(camera));
        more.put(camera, names);
        return new ObservationKeys(more, state, text);
    }

    /// An observation as a message, under the first names.
    ///
    /// @throws IllegalArgumentException if it lacks a camera
    public Fields write(Observation observation) {
        var fields = Fields.empty();
        for (var camera : cameras.entrySet()) {
            var image = observation.image(camera.getKey());
            fields =
                    fields.with(
                            camera.getValue().getFirst(),
                            NdArray.of(image.rgb(), image.height(), image.width(), 3));
        }
        if (!state.isEmpty()) {
            var values = NdArray.of(observation.state(), observation.state().length);
            fields = fields.with(state.getFirst(), values);
        }
        return fields.with(text.getFirst(), observation.text());
    }

    /// A message as an observation.
    ///
    /// Pictures are `(H, W, 3)` or `(3, H, W)`, bytes or floats from 0 to 1. The state is a vector
    /// or a list of numbers.
    ///
    /// @throws IllegalArgumentException if a part is missing, unknown or malformed; the message
    ///   says what is expected
    public Observation read(Fields message) {
        var entries = new LinkedHashMap<String, Value>();
        flatten("", message, entries);
        var unused = new LinkedHashSet<>(entries.keySet());
        var images = new LinkedHashMap<String, Image>();
        for (var camera : cameras.entrySet()) {
            var name = find(entries, camera.getValue(), "picture of camera " + camera.getKey());
            images.put(camera.getKey(), image(name, entries.get(name)));
            unused.remove(name);
        }
        var feeling = new float[0];
        if (!state.isEmpty()) {
            var name = find(entries, state, "state");
            feeling = finite(name, numbers(name, entries.get(name)));
            unused.remove(name);
        }
        var textName = find(entries, text, "instruction");
        unused.remove(textName);
        if (!unused.isEmpty()) {
            throw new IllegalArgumentException(
                    "nobody reads %s; expected are %s".formatted(unused, expected()));
        }
        return new Observation(images, feeling, words(textName, entries.get(textName)));
    }

    /// The entries of a message that are no part of an observation, nested ones as paths.
    public Set<String> unknown(Fields message) {
        var entries = new LinkedHashMap<String, Value>();
        flatten("", message, entries);
        var unknown = new LinkedHashSet<>(entries.keySet());
        known().forEach(unknown::remove);
        return unknown;
    }

    /// Every name of every part.
    public List<String> known() {
        var all = new ArrayList<String>();
        cameras.values().forEach(all::addAll);
        all.addAll(state);
        all.addAll(text);
        return all;
    }

    /// The first name of each part.
    public List<String> expected() {
        var all = new ArrayList<String>();
        cameras.values().forEach(names -> all.add(names.getFirst()));
        state.stream().limit(1).forEach(all::add);
        all.add(text.getFirst());
        return all;
    }

    private static void flatten(String path, Fields fields, SequencedMap<String, Value> into) {
        fields.entries()
                .forEach((name, value) -> {
                    if (value instanceof Fields inner) {
                        flatten(path + name + "/", inner, into);
                    } else {
                        into.put(path + name, value);
                    }
                });
    }

    private static String find(
            SequencedMap<String, Value> entries, List<String> names, String what) {
        var found = names.stream().filter(entries::containsKey).toList();
        if (found.size() == 1) {
            return found.getFirst();
        }
        throw new IllegalArgumentException(
                found.isEmpty()
                        ? "the %s is missing: send it as '%s' (or %s); the message has %s"
                                .formatted(
                                        what,
                                        names.getFirst(),
                                        String.join(", ", names.subList(1, names.size())),
                                        entries.keySet())
                        : "the %s is there twice: %s".formatted(what, found));
    }

    private static Image image(String name, Value value) {
        if (value instanceof Value.Array(var array)
                && array.rank() == 3
                && (array.isBytes() || array.isFloat())) {
            var shape = array.shape();
            boolean planes = shape[0] == 3 && shape[2] != 3;
            int height = shape[planes ? 1 : 0], width = shape[planes ? 2 : 1];
            boolean fits = shape[planes ? 0 : 2] == 3 && height > 0 && width > 0;
            if (fits && height <= SIDE && width <= SIDE) {
                return new Image(height, width, interleaved(bytes(name, array), planes));
            }
        }
        throw new IllegalArgumentException(
                "'%s' is %s; a picture is an array (H, W, 3) or (3, H, W) of bytes, or of floats from 0 to 1"
                        .formatted(name, Value.kind(value)));
    }

    private static byte[] bytes(String name, NdArray array) {
        if (array.isBytes()) {
            return array.data();
        }
        var values = array.floats();
        var bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            if (!(values[i] >= 0 && values[i] <= 1)) {
                throw new IllegalArgumentException(
                        "'%s' holds %s; a picture of floats goes from 0 to 1, or send bytes"
                                .formatted(name, values[i]));
            }
            bytes[i] = (byte) Math.round(255 * values[i]);
        }
        return bytes;
    }

    private static byte[] interleaved(byte[] bytes, boolean planes) {
        if (!planes) {
            return bytes;
        }
        int pixels = bytes.length / 3;
        var rgb = new byte[bytes.length];
        for (int i = 0; i < pixels; i++) {
            for (int c = 0; c < 3; c++) {
                rgb[3 * i + c] = bytes[c * pixels + i];
            }
        }
        return rgb;
    }

    /// The numbers of a vector or of a list.
    ///
    /// @throws IllegalArgumentException if the value is neither
    public static float[] numbers(String name, Value value) {
        return switch (value) {
            case Value.Array(var array) when array.rank() == 1 -> array.floats();
            case Items(var items) -> list(name, items);
            default ->
                    throw new IllegalArgumentException(
                            "'%s' is %s; send a vector of numbers"
                                    .formatted(name, Value.kind(value)));
        };
    }

    private static float[] finite(String name, float[] numbers) {
        for (float number : numbers) {
            if (!Float.isFinite(number)) {
                throw new IllegalArgumentException(
                        "'%s' is not finite: %s".formatted(name, Arrays.toString(numbers)));
            }
        }
        return numbers;
    }

    private static float[] list(String name, List<Value> items) {
        var numbers = new float[items.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] =
                    switch (items.get(i)) {
                        case Real(var real) -> (float) real;
                        case Whole(var whole) -> whole;
                        case Value other ->
                                throw new IllegalArgumentException(
                                        "'%s' holds %s; send numbers"
                                                .formatted(name, Value.kind(other)));
                    };
        }
        return numbers;
    }

    private static String words(String name, Value value) {
        return switch (value) {
            case Text(var words) -> words;
            case Items(var items) when items.size() == 1 -> words(name, items.getFirst());
            case Nothing _ -> "";
            default ->
                    throw new IllegalArgumentException(
                            "'%s' is %s; an instruction is a text"
                                    .formatted(name, Value.kind(value)));
        };
    }

    @Override
    public String toString() {
        return Arrays.toString(expected().toArray());
    }
}
