package dev.orrery.env.homegrid;

import dev.orrery.env.Dice;

/// Where the house takes its random draws from, in the order of the published environment; a
/// recorded trajectory of that environment is replayed by answering with what it drew.
public interface Draws {

    /// A number from 0 to `n - 1`.
    int choice(int n);

    /// `k` different numbers from 0 to `n - 1`, in random order.
    int[] sample(int n, int k);

    /// A random order of `n` things: the new place `i` is taken by the old `p[i]`.
    int[] shuffle(int n);

    /// A number from `low` to `high`, both included.
    int between(int low, int high);

    /// A number from 0 (included) to 1 (excluded).
    double uniform();

    /// The direction in which the agent looks at first, 0 to 3.
    int facing();

    /// Draws from dice.
    static Draws of(Dice dice) {
        return new FromDice(dice);
    }

    /// Draws from dice.
    ///
    /// @param dice the stream, which moves on
    record FromDice(Dice dice) implements Draws {
        @Override
        public int choice(int n) {
            return dice.nextInt(n);
        }

        @Override
        public int[] sample(int n, int k) {
            return java.util.Arrays.copyOf(shuffle(n), k);
        }

        @Override
        public int[] shuffle(int n) {
            var order = new int[n];
            for (int i = 0; i < n; i++) {
                int j = dice.nextInt(i + 1);
                order[i] = order[j];
                order[j] = i;
            }
            return order;
        }

        @Override
        public int between(int low, int high) {
            return low + dice.nextInt(high - low + 1);
        }

        @Override
        public double uniform() {
            return dice.nextFloat();
        }

        @Override
        public int facing() {
            return dice.nextInt(4);
        }
    }
}
