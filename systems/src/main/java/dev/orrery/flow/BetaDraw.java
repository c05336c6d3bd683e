package dev.orrery.flow;

import java.util.random.RandomGenerator;

/// Exact draws from Beta(a, b): by the inverse distribution function where one parameter is 1, by
/// Jöhnk's rejection where both are at most 1, else by Cheng's BB and BC.
///
/// Sources: Jöhnk, Metrika 8 (1964); Cheng, *Generating beta variates with nonintegral shape
/// parameters*, CACM 21 (1978).
record BetaDraw(double a, double b) {

    BetaDraw {
        if (!(a > 0) || !(b > 0) || Double.isInfinite(a) || Double.isInfinite(b)) {
            throw new IllegalArgumentException(
                    "Beta(%s, %s): both parameters must be finite and above 0".formatted(a, b));
        }
    }

    double next(RandomGenerator random) {
        if (b == 1) return Math.pow(random.nextDouble(), 1 / a);
        if (a == 1) return 1 - Math.pow(random.nextDouble(), 1 / b);
        if (a <= 1 && b <= 1) return johnk(random);
        return Math.min(a, b) > 1 ? chengBoth(random) : chengOne(random);
    }

    private double johnk(RandomGenerator random) {
        while (true) {
            double x = Math.log(positive(random)) / a, y = Math.log(positive(random)) / b;
            double top = Math.max(x, y), sum = Math.exp(x - top) + Math.exp(y - top);
            // Compared as logarithms: for small parameters the powers themselves underflow.
            if (top + Math.log(sum) <= 0) return Math.exp(x - top) / sum;
        }
    }

    /// Cheng's BB, for both parameters above 1.
    private double chengBoth(RandomGenerator random) {
        double low = Math.min(a, b), high = Math.max(a, b), total = low + high;
        double slope = Math.sqrt((total - 2) / (2 * low * high - total));
        double shift = low + 1 / slope;
        while (true) {
            double u = positive(random), z = u * u * random.nextDouble();
            double v = slope * Math.log(u / (1 - u)), w = low * Math.exp(v);
            double r = shift * v - Math.log(4), s = low + r - w;
            if (s + 1 + Math.log(5) >= 5 * z
                    || s >= Math.log(z)
                    || r + total * Math.log(total / (high + w)) >= Math.log(z)) {
                return share(w, low, high);
            }
        }
    }

    /// Cheng's BC, for one parameter above 1.
    private double chengOne(RandomGenerator random) {
        double low = Math.min(a, b), high = Math.max(a, b), total = low + high;
        double slope = 1 / low, delta = 1 + high - low;
        double k1 = delta * (0.0138889 + 0.0416667 * low) / (high * slope - 0.777778);
        double k2 = 0.25 + (0.5 + 0.25 / delta) * low;
        while (true) {
            double u = positive(random), second = random.nextDouble(), z;
            if (u < 0.5) {
                double y = u * second;
                z = u * y;
                if (0.25 * second + z - y >= k1) continue;
            } else {
                z = u * u * second;
                if (z > 0.25 && z >= k2) continue;
            }
            double v = slope * Math.log(u / (1 - u)), w = high * Math.exp(Math.min(v, 700));
            boolean inside = u >= 0.5 && z <= 0.25;
            if (inside || total * (Math.log(total / (low + w)) + v) - Math.log(4) >= Math.log(z)) {
                return share(w, high, low);
            }
        }
    }

    private double share(double w, double first, double second) {
        if (Double.isInfinite(w)) return first == a ? 1 : 0;
        return first == a ? w / (second + w) : second / (second + w);
    }

    private static double positive(RandomGenerator random) {
        return Math.max(random.nextDouble(), Double.MIN_NORMAL);
    }
}
