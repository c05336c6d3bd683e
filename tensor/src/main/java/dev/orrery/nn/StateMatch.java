package dev.orrery.nn;

import dev.orrery.tensor.Device;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How a module's names and shapes differ from those of a checkpoint.
record StateMatch(List<String> missing, List<String> unexpected, List<String> misshapen) {

    private static final int SHOWN = 8;
    private static final int COMPARED = 4000;

    static StateMatch of(Map<String, Tensor> own, Map<String, Tensor> given) {
        var missing = own.keySet().stream().filter(n -> !given.containsKey(n)).toList();
        var unexpected = given.keySet().stream().filter(n -> !own.containsKey(n)).toList();
        var misshapen = new ArrayList<String>();
        own.forEach((name, tensor) -> {
            var other = given.get(name);
            if (other != null && !Arrays.equals(other.shape(), tensor.shape()))
                misshapen.add(
                        "%s needs %s, got %s"
                                .formatted(
                                        name,
                                        Arrays.toString(tensor.shape()),
                                        Arrays.toString(other.shape())));
        });
        return new StateMatch(missing, unexpected, misshapen);
    }

    void check(String module) {
        if (missing.isEmpty() && unexpected.isEmpty() && misshapen.isEmpty()) return;
        var parts = new ArrayList<String>();
        if (!missing.isEmpty()) parts.add("missing " + listed(missing, unexpected));
        if (!unexpected.isEmpty()) parts.add("unexpected " + listed(unexpected, List.of()));
        if (!misshapen.isEmpty()) parts.add("misshapen " + listed(misshapen, List.of()));
        throw new IllegalArgumentException(
                "weights do not fit %s: %s".formatted(module, String.join("; ", parts)));
    }

    /// Refuses weights that are not a number or infinite.
    static void checkFinite(String module, Collection<String> names, Map<String, Tensor> given) {
        for (var name : names)
            try (var _ = Grad.disabled();
                    var _ = TensorScope.open()) {
                var tensor = given.get(name);
                if (tensor == null
                        || !tensor.dtype().isFloating()
                        || tensor.device().equals(Device.META)) continue;
                if (tensor.isfinite().all().item() == 0)
                    throw new IllegalArgumentException(
                            "weights for %s: %s has values that are not finite"
                                    .formatted(module, name));
            }
    }

    private static String listed(List<String> names, List<String> candidates) {
        var shown = new ArrayList<String>();
        for (var name : names.subList(0, Math.min(SHOWN, names.size())))
            shown.add(
                    name + nearest(name, candidates).map(n -> " (nearest: " + n + ")").orElse(""));
        int rest = names.size() - shown.size();
        return names.size()
                + " ["
                + String.join(", ", shown)
                + (rest > 0 ? " and %d more]".formatted(rest) : "]");
    }

    private static Optional<String> nearest(String name, List<String> candidates) {
        Optional<String> best = Optional.empty();
        int least = Integer.MAX_VALUE;
        for (var other : candidates.subList(0, Math.min(COMPARED, candidates.size()))) {
            int edits = edits(name, other);
            if (edits < least) {
                least = edits;
                best = Optional.of(other);
            }
        }
        return best;
    }

    private static int edits(String a, String b) {
        var row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) row[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int swap = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(swap, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
