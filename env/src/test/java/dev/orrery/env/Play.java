package dev.orrery.env;

import java.util.function.Function;
import java.util.stream.IntStream;

/// Plays many episodes of a world and keeps their returns.
///
/// @param returns one an episode
public record Play(double[] returns) {

    /// Episodes with seeds 0, 1 and so on.
    public static <A, E extends WordEnv<A>> Play of(E env, Function<E, A> policy, int episodes) {
        return new Play(
                IntStream.range(0, episodes)
                        .mapToDouble(seed -> {
                            env.begin(seed);
                            double sum = 0;
                            while (!env.terminated() && !env.truncated()) {
                                sum += env.advance(policy.apply(env));
                            }
                            return sum;
                        })
                        .toArray());
    }

    /// A policy that draws each choice evenly.
    public static <A, E extends WordEnv<A>> Function<E, A> random(E env, long seed) {
        var dice = new Dice(seed);
        var sizes = env.actions().sizes();
        return world -> world.actions().at(IntStream.of(sizes).map(dice::nextInt).toArray());
    }

    /// The mean return.
    public double mean() {
        return IntStream.range(0, returns.length)
                .mapToDouble(i -> returns[i])
                .average()
                .orElseThrow();
    }

    /// The standard error of the mean.
    public double error() {
        double mean = mean();
        double square =
                IntStream.range(0, returns.length)
                        .mapToDouble(i -> (returns[i] - mean) * (returns[i] - mean))
                        .average()
                        .orElseThrow();
        return Math.sqrt(square / returns.length);
    }
}
