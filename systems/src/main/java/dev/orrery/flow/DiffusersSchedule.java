package dev.orrery.flow;

import java.util.Arrays;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The step grid of diffusers' `FlowMatchEulerDiscreteScheduler`, so that image and video models
/// published with it are sampled at the times they expect.
///
/// Its sigmas are noise levels; house time is one minus that. The smallest training sigma is
/// shifted at construction and the sampling sigmas are shifted again, as there.
///
/// @param trainTimesteps `num_train_timesteps`
/// @param shift `shift`; 1 for none
public record DiffusersSchedule(int trainTimesteps, double shift) {

    public DiffusersSchedule {
        if (trainTimesteps < 2) {
            throw new IllegalArgumentException(
                    "num_train_timesteps is %d; use at least 2".formatted(trainTimesteps));
        }
        StepGrid.requireShift(shift);
    }

    /// Reads `scheduler_config.json`.
    ///
    /// @throws IllegalArgumentException if it describes another scheduler, or an option whose grid
    ///   depends on more than this file (dynamic shifting, Karras, beta or exponential sigmas)
    public static DiffusersSchedule parse(String json) {
        var config = JsonMapper.builder().build().readTree(json);
        var kind = config.path("_class_name").asString("FlowMatchEulerDiscreteScheduler");
        if (!kind.equals("FlowMatchEulerDiscreteScheduler")) {
            throw new IllegalArgumentException(
                    "scheduler_config.json describes %s; only FlowMatchEulerDiscreteScheduler is read"
                            .formatted(kind));
        }
        for (var option :
                new String[] {
                    "use_dynamic_shifting",
                    "use_karras_sigmas",
                    "use_exponential_sigmas",
                    "use_beta_sigmas",
                    "stochastic_sampling",
                    "invert_sigmas"
                }) {
            if (config.path(option).asBoolean(false)) {
                throw new IllegalArgumentException(
                        "scheduler_config.json sets %s, which is not read; give the sigmas yourself"
                                .formatted(option));
            }
        }
        return new DiffusersSchedule(
                number(config, "num_train_timesteps", 1000).intValue(),
                number(config, "shift", 1).doubleValue());
    }

    /// The grid of `set_timesteps(steps)`.
    public StepGrid grid(int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException(
                    "sampling in %d steps; use at least 1".formatted(steps));
        }
        double last = shifted(1d / trainTimesteps);
        var sigmas = new double[steps];
        for (int k = 0; k < steps; k++) {
            sigmas[k] = steps == 1 ? 1 : 1 + (last - 1) * k / (steps - 1);
        }
        return grid(sigmas);
    }

    /// The grid of `set_timesteps(sigmas=...)`: falling noise levels, shifted, then zero.
    public StepGrid grid(double... sigmas) {
        var times = Arrays.copyOf(sigmas, sigmas.length + 1);
        for (int k = 0; k < sigmas.length; k++) times[k] = 1 - shifted(sigmas[k]);
        times[sigmas.length] = 1;
        return new StepGrid(times);
    }

    private double shifted(double sigma) {
        return shift * sigma / (1 + (shift - 1) * sigma);
    }

    private static Number number(JsonNode config, String key, Number missing) {
        return config.has(key) ? config.get(key).numberValue() : missing;
    }
}
