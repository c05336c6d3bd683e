package dev.orrery.policy.tabletop;

import dev.orrery.checkpoint.AtomicFile;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.FileHash;
import dev.orrery.nn.Module;
import dev.orrery.policy.RobotStatistics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A trained policy of the tabletop as a folder: `config.json` (its `type`, and what the system
/// needs to build it), `model.safetensors`, `dataset_statistics.json` (as OpenVLA's fine-tuned
/// models have it).
///
/// @param folder where
/// @param system whose policy it is, for errors
public record PolicyFolder(Path folder, String system) {

    private static final String CONFIG = "config.json", MODEL = "model.safetensors";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// The name of the data in the statistics.
    public static final String DATA = "tabletop";

    /// The file that says what the policy is.
    public Path configuration() {
        return folder.resolve(CONFIG);
    }

    /// What marks the folder as one of the system's.
    public String type() {
        return "orrery-" + system;
    }

    /// Writes the folder; each file appears whole or not at all.
    ///
    /// @param config a JSON object with the [#type]
    public void save(String config, Module model, RobotStatistics.Robot robot) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        model.save(weights());
        var text = (config + "\n").getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(
                configuration(), text.length, channel -> channel.write(ByteBuffer.wrap(text)));
        RobotStatistics.of(DATA, robot).write(folder.resolve(RobotStatistics.FILE));
    }

    /// Whether the folder holds all that [#save] writes.
    public boolean isComplete() {
        return Files.isRegularFile(configuration())
                && Files.isRegularFile(weights())
                && RobotStatistics.isIn(folder)
                && type().equals(read().path("type").asString(""));
    }

    private JsonNode read() {
        var file = configuration();
        try {
            return JSON.readTree(Files.readString(file));
        } catch (IOException | JacksonException e) {
            throw new CheckpointException(
                    file, "", "cannot be read: " + e.getMessage(), "copy the folder anew", e);
        }
    }

    /// What `config.json` holds.
    ///
    /// @throws CheckpointException if it is missing or of another system
    public JsonNode config() {
        var file = configuration();
        var remedy = "name the policy folder of a run of " + system;
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(file, "", "is missing", remedy);
        }
        var config = read();
        var type = config.path("type").asString("");
        if (!type.equals(type())) {
            throw new CheckpointException(
                    file,
                    "type",
                    "is '%s', a tabletop policy has '%s'".formatted(type, type()),
                    remedy);
        }
        return config;
    }

    /// The bounds of the data that it was trained on.
    ///
    /// @param dims values of an action that the model knows
    /// @throws CheckpointException if they are missing or of another number of dimensions
    public RobotStatistics.Robot robot(int dims) {
        var file = folder.resolve(RobotStatistics.FILE);
        var statistics = RobotStatistics.read(file);
        var robot = statistics.sets().get(DATA);
        if (robot == null || robot.action().dims() != dims) {
            throw new CheckpointException(
                    file,
                    DATA,
                    robot == null
                            ? "is missing; there are %s".formatted(statistics.names())
                            : "has %d action dimensions, the model writes %d"
                                    .formatted(robot.action().dims(), dims),
                    "copy the file that was saved with the weights");
        }
        return robot;
    }

    /// The weights' file.
    public Path weights() {
        return folder.resolve(MODEL);
    }

    /// What identifies saved weights: the SHA-256 of their file.
    public String hash() {
        return FileHash.sha256(weights());
    }
}
