package dev.orrery.env;

import java.util.List;

/// One run through an environment: what was perceived, what was done, what came of it.
///
/// @param seed the seed that started it
/// @param frames one entry a step, in order
/// @param success whether it reached its goal
/// @param <A> what an action is
public record Episode<A>(long seed, List<Frame<A>> frames, boolean success) {

    public Episode {
        frames = List.copyOf(frames);
    }

    /// One moment of an episode: the observation, the action taken on it, and what that step
    /// brought.
    ///
    /// @param observation what was perceived before the action
    /// @param action what was done
    /// @param reward the reward of the step
    /// @param last whether the episode ended with this step
    /// @param success whether the goal held after this step
    public record Frame<A>(
            Observation observation, A action, double reward, boolean last, boolean success) {}

    /// The number of steps T.
    public int length() {
        return frames.size();
    }

    /// The share of episodes that reached their goal, 0 to 1.
    public static double successRate(List<? extends Episode<?>> episodes) {
        return episodes.stream().mapToDouble(e -> e.success() ? 1 : 0).average().orElse(Double.NaN);
    }
}
