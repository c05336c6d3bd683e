package dev.orrery.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AssignmentTest {

    @Test
    void noPermutationIsCheaperThanTheAssignment() {
        for (long seed = 0; seed < 300; seed++) {
            var random = new SplittableRandom(seed);
            int n = 1 + random.nextInt(7);
            var cost = new float[n * n];
            boolean ties = random.nextBoolean();
            for (int k = 0; k < cost.length; k++) {
                cost[k] = ties ? random.nextInt(4) : random.nextFloat() - 0.3f;
            }
            var columns = Assignment.solve(cost, n);
            assertThat(columns).as("seed %d", seed).containsExactlyInAnyOrder(identity(n));
            assertThat(total(cost, columns))
                    .as("seed %d", seed)
                    .isCloseTo(cheapest(cost, n, identity(n), 0), within(1e-5));
        }
    }

    @Test
    void largeProblemsAreSolvedToTheDualBound() {
        int n = 200;
        var random = new SplittableRandom(5);
        var points = new double[2][n];
        var others = new double[2][n];
        for (int i = 0; i < n; i++) {
            for (int d = 0; d < 2; d++) {
                points[d][i] = random.nextGaussian();
                others[d][i] = random.nextGaussian();
            }
        }
        var cost = new float[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                double dx = points[0][i] - others[0][j], dy = points[1][i] - others[1][j];
                cost[i * n + j] = (float) (dx * dx + dy * dy);
            }
        }
        var columns = Assignment.solve(cost, n);
        assertThat(columns).containsExactlyInAnyOrder(identity(n));
        // No exchange along a cycle of two or three rows may help.
        for (int a = 0; a < n; a++) {
            for (int b = 0; b < n; b++) {
                double two = at(cost, n, a, columns[a]) + at(cost, n, b, columns[b]);
                double crossed = at(cost, n, a, columns[b]) + at(cost, n, b, columns[a]);
                assertThat(two).isLessThanOrEqualTo(crossed + 1e-4);
            }
        }
    }

    @Test
    void onTheLineTheAssignmentKeepsTheOrder() {
        int n = 300;
        var random = new SplittableRandom(11);
        double[] from = random.doubles(n).sorted().toArray(),
                to = random.doubles(n).sorted().toArray();
        var cost = new float[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                cost[i * n + j] = (float) ((from[i] - to[j]) * (from[i] - to[j]));
            }
        }
        var identity = identity(n);
        assertThat(total(cost, Assignment.solve(cost, n)))
                .isCloseTo(total(cost, identity), within(1e-5));
    }

    @Test
    void badCostsAreNamed() {
        assertThatThrownBy(() -> Assignment.solve(new float[] {1, 2, Float.NaN, 3}, 2))
                .hasMessageContaining("row 1, column 0 is NaN");
        assertThatThrownBy(() -> Assignment.solve(new float[3], 2))
                .hasMessageContaining("needs 4 costs, got 3");
    }

    @Test
    void sinkhornPlansAreDoublyStochasticAndNearlyOptimal() {
        int n = 64;
        var random = new SplittableRandom(3);
        var cost = new float[n * n];
        double[] x = random.doubles(n).toArray(), y = random.doubles(n).toArray();
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) cost[i * n + j] = (float) Math.pow(x[i] - y[j], 2);
        }
        var plan = Sinkhorn.DEFAULT.plan(cost, n);
        double planned = 0, mean = 0;
        for (int i = 0; i < n; i++) {
            double row = 0, column = 0;
            for (int j = 0; j < n; j++) {
                row += plan[i * n + j];
                column += plan[j * n + i];
                planned += plan[i * n + j] * cost[i * n + j];
                mean += cost[i * n + j] / n;
            }
            assertThat(row).isCloseTo(1, within(1e-9));
            assertThat(column).isCloseTo(1, within(0.05));
        }
        double best = total(cost, Assignment.solve(cost, n));
        assertThat(planned).isBetween(best - 1e-4, best + 0.05 * mean);
    }

    private static double at(float[] cost, int n, int row, int column) {
        return cost[row * n + column];
    }

    private static double total(float[] cost, int[] columns) {
        int n = columns.length;
        return IntStream.range(0, n).mapToDouble(i -> at(cost, n, i, columns[i])).sum();
    }

    private static double cheapest(float[] cost, int n, int[] columns, int from) {
        if (from == n) return total(cost, columns);
        double best = Double.POSITIVE_INFINITY;
        for (int k = from; k < n; k++) {
            var swapped = columns.clone();
            swapped[from] = columns[k];
            swapped[k] = columns[from];
            best = Math.min(best, cheapest(cost, n, swapped, from + 1));
        }
        return best;
    }

    private static int[] identity(int n) {
        return IntStream.range(0, n).toArray();
    }
}
