package dev.orrery.system.pi0;

import dev.orrery.checkpoint.AtomicFile;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.nn.Module;
import dev.orrery.policy.Statistics;
import dev.orrery.run.ConfigBinder;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// A trained policy as a folder: `config.json` (the network's sizes), `model.safetensors` (averaged
/// weights under the published names) and `norm_stats.json` (as openpi writes it).
///
/// @param pi0 the network
/// @param head what its expert was trained for
/// @param states statistics of the state
/// @param actions statistics of the actions
record Pi0Checkpoint(Pi0 pi0, ActionHead head, Statistics states, Statistics actions) {

    private static final String CONFIG = "config.json",
            MODEL = "model.safetensors",
            NORMS = "norm_stats.json",
            TYPE = "orrery-pi0";

    /// Writes the folder.
    void save(Path folder) {
        try {
            Files.createDirectories(folder);
            pi0.save(folder.resolve(MODEL));
            var config = new LinkedHashMap<String, Object>();
            config.put("type", TYPE);
            config.put("head", head);
            config.put("model", pi0.config());
            write(folder.resolve(CONFIG), config);
            var stats = Map.of("state", stats(states), "actions", stats(actions));
            write(folder.resolve(NORMS), Map.of("norm_stats", stats));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Whole or not at all, as somebody may be reading while a run goes on.
    private static void write(Path file, Object value) {
        var text = (ConfigBinder.json(value) + "\n").getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, text.length, channel -> channel.write(ByteBuffer.wrap(text)));
    }

    private static Map<String, List<Double>> stats(Statistics s) {
        var values = new LinkedHashMap<String, List<Double>>();
        values.put("mean", list(s.mean()));
        values.put("std", list(s.std()));
        values.put("q01", list(s.q01()));
        values.put("q99", list(s.q99()));
        return values;
    }

    private static List<Double> list(double[] values) {
        return java.util.Arrays.stream(values).boxed().toList();
    }

    /// Whether a folder holds all that [#save] writes.
    static boolean isComplete(Path folder) {
        return Files.isRegularFile(folder.resolve(CONFIG))
                && Files.isRegularFile(folder.resolve(MODEL))
                && Files.isRegularFile(folder.resolve(NORMS));
    }

    /// Reads a folder that [#save] wrote.
    ///
    /// @throws CheckpointException if a file is missing or does not fit
    static Pi0Checkpoint open(Path folder) {
        return open(folder, pi0 -> pi0.load(folder.resolve(MODEL)));
    }

    /// Reads a folder that [#save] wrote, with weights from elsewhere.
    ///
    /// @param load puts them into the network
    /// @throws CheckpointException if a file is missing or does not fit
    static Pi0Checkpoint open(Path folder, Consumer<Pi0> load) {
        var config = read(folder, CONFIG);
        if (!TYPE.equals(config.path("type").asString(""))) {
            throw new CheckpointException(
                    folder.resolve(CONFIG),
                    "type",
                    "is '%s', a tabletop policy has '%s'"
                            .formatted(config.path("type").asString(""), TYPE),
                    "name the policy folder of a pi0 run");
        }
        var head = ActionHead.valueOf(config.path("head").asString("FLOW"));
        var sizes = ConfigBinder.bind(config.get("model"), Pi0Config.Model.class);
        var norms = read(folder, NORMS).path("norm_stats");
        var states = statistics(folder, norms, "state");
        var actions = statistics(folder, norms, "actions");
        try (var _ = TensorScope.open()) {
            var pi0 = Module.unset(() -> new Pi0(sizes, Seed.of(0)));
            load.accept(pi0);
            return new Pi0Checkpoint(pi0, head, states, actions);
        }
    }

    private static JsonNode read(Path folder, String name) {
        var file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(
                    file, "", "is missing", "name the policy folder of a finished pi0 run");
        }
        return ConfigBinder.readObject(file);
    }

    private static Statistics statistics(Path folder, JsonNode norms, String feature) {
        var node = norms.path(feature);
        var columns = new double[4][];
        var names = List.of("mean", "std", "q01", "q99");
        for (int i = 0; i < columns.length; i++) {
            var values = node.path(names.get(i));
            if (!values.isArray()) {
                throw new CheckpointException(
                        folder.resolve(NORMS),
                        feature + "." + names.get(i),
                        "is missing",
                        "without statistics nobody knows the units; write them with the policy");
            }
            columns[i] = values.valueStream().mapToDouble(JsonNode::asDouble).toArray();
        }
        return Statistics.of(columns[0], columns[1], columns[2], columns[3]);
    }

    /// The policy of these weights on the tabletop.
    Pi0Policy policy(int flowSteps) {
        return new Pi0Policy(
                pi0, head, Pi0Data.Units.of(states, actions), Pi0Policy.tabletop(), flowSteps);
    }

    /// What identifies saved weights: the SHA-256 of their file.
    static String hash(Path folder) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of()
                    .formatHex(digest.digest(Files.readAllBytes(folder.resolve(MODEL))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
