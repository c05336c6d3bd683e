package dev.orrery.optim;

/// The learning rate at each step, counted from 0.
@FunctionalInterface
public interface Schedule {

    double at(long step);

    /// Always the same.
    static Schedule constant(double rate) {
        return _ -> rate;
    }

    /// Straight from one rate to another over `steps`, then constant.
    static Schedule linear(double from, double to, long steps) {
        return step -> from + (to - from) * Math.clamp(step / (double) steps, 0, 1);
    }

    /// Along half a cosine from one rate to another over `steps`, then constant.
    static Schedule cosine(double from, double to, long steps) {
        return step ->
                to
                        + (from - to)
                                * (1 + Math.cos(Math.PI * Math.clamp(step / (double) steps, 0, 1)))
                                / 2;
    }

    /// Up in a straight line over `warmup` steps (the first step already moves), then along a
    /// cosine until `steps`, then constant.
    static Schedule warmupCosine(double peak, double end, long warmup, long steps) {
        if (steps <= warmup)
            throw new IllegalArgumentException(
                    "warm-up takes %d of %d steps; give more steps".formatted(warmup, steps));
        return cosine(peak, end, steps - warmup).after(warmup);
    }

    /// This schedule, reached in a straight line over `warmup` steps and counted from its end.
    default Schedule after(long warmup) {
        return step -> step < warmup ? at(0) * (step + 1) / (warmup + 1) : at(step - warmup);
    }

    /// This schedule for `steps` steps, then another one, counted from there.
    default Schedule then(long steps, Schedule next) {
        return step -> step < steps ? at(step) : next.at(step - steps);
    }
}
