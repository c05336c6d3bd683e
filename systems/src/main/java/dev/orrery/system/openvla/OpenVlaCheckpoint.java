package dev.orrery.system.openvla;

import dev.orrery.checkpoint.AtomicFile;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.FileHash;
import dev.orrery.nn.Module;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.run.ConfigBinder;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import tools.jackson.databind.JsonNode;

/// A trained policy of the tabletop as a folder: `config.json` (sizes, and the ids of the bins),
/// `model.safetensors` (averaged weights), `dataset_statistics.json` (as OpenVLA's fine-tuned
/// models have it).
///
/// @param model the network
/// @param robot the bounds of the data
/// @param cropped whether it learned from parts of pictures, and acts on their middle
record OpenVlaCheckpoint(OpenVla model, RobotStatistics.Robot robot, boolean cropped) {

    /// A policy that looks at whole pictures.
    OpenVlaCheckpoint(OpenVla model, RobotStatistics.Robot robot) {
        this(model, robot, false);
    }

    private static final String CONFIG = "config.json", MODEL = "model.safetensors";

    /// What marks the folder.
    static final String TYPE = "orrery-openvla";

    /// The name of the data in the statistics.
    static final String DATA = "tabletop";

    /// Writes the folder; each file appears whole or not at all.
    void save(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        model.save(folder.resolve(MODEL));
        var config = new LinkedHashMap<String, Object>();
        config.put("type", TYPE);
        config.put("model", model.config());
        config.put("actionIds", model.tokens().ids());
        config.put("cropped", cropped);
        var text = (ConfigBinder.json(config) + "\n").getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(
                folder.resolve(CONFIG),
                text.length,
                channel -> channel.write(ByteBuffer.wrap(text)));
        RobotStatistics.of(DATA, robot).write(folder.resolve(RobotStatistics.FILE));
    }

    /// Whether a folder holds all that [#save] writes.
    static boolean isComplete(Path folder) {
        return Files.isRegularFile(folder.resolve(CONFIG))
                && Files.isRegularFile(folder.resolve(MODEL))
                && RobotStatistics.isIn(folder)
                && TYPE.equals(
                        ConfigBinder.readObject(folder.resolve(CONFIG)).path("type").asString(""));
    }

    /// Reads a folder that [#save] wrote.
    ///
    /// @throws CheckpointException if a file is missing or does not fit
    static OpenVlaCheckpoint open(Path folder) {
        var file = folder.resolve(CONFIG);
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(
                    file, "", "is missing", "name the policy folder of an openvla run");
        }
        var config = ConfigBinder.readObject(file);
        var type = config.path("type").asString("");
        if (!type.equals(TYPE)) {
            throw new CheckpointException(
                    file,
                    "type",
                    "is '%s', a tabletop policy has '%s'".formatted(type, TYPE),
                    "name the policy folder of an openvla run");
        }
        var sizes = ConfigBinder.bind(config.path("model"), OpenVlaConfig.Model.class);
        var ids = config.path("actionIds").valueStream().mapToLong(JsonNode::asLong).toArray();
        var tokens = TabletopTokens.stored(sizes.io(), ids);
        var statistics = RobotStatistics.read(folder.resolve(RobotStatistics.FILE));
        var robot = statistics.sets().get(DATA);
        if (robot == null || robot.action().dims() != sizes.io().actionDims()) {
            throw new CheckpointException(
                    folder.resolve(RobotStatistics.FILE),
                    DATA,
                    robot == null
                            ? "is missing; there are %s".formatted(statistics.names())
                            : "has %d action dimensions, the model writes %d"
                                    .formatted(robot.action().dims(), sizes.io().actionDims()),
                    "copy the file that was saved with the weights");
        }
        try (var _ = TensorScope.open()) {
            var model = Module.unset(() -> new OpenVla(sizes, tokens, Seed.of(0)));
            model.load(folder.resolve(MODEL));
            return new OpenVlaCheckpoint(model, robot, config.path("cropped").asBoolean(false));
        }
    }

    /// This policy.
    OpenVlaPolicy policy() {
        return new OpenVlaPolicy(model, robot, cropped);
    }

    /// What identifies saved weights: the SHA-256 of their file.
    static String hash(Path folder) {
        return FileHash.sha256(folder.resolve(MODEL));
    }
}
