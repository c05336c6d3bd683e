package dev.orrery.serve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// How late the actions of a control loop were, tick by tick.
///
/// @param late milliseconds after the tick at which each action was ready, ascending; not copied
public record Jitter(double[] late) {

    /// The first bound is a tenth of a millisecond, each next one twice the last.
    private static final double FIRST = .1;

    private static final int BARS = 12, WIDTH = 40;

    public Jitter {
        if (late.length == 0) {
            throw new IllegalArgumentException("jitter of no tick; run the loop for at least one");
        }
        Arrays.sort(late);
    }

    /// One bar.
    ///
    /// @param from milliseconds
    /// @param to milliseconds, infinity in the last one
    /// @param ticks how many were that late
    public record Bar(double from, double to, int ticks) {}

    /// The lateness that a share of ticks stays within, in milliseconds.
    ///
    /// @param share from 0 to 1
    public double quantile(double share) {
        return late[Math.max(0, (int) Math.ceil(share * late.length) - 1)];
    }

    /// The bars, the empty ones at the end left out.
    public List<Bar> bars() {
        var bars = new ArrayList<Bar>();
        double from = 0, to = FIRST;
        for (int bar = 0; bar < BARS; bar++) {
            double low = from, high = bar == BARS - 1 ? Double.POSITIVE_INFINITY : to;
            int ticks = (int) Arrays.stream(late).filter(l -> l >= low && l < high).count();
            bars.add(new Bar(low, high, ticks));
            from = to;
            to *= 2;
        }
        while (bars.getLast().ticks() == 0) {
            bars.removeLast();
        }
        return List.copyOf(bars);
    }

    /// A line a bar, then quantiles.
    public String text() {
        var text = new StringBuilder();
        int most = bars().stream().mapToInt(Bar::ticks).max().orElse(1);
        for (var bar : bars()) {
            var range =
                    Double.isInfinite(bar.to())
                            ? "%7.1f ms and more".formatted(bar.from())
                            : "%7.1f to %6.1f ms".formatted(bar.from(), bar.to());
            text.append("%-19s %6d ".formatted(range, bar.ticks()))
                    .repeat("#", (int) Math.ceil(WIDTH * (double) bar.ticks() / most))
                    .append('\n');
        }
        return text.append(
                        String.format(
                                Locale.ROOT,
                                "late by ms: median %.2f, 95 %% %.2f, 99 %% %.2f, worst %.2f",
                                quantile(.5),
                                quantile(.95),
                                quantile(.99),
                                late[late.length - 1]))
                .toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Jitter(double[] that) && Arrays.equals(late, that);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(late);
    }
}
