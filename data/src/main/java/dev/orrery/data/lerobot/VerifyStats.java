package dev.orrery.data.lerobot;

import java.util.Map;

/// Compares stated statistics with those of the data.
final class VerifyStats {

    private static final String FIX = "'orrery data stats --write' computes them anew";

    private final LeRobotDataset data;
    private final Findings findings;
    private final Findings.At at;

    VerifyStats(LeRobotDataset data, Findings findings) {
        this.data = data;
        this.findings = findings;
        this.at =
                findings.file(
                        data.root()
                                .resolve(
                                        data.info().isV3()
                                                ? "meta/stats.json"
                                                : Meta.EPISODES_STATS));
    }

    void compare(Map<String, Moments> moments) {
        if (data.stats().isEmpty()) {
            if (data.frames() > 0)
                findings.warning("no statistics", at, "there are no statistics", FIX);
            return;
        }
        for (var feature : data.features().values()) {
            var stated = data.stats().get(feature.name());
            boolean needed = feature.dtype().isNumber() || feature.dtype().isPicture();
            if (stated == null) {
                if (needed)
                    findings.warning(
                            "missing statistics",
                            at,
                            "'%s' has no statistics".formatted(feature.name()),
                            FIX);
                continue;
            }
            int dimensions = feature.dtype().isPicture() ? feature.channels() : feature.elements();
            // The Python library folds all but the last axis of features with several.
            boolean folded =
                    !feature.dtype().isPicture()
                            && feature.shape().size() > 1
                            && stated.dimensions() == feature.shape().getLast();
            if (stated.dimensions() != dimensions && !folded) {
                findings.error(
                        "statistics",
                        at,
                        "'%s' has statistics of %d dimensions instead of %d"
                                .formatted(feature.name(), stated.dimensions(), dimensions),
                        FIX);
                continue;
            }
            order(feature, stated);
            if (feature.dtype().isPicture()) range(feature, stated);
            else if (moments.containsKey(feature.name()))
                numbers(feature, stated, moments.get(feature.name()).folded(stated.dimensions()));
        }
        for (var name : data.stats().keySet()) {
            if (!data.features().containsKey(name))
                findings.warning(
                        "stray statistics",
                        at,
                        "'%s' has statistics but is no feature".formatted(name),
                        FIX);
        }
    }

    private void order(Feature feature, FeatureStats stated) {
        var keys =
                stated.quantiles().keySet().stream()
                        .filter(k -> k.startsWith("q"))
                        .sorted()
                        .toList();
        for (int i = 0; i < stated.dimensions(); i++) {
            double slack = 1e-6 + 1e-4 * (stated.max()[i] - stated.min()[i]);
            double before = stated.min()[i] - slack;
            for (var key : keys) {
                var values = stated.quantiles().get(key);
                if (values.length != stated.dimensions()
                        || !(values[i] >= before - slack)
                        || !(values[i] <= stated.max()[i] + slack)) {
                    findings.warning(
                            "quantiles",
                            at,
                            "%s of '%s' is out of order".formatted(key, feature.name()),
                            FIX);
                    return;
                }
                before = values[i];
            }
        }
    }

    private void range(Feature feature, FeatureStats stated) {
        if (feature.isDepth()) return;
        for (int i = 0; i < stated.dimensions(); i++) {
            if (stated.min()[i] >= -1e-6
                    && stated.max()[i] <= 1 + 1e-6
                    && stated.mean()[i] >= stated.min()[i] - 1e-6
                    && stated.mean()[i] <= stated.max()[i] + 1e-6) continue;
            findings.error(
                    "picture statistics",
                    at,
                    "'%s' channel %d has min %g, mean %g, max %g; pictures are counted in [0, 1]"
                            .formatted(
                                    feature.name(),
                                    i,
                                    stated.min()[i],
                                    stated.mean()[i],
                                    stated.max()[i]),
                    FIX);
            return;
        }
    }

    private void numbers(Feature feature, FeatureStats stated, Moments found) {
        if (found.count() != data.frames())
            return; // Some episode could not be read, which is reported.
        if (stated.count() != 0 && stated.count() != found.count()) {
            report(
                    feature,
                    "'%s': count is %d, the data have %d frames"
                            .formatted(feature.name(), stated.count(), found.count()));
            return;
        }
        var std = found.std();
        for (int i = 0; i < stated.dimensions(); i++) {
            double size = Math.max(Math.abs(found.min()[i]), Math.abs(found.max()[i]));
            // The Python library sums squares in single precision, so that a small spread around a
            // large mean is only known roughly.
            double spread = Math.abs(stated.std()[i] * stated.std()[i] - std[i] * std[i]);
            if (off(feature, i, "min", stated.min()[i], found.min()[i], 1e-5 * size)
                    || off(feature, i, "max", stated.max()[i], found.max()[i], 1e-5 * size)
                    || off(feature, i, "mean", stated.mean()[i], found.mean()[i], 1e-4 * size))
                return;
            if (!(spread <= 2e-3 * std[i] * std[i] + 3e-6 * size * size + 1e-12)) {
                off(feature, i, "std", stated.std()[i], std[i], 0);
                return;
            }
        }
    }

    private boolean off(
            Feature feature, int i, String what, double stated, double found, double allowed) {
        if (Math.abs(stated - found) <= allowed + 1e-9) return false;
        report(
                feature,
                "%s of %s is stated as %g, the data give %g"
                        .formatted(what, feature.dimension(i), stated, found));
        return true;
    }

    private void report(Feature feature, String what) {
        if (Feature.AUTOMATIC.contains(feature.name()))
            findings.warning("statistics", at, what, FIX);
        else findings.error("statistics", at, what, FIX);
    }
}
