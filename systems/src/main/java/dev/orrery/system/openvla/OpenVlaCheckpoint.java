package dev.orrery.system.openvla;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.nn.Module;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.policy.tabletop.PolicyFolder;
import dev.orrery.run.ConfigBinder;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import tools.jackson.databind.JsonNode;

/// A trained policy of the tabletop as a folder, see [PolicyFolder]; `config.json` holds sizes and
/// the ids of the bins.
///
/// @param model the network
/// @param robot the bounds of the data
/// @param habit how it acts
record OpenVlaCheckpoint(OpenVla model, RobotStatistics.Robot robot, Habit habit) {

    /// How a policy acts.
    ///
    /// @param cropped whether it learned from parts of pictures, and acts on their middle
    /// @param reading which of the bins that it holds likely is acted on
    record Habit(boolean cropped, Pick reading) {

        /// Whole pictures and the likeliest bins, as published.
        static final Habit PUBLISHED = new Habit(false, Pick.LIKELIEST);
    }

    /// A policy that acts as published ones do.
    OpenVlaCheckpoint(OpenVla model, RobotStatistics.Robot robot) {
        this(model, robot, Habit.PUBLISHED);
    }

    /// The name of the data in the statistics.
    static final String DATA = PolicyFolder.DATA;

    private static PolicyFolder at(Path folder) {
        return new PolicyFolder(folder, "openvla");
    }

    /// Writes the folder; each file appears whole or not at all.
    void save(Path folder) {
        var config = new LinkedHashMap<String, Object>();
        config.put("type", at(folder).type());
        config.put("model", model.config());
        config.put("actionIds", model.tokens().ids());
        config.put("cropped", habit.cropped());
        config.put("reading", habit.reading());
        at(folder).save(ConfigBinder.json(config), model, robot);
    }

    /// Whether a folder holds all that [#save] writes.
    static boolean isComplete(Path folder) {
        return at(folder).isComplete();
    }

    /// Reads a folder that [#save] wrote.
    ///
    /// @throws CheckpointException if a file is missing or does not fit
    static OpenVlaCheckpoint open(Path folder) {
        var config = at(folder).config();
        var sizes =
                ConfigBinder.bind(
                        config.path("model"),
                        OpenVlaConfig.Model.class,
                        at(folder).configuration());
        var ids = config.path("actionIds").valueStream().mapToLong(JsonNode::asLong).toArray();
        var tokens = TabletopTokens.stored(sizes.io(), ids);
        var robot = at(folder).robot(sizes.io().actionDims());
        try (var _ = TensorScope.open()) {
            var model = Module.unset(() -> new OpenVla(sizes, tokens, Seed.of(0)));
            model.load(at(folder).weights());
            return new OpenVlaCheckpoint(model, robot, habit(folder, config));
        }
    }

    /// Folders that do not say act as published.
    private static Habit habit(Path folder, JsonNode config) {
        var named = config.path("reading").asString(Pick.LIKELIEST.name());
        var reading =
                Arrays.stream(Pick.values())
                        .filter(pick -> pick.name().equals(named))
                        .findFirst()
                        .orElseThrow(() ->
                                new CheckpointException(
                                        folder.resolve("config.json"),
                                        "reading",
                                        "is '%s'".formatted(named),
                                        "use one of " + Arrays.toString(Pick.values())));
        return new Habit(config.path("cropped").asBoolean(false), reading);
    }

    /// This policy.
    OpenVlaPolicy policy() {
        return new OpenVlaPolicy(this);
    }

    /// What identifies saved weights: the SHA-256 of their file.
    static String hash(Path folder) {
        return at(folder).hash();
    }
}
