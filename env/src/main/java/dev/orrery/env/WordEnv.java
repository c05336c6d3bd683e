package dev.orrery.env;

/// A world of symbols or pixels that says at most one word a step.
///
/// Two ways to use it. As an [Env]: each [Step] holds an [Observation] whose state are the symbols
/// (or whose only picture, `image`, is what the agent sees) and whose text is the word. Without any
/// object a step: [#begin], [#advance], then ask for [#symbols], [#token], [#terminated] and
/// [#truncated]; [Lanes] does so for many worlds at once.
///
/// While an agent reads, the world is frozen: actions do nothing and are not counted.
///
/// @param <A> what an action is
public interface WordEnv<A> extends Env<A> {

    @Override
    ActionSpace.Finite<A> actions();

    /// The words that may be said.
    Vocabulary vocabulary();

    /// The extents of the symbols: `{D}` for a vector, `{H, W, C}` for a grid.
    int[] symbolShape();

    /// The product of [#symbolShape].
    default int symbolCount() {
        int count = 1;
        for (int extent : symbolShape()) {
            count *= extent;
        }
        return count;
    }

    /// Writes what the agent sees now as numbers from 0 to 1, in row-major order.
    ///
    /// @param into receives [#symbolCount] values from `offset` on
    void symbols(float[] into, int offset);

    /// What the agent sees now as a picture.
    Image picture();

    /// The picture that symbols stand for, such as those that a model imagines: probabilities where
    /// [#symbols] has truth values. What is unlikely is pale; by default each cell is a mixture of
    /// one colour for each kind of symbol.
    ///
    /// @throws IllegalArgumentException if there are not [#symbolCount] of them
    default Image picture(float[] symbols) {
        return SymbolPainter.paint(symbols, symbolShape());
    }

    /// The number of the word that is said now, [Vocabulary#PAD] for none.
    int token();

    /// The sentence or sentences that the present word belongs to; `<pad>` if nothing is said.
    String utterance();

    /// Whether what is perceived now is shown while the world stands still. The first action that
    /// counts is the one taken after the last such moment, or on it where the published environment
    /// does so.
    boolean reading();

    /// Starts an episode; [#reset] does so and observes.
    void begin(long seed);

    /// Takes one action and returns the reward; [#step] does so and observes.
    ///
    /// @throws IllegalStateException before the first [#begin] and after the episode's end
    double advance(A action);

    /// Whether the episode ended in the world's own terms.
    boolean terminated();

    /// Whether the episode was cut off by its time limit.
    boolean truncated();

    /// What the agent perceives now.
    Observation observe();

    /// Everything that the rest of the episode depends on, its random draws included.
    long[] state();

    /// Goes back to a state that [#state] of an equal world gave.
    ///
    /// @throws IllegalArgumentException if the state is not one of such a world
    void restore(long[] state);

    @Override
    default Observation reset(long seed) {
        begin(seed);
        return observe();
    }

    @Override
    default Step step(A action) {
        actions().check(action);
        double reward = advance(action);
        return new Step(observe(), reward, terminated(), truncated());
    }

    /// The symbols in an array of their own.
    default float[] symbols() {
        var values = new float[symbolCount()];
        symbols(values, 0);
        return values;
    }
}
