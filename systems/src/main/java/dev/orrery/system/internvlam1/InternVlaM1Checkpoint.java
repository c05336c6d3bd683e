package dev.orrery.system.internvlam1;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.nn.Module;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.policy.tabletop.PolicyFolder;
import dev.orrery.run.ConfigBinder;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;

/// A trained policy of the tabletop as a folder, see [PolicyFolder]; `config.json` holds sizes.
///
/// @param model the network
/// @param robot the bounds of the data
record InternVlaM1Checkpoint(InternVlaM1 model, RobotStatistics.Robot robot) {

    private static PolicyFolder at(Path folder) {
        return new PolicyFolder(folder, "internvla-m1");
    }

    /// Writes the folder; each file appears whole or not at all.
    void save(Path folder) {
        var config = new LinkedHashMap<String, Object>();
        config.put("type", at(folder).type());
        config.put("model", model.config());
        at(folder).save(ConfigBinder.json(config), model, robot);
    }

    /// Whether a folder holds all that [#save] writes.
    static boolean isComplete(Path folder) {
        return at(folder).isComplete();
    }

    /// Reads a folder that [#save] wrote.
    ///
    /// @throws CheckpointException if a file is missing or does not fit
    static InternVlaM1Checkpoint open(Path folder) {
        var sizes =
                ConfigBinder.bind(
                        at(folder).config().path("model"),
                        InternVlaM1Config.Model.class,
                        at(folder).configuration());
        var robot = at(folder).robot(sizes.io().actionDims());
        try (var _ = TensorScope.open()) {
            var model = Module.unset(() -> new InternVlaM1(sizes, Seed.of(0)));
            model.load(at(folder).weights());
            return new InternVlaM1Checkpoint(model, robot);
        }
    }

    /// What identifies saved weights: the SHA-256 of their file.
    static String hash(Path folder) {
        return at(folder).hash();
    }

    /// This policy.
    InternVlaM1Policy policy(InternVlaM1Config.Evaluation evaluation) {
        return new InternVlaM1Policy(model, robot, evaluation.steps(), evaluation.guidance());
    }
}
