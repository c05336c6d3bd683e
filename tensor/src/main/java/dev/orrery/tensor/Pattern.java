package dev.orrery.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A parsed pattern of [Tensor#rearrange], as in `b t s d -> (b t) s d`.
record Pattern(String text, List<List<String>> left, List<List<String>> right) {

    private static final Map<String, Pattern> PARSED = new ConcurrentHashMap<>();

    static Pattern of(String text) {
        var pattern = PARSED.get(text);
        return pattern != null ? pattern : PARSED.computeIfAbsent(text, Pattern::parse);
    }

    Tensor apply(Tensor x, Axis... given) {
        var names = left.stream().flatMap(List::stream).toList();
        long[] lengths = lengths(x.shape(), names, given);
        var order = right.stream().flatMap(List::stream).mapToLong(names::indexOf).toArray();
        var merged = new long[right.size()];
        for (int i = 0, axis = 0; i < merged.length; i++) {
            merged[i] = 1;
            for (var _ : right.get(i)) merged[i] *= lengths[(int) order[axis++]];
        }
        return x.reshape(lengths).permute(order).reshape(merged);
    }

    /// The length of every axis on the left, in order.
    private long[] lengths(long[] shape, List<String> names, Axis... given) {
        if (shape.length != left.size()) {
            throw fault("needs %d axes".formatted(left.size()), shape);
        }
        var lengths = new long[names.size()];
        for (var axis : given) {
            int i = names.indexOf(axis.name());
            if (i < 0) throw fault("has no axis '%s'".formatted(axis.name()), shape);
            lengths[i] = axis.length();
        }
        int start = 0;
        for (int i = 0; i < shape.length; i++) {
            int end = start + left.get(i).size();
            solve(lengths, start, end, shape, i);
            start = end;
        }
        return lengths;
    }

    private void solve(long[] lengths, int start, int end, long[] shape, int axis) {
        long known = 1;
        int unknown = -1;
        for (int i = start; i < end; i++) {
            if (lengths[i] != 0) known *= lengths[i];
            else if (unknown < 0) unknown = i;
            else {
                throw fault(
                        "splits axis %d into (%s) with more than one unknown length; give axis(name, length)"
                                .formatted(axis, String.join(" ", left.get(axis))),
                        shape);
            }
        }
        if (unknown >= 0 && shape[axis] % known == 0) lengths[unknown] = shape[axis] / known;
        else if (known != shape[axis]) {
            throw fault(
                    "axis %d has length %d, which (%s) does not divide into: known lengths multiply to %d"
                            .formatted(axis, shape[axis], String.join(" ", left.get(axis)), known),
                    shape);
        }
    }

    private IllegalArgumentException fault(String what, long[] shape) {
        return new IllegalArgumentException(
                "rearrange \"%s\" of shape %s: %s".formatted(text, Arrays.toString(shape), what));
    }

    private static Pattern parse(String text) {
        var sides = text.split("->", -1);
        if (sides.length != 2) throw malformed(text, "needs one '->'");
        var pattern = new Pattern(text, side(text, sides[0]), side(text, sides[1]));
        var left = pattern.left.stream().flatMap(List::stream).toList();
        var right = pattern.right.stream().flatMap(List::stream).toList();
        if (left.stream().distinct().count() != left.size()) {
            throw malformed(text, "names an axis twice on the left");
        }
        if (!left.stream().sorted().toList().equals(right.stream().sorted().toList())) {
            throw malformed(text, "needs the same names on both sides");
        }
        return pattern;
    }

    private static List<List<String>> side(String text, String side) {
        var axes = new ArrayList<List<String>>();
        @Nullable List<String> group = null;
        for (var word : side.replace("(", " ( ").replace(")", " ) ").strip().split("\\s+")) {
            switch (word) {
                case "" -> {}
                case "(" -> {
                    if (group != null) throw malformed(text, "nests parentheses");
                    group = new ArrayList<>();
                }
                case ")" -> {
                    if (group == null)
                        throw malformed(text, "closes a parenthesis it never opened");
                    axes.add(List.copyOf(group));
                    group = null;
                }
                default -> {
                    if (!word.matches("1|[A-Za-z][A-Za-z0-9_]*")) {
                        throw malformed(text, "'%s' is not an axis name".formatted(word));
                    }
                    if (word.equals("1")) {
                        if (group == null) axes.add(List.of());
                    } else if (group == null) axes.add(List.of(word));
                    else group.add(word);
                }
            }
        }
        if (group != null) throw malformed(text, "leaves a parenthesis open");
        return List.copyOf(axes);
    }

    private static IllegalArgumentException malformed(String text, String what) {
        return new IllegalArgumentException("rearrange \"%s\" %s".formatted(text, what));
    }
}
