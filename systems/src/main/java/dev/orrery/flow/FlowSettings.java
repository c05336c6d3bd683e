package dev.orrery.flow;

import dev.orrery.nn.SinCosPeriods;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The flow-matching keys of a lerobot or openpi policy's `config.json`.
///
/// Those policies keep noise at time one ([DataAt#ZERO]); the numbers here are theirs, and
/// [TimeSampler.Beta] and [StepGrid] turn them into house time.
///
/// @param inferenceSteps `num_inference_steps` (`num_steps` in older files), 10 where missing
/// @param times `time_sampling_beta_alpha`, `..._beta`, `time_sampling_scale` and `..._offset`
/// @param minPeriod `min_period` of the time embedding
/// @param maxPeriod `max_period`
public record FlowSettings(
        int inferenceSteps, TimeSampler.Beta times, double minPeriod, double maxPeriod) {

    public FlowSettings {
        if (inferenceSteps < 1) {
            throw new IllegalArgumentException(
                    "num_inference_steps is %d; use at least 1".formatted(inferenceSteps));
        }
    }

    /// Reads the keys from a policy's configuration; those that are missing have π0's values, all
    /// other keys are left alone.
    ///
    /// @throws IllegalArgumentException naming a key that is no number
    public static FlowSettings parse(String json) {
        var config = JsonMapper.builder().build().readTree(json);
        var steps = config.has("num_inference_steps") ? "num_inference_steps" : "num_steps";
        return new FlowSettings(
                (int) number(config, steps, 10),
                new TimeSampler.Beta(
                        number(config, "time_sampling_beta_alpha", 1.5),
                        number(config, "time_sampling_beta_beta", 1),
                        number(config, "time_sampling_scale", 0.999),
                        number(config, "time_sampling_offset", 0.001)),
                number(config, "min_period", 4e-3),
                number(config, "max_period", 4));
    }

    /// The grid of inference, in house time.
    public StepGrid grid() {
        return StepGrid.uniform(inferenceSteps);
    }

    /// The time embedding. It takes the policy's own clock.
    public SinCosPeriods embedding(int dims) {
        return new SinCosPeriods(dims, minPeriod, maxPeriod);
    }

    private static double number(JsonNode config, String key, double missing) {
        var node = config.get(key);
        if (node == null) return missing;
        if (!node.isNumber()) {
            throw new IllegalArgumentException(
                    "config.json: '%s' is %s; it must be a number".formatted(key, node));
        }
        return node.doubleValue();
    }
}
