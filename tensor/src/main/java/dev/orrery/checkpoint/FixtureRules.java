package dev.orrery.checkpoint;

import dev.orrery.checkpoint.FixtureRow.Verdict;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// How close each tensor of a fixture must be, and where it counts.
final class FixtureRules {

    /// Names with `*` for any run of characters.
    private record Names(List<Pattern> patterns) {

        static Names of(List<String> globs) {
            return new Names(globs.stream().map(Names::pattern).toList());
        }

        private static Pattern pattern(String glob) {
            return Pattern.compile(
                    Arrays.stream(glob.split("\\*", -1))
                            .map(Pattern::quote)
                            .reduce((a, b) -> a + ".*" + b)
                            .orElse(""),
                    Pattern.DOTALL);
        }

        boolean match(String name) {
            return patterns.stream().anyMatch(p -> p.matcher(name).matches());
        }
    }

    private record Tolerance(double atol, double rtol, double equalShare) {

        static final Tolerance EXACT = new Tolerance(0, 0, 0);

        static Tolerance of(FixtureFields fields) {
            return new Tolerance(
                    fields.number("atol", 0),
                    fields.number("rtol", 0),
                    fields.number("equal_share", 0));
        }
    }

    private record Special(Names names, Tolerance tolerance) {}

    private record Mask(Names names, String input, int[] axes) {}

    private final FixtureFields fields;
    private final Tolerance usual;
    private final List<Special> overrides;
    private final Names exact;
    private final List<Mask> masks;

    private FixtureRules(FixtureFields fields) {
        this.fields = fields;
        usual = fields.object("tolerance").map(Tolerance::of).orElse(Tolerance.EXACT);
        overrides =
                fields.objects("overrides").stream()
                        .map(o -> new Special(Names.of(o.texts("tensors")), Tolerance.of(o)))
                        .toList();
        exact = Names.of(fields.texts("exact"));
        masks =
                fields.objects("compare_where").stream()
                        .map(m ->
                                new Mask(
                                        Names.of(m.texts("tensors")),
                                        m.text("mask").orElseThrow(() -> m.wrong("mask", "a name")),
                                        m.wholes("axes")))
                        .toList();
    }

    static FixtureRules of(FixtureFields fields) {
        return new FixtureRules(fields);
    }

    boolean needInputs() {
        return !masks.isEmpty();
    }

    FixtureRow compare(
            String name, Tensor expected, Optional<Tensor> actual, Map<String, Tensor> inputs) {
        if (actual.isEmpty())
            return row(name, expected, Verdict.MISSING, "the model did not compute it");
        var given = actual.get();
        if (!Arrays.equals(given.shape(), expected.shape()))
            return row(name, expected, Verdict.FAIL, "has shape " + Arrays.toString(given.shape()));
        boolean equal = exact.match(name);
        var tolerance = equal ? Tolerance.EXACT : tolerance(name);
        var counted = counted(name, expected.shape(), inputs);
        return equal && !expected.dtype().isFloating()
                ? wholes(name, expected, given, counted)
                : reals(name, expected, given, tolerance, counted);
    }

    private static FixtureRow row(String name, Tensor expected, Verdict verdict, String note) {
        return new FixtureRow(name, expected.toString(), Double.NaN, 0, verdict, note);
    }

    private Tolerance tolerance(String name) {
        return overrides.stream()
                .filter(o -> o.names.match(name))
                .findFirst()
                .map(Special::tolerance)
                .orElse(usual);
    }

    /// Which elements count: all, unless a mask says otherwise.
    private boolean[] counted(String name, long[] shape, Map<String, Tensor> inputs) {
        var counted = new boolean[Math.toIntExact(elements(shape))];
        Arrays.fill(counted, true);
        for (var mask : masks)
            if (mask.names.match(name)) exclude(counted, name, shape, mask, inputs);
        return counted;
    }

