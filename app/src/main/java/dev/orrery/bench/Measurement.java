package dev.orrery.bench;

import java.util.Arrays;
import java.util.OptionalDouble;

/// One item of a benchmark.
///
/// @param name what was measured
/// @param unit unit of both figures
/// @param higherIsBetter whether it is a rate rather than a cost
/// @param orrery our figure, the median of the rounds
/// @param python the figure of Python's PyTorch, where it was there
/// @param processorRatio how many times less processor time than Python's PyTorch we take, all
///   threads together, where it was measured: unlike the figures it hardly depends on what else the
///   machine does
public record Measurement(
        String name,
        String unit,
        boolean higherIsBetter,
        double orrery,
        OptionalDouble python,
        OptionalDouble processorRatio) {

    /// One whose processor time was not measured.
    public Measurement(
            String name,
            String unit,
            boolean higherIsBetter,
            double orrery,
            OptionalDouble python) {
        this(name, unit, higherIsBetter, orrery, python, OptionalDouble.empty());
    }

    /// How many times as good we are as Python's PyTorch: 1 is equal, more is better.
    public OptionalDouble ratio() {
        if (python.isEmpty()) return OptionalDouble.empty();
        double peer = python.getAsDouble();
        return OptionalDouble.of(higherIsBetter ? orrery / peer : peer / orrery);
    }

    static double median(double... values) {
        var sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
