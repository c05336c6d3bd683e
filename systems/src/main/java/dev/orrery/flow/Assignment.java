package dev.orrery.flow;

import java.util.Arrays;

/// The cheapest way to pair n rows with n columns, exactly, by the algorithm of Jonker and
/// Volgenant: column reduction, reduction transfer, two rounds of augmenting row reduction, then
/// one shortest augmenting path for each row still free. Time O(n³), in practice about n².
///
/// Source: Jonker and Volgenant, *A shortest augmenting path algorithm for dense and sparse linear
/// assignment problems*, Computing 38 (1987).
public final class Assignment {

    private static final int FREE = -1;

    private final int n;
    private final float[] cost;
    private final int[] columnOf, rowOf;
    private final double[] price;
    private final int[] free;
    private int freeCount;

    private Assignment(float[] cost, int n) {
        this.n = n;
        this.cost = cost;
        columnOf = new int[n];
        rowOf = new int[n];
        price = new double[n];
        free = new int[n];
        Arrays.fill(columnOf, FREE);
        Arrays.fill(rowOf, FREE);
    }

    /// The optimal column for each row.
    ///
    /// @param cost row-major `n * n` finite costs; not changed
    /// @throws IllegalArgumentException if the length is not n² or a cost is not finite
    public static int[] solve(float[] cost, int n) {
        if (n < 1 || cost.length != n * n) {
            throw new IllegalArgumentException(
                    "assignment of %d needs %d costs, got %d".formatted(n, n * n, cost.length));
        }
        for (int k = 0; k < cost.length; k++) {
            if (!Float.isFinite(cost[k])) {
                throw new IllegalArgumentException(
                        "assignment: cost of row %d, column %d is %s; costs must be finite"
                                .formatted(k / n, k % n, cost[k]));
            }
        }
        if (n == 1) return new int[1];
        return new Assignment(cost, n).solve();
    }

    private int[] solve() {
        reduceColumns();
        reduceRows();
        reduceRows();
        for (int f = 0; f < freeCount; f++) augment(free[f]);
        return columnOf;
    }

    /// Prices each column at its cheapest row; rows that win several keep one and pass the slack
    /// on.
    private void reduceColumns() {
        var best = new float[n];
        var bestRow = new int[n];
        Arrays.fill(best, Float.POSITIVE_INFINITY);
        for (int i = 0; i < n; i++) {
            for (int j = 0, at = i * n; j < n; j++, at++) {
                if (cost[at] < best[j]) {
                    best[j] = cost[at];
                    bestRow[j] = i;
                }
            }
        }
        var wins = new int[n];
        for (int j = n - 1; j >= 0; j--) {
            price[j] = best[j];
            int i = bestRow[j];
            if (wins[i]++ == 0) pair(i, j);
        }
        for (int i = 0; i < n; i++) {
            if (wins[i] == 0) free[freeCount++] = i;
            else if (wins[i] == 1) transfer(i);
        }
    }

    private void transfer(int i) {
        double slack = Double.POSITIVE_INFINITY;
        for (int j = 0; j < n; j++) {
            if (j != columnOf[i]) slack = Math.min(slack, reduced(i, j));
        }
        price[columnOf[i]] -= slack - reduced(i, columnOf[i]);
    }

    /// Lets each free row take its cheapest column, lowering the price to the second-best offer. A
    /// displaced row goes next only when the price truly fell, and for a bounded number of turns:
    /// with real costs two rows could outbid each other by ever smaller steps.
    private void reduceRows() {
        int rounds = freeCount, next = 0, turns = 0;
        freeCount = 0;
        var queue = Arrays.copyOf(free, n);
        while (next < rounds) {
            int i = queue[next++], first = 0, second = 1;
            double lowest = Double.POSITIVE_INFINITY, runnerUp = Double.POSITIVE_INFINITY;
            for (int j = 0; j < n; j++) {
                double offer = reduced(i, j);
                if (offer >= runnerUp) continue;
                if (offer < lowest) {
                    runnerUp = lowest;
                    second = first;
                    lowest = offer;
                    first = j;
                } else {
                    runnerUp = offer;
                    second = j;
                }
            }
            double lowered = price[first] - (runnerUp - lowest);
            boolean fell = lowered < price[first];
            if (fell) price[first] = lowered;
            int column = !fell && rowOf[first] != FREE ? second : first;
            int displaced = rowOf[column];
            pair(i, column);
            if (displaced == FREE) continue;
            columnOf[displaced] = FREE;
            if (fell && turns++ < 20 * n) queue[--next] = displaced;
            else free[freeCount++] = displaced;
        }
    }

    /// Dijkstra from one free row to the nearest free column, then flips the pairs along the path.
    private void augment(int start) {
        var distance = new double[n];
        var from = new int[n];
        var settled = new boolean[n];
        var order = new int[n];
        int count = 0, end = FREE;
        for (int j = 0; j < n; j++) {
            distance[j] = reduced(start, j);
            from[j] = start;
        }
        double reach = 0;
        while (end == FREE) {
            int nearest = FREE;
            reach = Double.POSITIVE_INFINITY;
            for (int j = 0; j < n; j++) {
                if (settled[j] || distance[j] > reach) continue;
                // Among equals a free column ends the search at once.
                if (distance[j] < reach || rowOf[j] == FREE) nearest = j;
                reach = distance[j];
            }
            settled[nearest] = true;
            if (rowOf[nearest] == FREE) {
                end = nearest;
                break;
            }
            order[count++] = nearest;
            int i = rowOf[nearest];
            double base = reach - reduced(i, nearest);
            for (int j = 0; j < n; j++) {
                if (settled[j]) continue;
                double through = base + reduced(i, j);
                if (through < distance[j]) {
                    distance[j] = through;
                    from[j] = i;
                }
            }
        }
        for (int k = 0; k < count; k++) price[order[k]] += distance[order[k]] - reach;
        for (int j = end; ; ) {
            int i = from[j], previous = columnOf[i];
            pair(i, j);
            if (i == start) return;
            j = previous;
        }
    }

    private double reduced(int i, int j) {
        return cost[i * n + j] - price[j];
    }

    private void pair(int i, int j) {
        columnOf[i] = j;
        rowOf[j] = i;
    }
}
