package dev.orrery.system.pi0;

import dev.orrery.checkpoint.AtomicFile;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.FileHash;
import dev.orrery.nn.Module;
import dev.orrery.policy.CameraMap;
import dev.orrery.policy.DeltaActions;
import dev.orrery.policy.FastTokens;
import dev.orrery.policy.NormFiles;
import dev.orrery.policy.Normalizer;
import dev.orrery.policy.Norms;
import dev.orrery.run.ConfigBinder;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// A trained policy as a folder: `config.json` (the network's sizes, and how it is talked to),
/// `model.safetensors` (averaged weights under the published names), `norm_stats.json` (as openpi
/// writes it), and, where the policy needs them, the tokenizer's file and the folder `fast`.
///
/// @param pi0 the network
/// @param head what its expert was trained for
/// @param visibility the mask that it was trained under
/// @param norms statistics of states and actions
/// @param manner how it is talked to
/// @param codec what the head FAST writes with
record Pi0Checkpoint(
        Pi0 pi0,
        ActionHead head,
        Pi0.Visibility visibility,
        Norms norms,
        Pi0Manner manner,
        Optional<FastTokens> codec) {

    private static final String CONFIG = "config.json",
            MODEL = "model.safetensors",
            NORMS = "norm_stats.json",
            FAST = "fast";

    /// What marks the folder.
    static final String TYPE = "orrery-pi0";

    /// A policy of the tabletop.
    static Pi0Checkpoint tabletop(Pi0 pi0, Pi0Config.Training training, Pi0Data data) {
        return new Pi0Checkpoint(
                pi0,
                training.head(),
                training.visibility(),
                data.norms(),
                Pi0Manner.tabletop(),
                data.codec());
    }

    /// A flow policy of the tabletop with given statistics.
    static Pi0Checkpoint tabletop(Pi0 pi0, Norms norms) {
        return new Pi0Checkpoint(
                pi0,
                ActionHead.FLOW,
                Pi0.Visibility.BLOCKWISE,
                norms,
                Pi0Manner.tabletop(),
                Optional.empty());
    }

    /// Writes the folder.
    void save(Path folder) {
        try {
            Files.createDirectories(folder);
            pi0.save(folder.resolve(MODEL));
            describe(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Whole or not at all, as somebody may be reading while a run goes on.
    private static void write(Path file, Object value) {
        var text = (ConfigBinder.json(value) + "\n").getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, text.length, channel -> channel.write(ByteBuffer.wrap(text)));
    }

    /// Writes everything but the weights.
    void describe(Path folder) throws IOException {
        var config = new LinkedHashMap<String, Object>();
        config.put("type", TYPE);
        config.put("head", head);
        config.put("visibility", visibility);
        config.put("stateRule", norms.stateRule());
        config.put("actionRule", norms.actionRule());
        config.put("epsilon", norms.epsilon());
        config.put("cameras", manner.cameras());
        config.put("toldState", manner.toldState());
        manner.relative().ifPresent(delta -> config.put("relative", delta.runs()));
        if (manner.tokenizer().isPresent()) {
            var file = manner.tokenizer().get();
            config.put("tokenizer", file.getFileName().toString());
            var copy = folder.resolve(file.getFileName().toString());
            if (!Files.exists(copy) || !Files.isSameFile(file, copy)) {
                Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        config.put("model", pi0.config());
        if (codec.isPresent()) {
            codec.get().save(folder.resolve(FAST));
        }
        write(folder.resolve(CONFIG), config);
        NormFiles.writeOpenpi(norms, folder.resolve(NORMS));
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
        var sizes =
                ConfigBinder.bind(
                        config.path("model"), Pi0Config.Model.class, folder.resolve(CONFIG));
        var head = ActionHead.valueOf(config.path("head").asString("FLOW"));
        var visibility = config.path("visibility").asString("BLOCKWISE");
        if (!Files.isRegularFile(folder.resolve(NORMS))) {
            throw NormFiles.missing(folder, NORMS);
        }
        var norms =
                NormFiles.readOpenpi(
                        folder.resolve(NORMS),
                        Norms.Rule.valueOf(config.path("stateRule").asString("MEAN_STD")),
                        Norms.Rule.valueOf(config.path("actionRule").asString("MEAN_STD")),
                        config.path("epsilon").asDouble(Normalizer.OPENPI_EPSILON));
        var io = sizes.io();
        var codec =
                head == ActionHead.FAST
                        ? Optional.of(
                                FastTokens.open(
                                        folder.resolve(FAST), io.horizon(), io.actionDims()))
                        : Optional.<FastTokens>empty();
        try (var _ = TensorScope.open()) {
            var pi0 = Module.unset(() -> new Pi0(sizes, Seed.of(0)));
            load.accept(pi0);
            return new Pi0Checkpoint(
                    pi0,
                    head,
                    Pi0.Visibility.valueOf(visibility),
                    norms,
                    manner(folder, config),
                    codec);
        }
    }

    static Pi0Manner manner(Path folder, JsonNode config) {
        var usual = Pi0Manner.tabletop();
        var cameras = config.path("cameras").valueStream().map(JsonNode::asString).toList();
        var tokenizer = config.path("tokenizer").asString("");
        return new Pi0Manner(
                cameras.isEmpty() ? usual.cameras() : cameras,
                tokenizer.isEmpty() ? Optional.empty() : Optional.of(folder.resolve(tokenizer)),
                config.path("toldState").asInt(0),
                config.has("relative")
                        ? Optional.of(
                                DeltaActions.of(
                                        config.get("relative")
                                                .valueStream()
                                                .mapToInt(JsonNode::asInt)
                                                .toArray()))
                        : Optional.empty());
    }

    private static JsonNode read(Path folder, String name) {
        var file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(
                    file, "", "is missing", "name the policy folder of a finished pi0 run");
        }
        return ConfigBinder.readObject(file);
    }

    /// This policy, fed by cameras of the network's own names.
    Pi0Policy policy(int flowSteps) {
        return policy(CameraMap.same(manner.cameras()), flowSteps);
    }

    /// This policy.
    ///
    /// @param cameras which camera feeds which input
    Pi0Policy policy(CameraMap cameras, int flowSteps) {
        return new Pi0Policy(this, cameras, flowSteps);
    }

    /// What identifies saved weights: the SHA-256 of their file.
    static String hash(Path folder) {
        return FileHash.sha256(folder.resolve(MODEL));
    }
}
