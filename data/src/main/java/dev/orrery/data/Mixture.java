package dev.orrery.data;

import dev.orrery.env.Dice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Draws the items of batches from several sources, each with its weight.
///
/// Every source has a stream of seeds of its own: the n-th item of a source is the same whatever
/// the weights are and whatever the others gave. So runs with other mixtures see equal items of a
/// source, in equal order. [#state] and [#restore] go on exactly where a mixture stood.
public final class Mixture {

    private static final double EXACT = 1e-9;

    private final List<Source> sources;
    private final long seed;
    private final long[] drawn;
    private Dice dice;

    /// Where items come from.
    ///
    /// @param name for errors and reports
    /// @param weight its share of the items, between 0 and 1, both excluded
    /// @param size items that it has, [Long#MAX_VALUE] if they are made as they are wanted
    public record Source(String name, double weight, long size) {

        public Source {
            if (!(weight > 0 && weight < 1)) {
                throw new IllegalArgumentException(
                        "the weight of '%s' in the mixture is %s; it must lie between 0 and 1, both excluded (leave a source out instead of giving it nothing)"
                                .formatted(name, weight));
            }
            if (size < 1) {
                throw new IllegalArgumentException(
                        "the source '%s' of the mixture is empty; give it items or leave it out"
                                .formatted(name));
            }
        }

        /// A source that makes its items as they are wanted.
        public static Source endless(String name, double weight) {
            return new Source(name, weight, Long.MAX_VALUE);
        }
    }

    /// An item to take.
    ///
    /// @param source the place of its source
    /// @param number how many items the source has given before
    /// @param seed what the item is drawn from
    public record Pick(int source, long number, long seed) {}

    private Mixture(List<Source> sources, long seed) {
        this.sources = List.copyOf(sources);
        this.seed = seed;
        drawn = new long[sources.size()];
        dice = Dice.of(seed, sources.size());
    }

    /// A mixture at its start.
    ///
    /// @throws IllegalArgumentException if there are fewer than two sources, two of one name, or
    ///   the weights do not sum to 1
    public static Mixture of(List<Source> sources, long seed) {
        double sum = sources.stream().mapToDouble(Source::weight).sum();
        long names = sources.stream().map(Source::name).distinct().count();
        if (sources.size() < 2 || names < sources.size() || Math.abs(sum - 1) > EXACT) {
            throw new IllegalArgumentException(
                    "a mixture of %s with weights that sum to %s; it needs two or more sources of different names and weights that sum to 1"
                            .formatted(sources.stream().map(Source::name).toList(), sum));
        }
        return new Mixture(sources, seed);
    }

    /// The sources.
    public List<Source> sources() {
        return sources;
    }

    /// The next items.
    public List<Pick> next(int count) {
        var picks = new ArrayList<Pick>();
        for (int i = 0; i < count; i++) {
            picks.addAll(only(source(dice.nextFloat()), 1));
        }
        return picks;
    }

    /// The next items of one source, whatever its weight: those that a mixture would give, without
    /// the others between them.
    public List<Pick> only(int source, int count) {
        var picks = new ArrayList<Pick>();
        for (int i = 0; i < count; i++) {
            long number = drawn[source]++;
            picks.add(new Pick(source, number, item(source, number)));
        }
        return picks;
    }

    private int source(double place) {
        double below = 0;
        for (int s = 0; s + 1 < sources.size(); s++) {
            below += sources.get(s).weight();
            if (place < below) return s;
        }
        return sources.size() - 1;
    }

    /// The seed of a source's item.
    private long item(int source, long number) {
        return Dice.of(Dice.of(seed, source).nextLong(), number).nextLong();
    }

    /// How many items each source has given.
    public long[] drawn() {
        return drawn.clone();
    }

    /// Everything that [#restore] needs: where the choice of sources stands, then [#drawn].
    public long[] state() {
        var state = new long[1 + drawn.length];
        state[0] = dice.state();
        System.arraycopy(drawn, 0, state, 1, drawn.length);
        return state;
    }

    /// Goes on where a mixture of as many sources and the same seed stood.
    ///
    /// @throws IllegalArgumentException if the state is of another number of sources
    public void restore(long[] state) {
        if (state.length != 1 + drawn.length || Arrays.stream(state).skip(1).anyMatch(n -> n < 0)) {
            throw new IllegalArgumentException(
                    "a state of %d numbers does not fit a mixture of %d sources; it needs %d, counts not below 0"
                            .formatted(state.length, drawn.length, 1 + drawn.length));
        }
        dice = Dice.at(state[0]);
        System.arraycopy(state, 1, drawn, 0, drawn.length);
    }
}