    private void exclude(
            boolean[] counted, String name, long[] shape, Mask mask, Map<String, Tensor> inputs) {
        var tensor = inputs.get(mask.input);
        if (tensor == null)
            throw new CheckpointException(
                    fields.file(), mask.input, "is not among the inputs", "mend compare_where");
        var sizes = new long[mask.axes.length];
        for (int i = 0; i < sizes.length; i++)
            sizes[i] = mask.axes[i] < shape.length ? shape[mask.axes[i]] : -1;
        if (!Arrays.equals(sizes, tensor.shape()))
            throw new CheckpointException(
                    fields.file(),
                    name,
                    "has shape %s, its mask %s has %s along axes %s"
                            .formatted(
                                    Arrays.toString(shape),
                                    mask.input,
                                    Arrays.toString(tensor.shape()),
                                    Arrays.toString(mask.axes)),
                    "mend compare_where");
        var values = tensor.to(DType.BOOL).toBooleans();
        for (int i = 0; i < counted.length; i++) counted[i] &= values[at(i, shape, mask.axes)];
    }

    /// Where, in a mask over some axes, an element of the whole tensor lies.
    private static int at(int flat, long[] shape, int[] axes) {
        var index = new long[shape.length];
        long rest = flat;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            index[axis] = rest % shape[axis];
            rest /= shape[axis];
        }
        long at = 0;
        for (int axis : axes) at = at * shape[axis] + index[axis];
        return (int) at;
    }

    private static FixtureRow wholes(
            String name, Tensor expected, Tensor actual, boolean[] counted) {
        var e = expected.toLongs();
        var a = actual.toLongs();
        if (actual.dtype().isFloating() && !actual.equal(actual.round()))
            return row(name, expected, Verdict.FAIL, "is not whole numbers");
        double largest = 0;
        long unequal = 0;
        for (int i = 0; i < e.length; i++) {
            if (!counted[i] || e[i] == a[i]) continue;
            unequal++;
            largest = Math.max(largest, Math.abs((double) e[i] - a[i]));
        }
        return new FixtureRow(
                name,
                expected.toString(),
                largest,
                0,
                unequal == 0 ? Verdict.PASS : Verdict.FAIL,
                unequal == 0 ? "" : "%d of %d differ".formatted(unequal, e.length));
    }

    private static FixtureRow reals(
            String name, Tensor expected, Tensor actual, Tolerance tolerance, boolean[] counted) {
        var e = expected.toDoubles();
        var a = actual.toDoubles();
        double largest = 0, worst = Double.NEGATIVE_INFINITY, allowed = tolerance.atol;
        long outside = 0, equal = 0, all = 0;
        for (int i = 0; i < e.length; i++) {
            if (!counted[i]) continue;
            all++;
            if (a[i] == e[i] || Double.isNaN(a[i]) && Double.isNaN(e[i])) {
                equal++;
                continue;
            }
            double difference = Math.abs(a[i] - e[i]);
            double room = tolerance.atol + tolerance.rtol * Math.abs(e[i]);
            boolean inside = difference <= room && Double.isFinite(e[i]);
            if (!inside) outside++;
            largest = Double.isNaN(difference) ? difference : Math.max(largest, difference);
            double excess = inside || room < difference ? difference - room : Double.MAX_VALUE;
            if (excess > worst) {
                worst = excess;
                allowed = room;
            }
        }
        double share = all == 0 ? 1 : equal / (double) all;
        var note =
                outside > 0
                        ? "%d of %d are outside".formatted(outside, all)
                        : share < tolerance.equalShare
                                ? "%.4f are equal, %s needed".formatted(share, tolerance.equalShare)
                                : "";
        var verdict = note.isEmpty() ? Verdict.PASS : Verdict.FAIL;
        return new FixtureRow(name, expected.toString(), largest, allowed, verdict, note);
    }

    private static long elements(long[] shape) {
        long product = 1;
        for (long size : shape) product *= size;
        return product;
    }
}
