package dev.orrery.env;

/// What one action led to.
///
/// @param observation what the agent perceives now
/// @param reward the reward of this step
/// @param terminated whether the episode ended in the world's own terms (goal, failure)
/// @param truncated whether the episode was cut off by its time limit
public record Step(Observation observation, double reward, boolean terminated, boolean truncated) {

    /// Whether the episode is over, for either reason.
    public boolean last() {
        return terminated || truncated;
    }
}
