package dev.orrery.flow;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Which noise of a batch is joined to which data.
public sealed interface Coupling {

    /// The largest batch that is paired exactly; above it the plan is entropic.
    int EXACT = 512;

    /// For each data row, the row of noise to use. Works on plain arrays, off any gradient.
    ///
    /// @param noise `(B, ...)`
    /// @param data `(B, ...)` of the same shape
    int[] pair(Tensor noise, Tensor data, Seed seed);

    /// The noise in the order that the coupling asks for.
    default Tensor couple(Tensor noise, Tensor data, Seed seed) {
        if (this instanceof Independent) return noise;
        var rows = Arrays.stream(pair(noise, data, seed)).asLongStream().toArray();
        return noise.indexSelect(0, Tensor.of(rows, rows.length));
    }

    /// As they were drawn: independent.
    record Independent() implements Coupling {
        @Override
        public int[] pair(Tensor noise, Tensor data, Seed seed) {
            return IntStream.range(0, (int) data.size(0)).toArray();
        }
    }

    /// Optimal transport within the batch on squared distances: an exact [Assignment] up to
    /// [#EXACT] samples, above that a draw from the [Sinkhorn] plan for each data row (rows of
    /// noise may then repeat).
    ///
    /// Source: arXiv:2302.00482 section 3.2.4.
    ///
    /// @param conditions what the samples are conditioned on
    record MinibatchOt(Conditions conditions) implements Coupling {

        @Override
        public int[] pair(Tensor noise, Tensor data, Seed seed) {
            int batch = (int) data.size(0), dims = Math.toIntExact(data.numel() / batch);
            float[] from = noise.toFloats(), to = data.toFloats();
            return switch (conditions) {
                case Conditions.None() -> within(from, to, dims, all(batch), seed);
                case Conditions.Discrete(int[] labels) -> {
                    if (labels.length != batch) {
                        throw new IllegalArgumentException(
                                "%d condition labels for a batch of %d"
                                        .formatted(labels.length, batch));
                    }
                    yield byLabel(from, to, dims, labels, seed);
                }
            };
        }

        private static int[] byLabel(float[] from, float[] to, int dims, int[] labels, Seed seed) {
            var pairs = new int[labels.length];
            for (int label : Arrays.stream(labels).distinct().toArray()) {
                var rows = all(labels.length).filter(i -> labels[i] == label);
                var group = rows.toArray();
                var chosen = within(from, to, dims, Arrays.stream(group), seed.split(label));
                for (int i = 0; i < group.length; i++) pairs[group[i]] = chosen[i];
            }
            return pairs;
        }

        private static int[] within(
                float[] from, float[] to, int dims, IntStream members, Seed seed) {
            var rows = members.toArray();
            var cost = squaredDistances(from, to, dims, rows);
            int n = rows.length;
            var chosen =
                    n <= EXACT
                            ? Assignment.solve(cost, n)
                            : draw(Sinkhorn.DEFAULT.plan(cost, n), n, seed);
            for (int i = 0; i < n; i++) chosen[i] = rows[chosen[i]];
            return chosen;
        }

        private static float[] squaredDistances(float[] from, float[] to, int dims, int[] rows) {
            int n = rows.length;
            var cost = new float[n * n];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    float sum = 0;
                    for (int d = 0; d < dims; d++) {
                        float gap = to[rows[i] * dims + d] - from[rows[j] * dims + d];
                        sum += gap * gap;
                    }
                    cost[i * n + j] = sum;
                }
            }
            return cost;
        }

        private static int[] draw(double[] plan, int n, Seed seed) {
            var chosen = new int[n];
            var random = RandomStream.of(seed);
            for (int i = 0; i < n; i++) {
                double left = random.nextDouble();
                int j = 0;
                for (; j < n - 1; j++) {
                    left -= plan[i * n + j];
                    if (left < 0) break;
                }
                chosen[i] = j;
            }
            return chosen;
        }

        private static IntStream all(int batch) {
            return IntStream.range(0, batch);
        }
    }

    /// What a batch is conditioned on, as far as pairing must know: pairing across different
    /// conditions would bias which noise each condition is trained on.
    sealed interface Conditions {

        record None() implements Conditions {}

        /// Pairs only samples with equal labels.
        record Discrete(int[] labels) implements Conditions {}
    }

    /// Minibatch optimal transport without a condition.
    static Coupling minibatchOt() {
        return new MinibatchOt(new Conditions.None());
    }

    /// Minibatch optimal transport within equal labels.
    static Coupling minibatchOt(int[] labels) {
        return new MinibatchOt(new Conditions.Discrete(labels.clone()));
    }

    /// Minibatch optimal transport within equal conditions, if they repeat at all.
    ///
    /// @param conditions `(B, ...)`
    /// @throws IllegalArgumentException if (nearly) every row differs: a continuous condition
    static Coupling minibatchOtWithin(Tensor conditions) {
        int batch = (int) conditions.size(0);
        int width = Math.toIntExact(conditions.numel() / batch);
        var values = conditions.toDoubles();
        var seen = new java.util.HashMap<java.util.List<Double>, Integer>();
        var labels = new int[batch];
        for (int b = 0; b < batch; b++) {
            var row = Arrays.stream(values, b * width, (b + 1) * width).boxed().toList();
            labels[b] = seen.computeIfAbsent(row, _ -> seen.size());
        }
        if (batch > 1 && seen.size() > batch / 2) {
            throw new IllegalArgumentException(
                    ("minibatch OT pairs samples of equal condition, but %d of %d rows differ: the"
                                    + " condition is continuous; use the independent coupling")
                            .formatted(seen.size(), batch));
        }
        return minibatchOt(labels);
    }
}
