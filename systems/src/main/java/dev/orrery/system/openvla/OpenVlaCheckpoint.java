package dev.orrery.system.openvla;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.nn.Module;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.policy.tabletop.PolicyFolder;
import dev.orrery.run.ConfigBinder;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import tools.jackson.databind.JsonNode;

/// A trained policy of the tabletop as a folder, see [PolicyFolder]; `config.json` holds sizes and
/// the ids of the bins.
///
/// @param model the network
/// @param robot the bounds of the data
/// @param cropped whether it learned from parts of pictures, and acts on their middle
record OpenVlaCheckpoint(OpenVla model, RobotStatistics.Robot robot, boolean cropped) {

    /// A policy that looks at whole pictures.
    OpenVlaCheckpoint(OpenVla model, RobotStatistics.Robot robot) {
        this(model, robot, false);
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
        config.put("cropped", cropped);
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
        var sizes = ConfigBinder.bind(config.path("model"), OpenVlaConfig.Model.class);
        var ids = config.path("actionIds").valueStream().mapToLong(JsonNode::asLong).toArray();
        var tokens = TabletopTokens.stored(sizes.io(), ids);
        var robot = at(folder).robot(sizes.io().actionDims());
        try (var _ = TensorScope.open()) {
            var model = Module.unset(() -> new OpenVla(sizes, tokens, Seed.of(0)));
            model.load(at(folder).weights());
            return new OpenVlaCheckpoint(model, robot, config.path("cropped").asBoolean(false));
        }
    }

    /// This policy.
    OpenVlaPolicy policy() {
        return new OpenVlaPolicy(model, robot, cropped);
    }

    /// What identifies saved weights: the SHA-256 of their file.
    static String hash(Path folder) {
        return at(folder).hash();
    }
}
