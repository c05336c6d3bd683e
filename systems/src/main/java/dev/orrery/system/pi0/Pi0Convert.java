package dev.orrery.system.pi0;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.flow.DataAt;
import dev.orrery.lm.GemmaConfig;
import dev.orrery.nn.Module;
import dev.orrery.policy.DeltaActions;
import dev.orrery.policy.NormFiles;
import dev.orrery.policy.Norms;
import dev.orrery.run.ConfigBinder;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Writes a π0 or π0.5 policy in another project's layout: weights under its names, statistics and
/// tokenizer where it looks for them.
public final class Pi0Convert {

    private static final String MODEL = "model.safetensors", CONFIG = "config.json";

    private Pi0Convert() {}

    /// Where a policy is going to be opened.
    public enum Layout {
        /// LeRobot: names start with `model.`; statistics in the processors' files.
        LEROBOT,
        /// openpi's PyTorch code: statistics in `assets/<robot>/norm_stats.json`.
        OPENPI,
        /// This project.
        ORRERY;

        /// The layout of a name, in any case.
        ///
        /// @throws IllegalArgumentException if there is none
        public static Layout named(String name) {
            for (var layout : values()) {
                if (layout.name().equalsIgnoreCase(name)) {
                    return layout;
                }
            }
            throw new IllegalArgumentException(
                    "there is no layout '%s'; there are lerobot, openpi and orrery"
                            .formatted(name));
        }
    }

    /// What was written.
    ///
    /// @param tensors how many
    /// @param warnings what the new folder lacks
    public record Result(int tensors, List<String> warnings) {}

    /// Converts.
    ///
    /// @param from a published folder, a weights file, or a NumPy archive of a JAX checkpoint's
    ///   parameters
    /// @param to a new folder
    /// @param type of all weights but norms, positions and patches, which stay float32; empty to
    ///   leave types as they are
    /// @throws IllegalArgumentException if names or shapes do not fit; all are listed
    public static Result run(Path from, Path to, Layout layout, Optional<DType> type) {
        if (Files.exists(to)) {
            throw new IllegalArgumentException(
                    "%s exists already; name a new folder".formatted(to));
        }
        var folder = Pi0Published.folder(from);
        var config = Pi0Published.config(folder);
        if (Pi0FastPolicy.is(config)) {
            throw new IllegalArgumentException(
                    "%s is a π0-FAST, which other layouts have no counterpart of; serve the folder as it is"
                            .formatted(from));
        }
        try (var _ = TensorScope.open()) {
            var weights = Files.isDirectory(from) ? Pi0Published.weights(from) : from;
            var own = Pi0Weights.read(weights, (name, t) -> cast(name, t, type));
            var sizes =
                    config.path("type").asString("").equals(Pi0Checkpoint.TYPE)
                            ? Pi0Published.sizes(folder, config)
                            : Pi0Weights.sizes(own, config);
            Pi0Weights.requireUsualPeriods(config);
            if (layout != Layout.ORRERY) {
                requireCounterpart(from, sizes);
            }
            check(sizes, own);
            Files.createDirectories(to);
            var named = named(layout, own, sizes);
            Safetensors.write(to.resolve(MODEL), named, Map.of("format", "pt"));
            var warnings = describe(folder, to, layout, config, sizes);
            return new Result(named.size(), warnings);
        } catch (IOException e) {
            throw new CheckpointException(to, "", "cannot be written", "check the disk", e);
        }
    }

    private static void requireCounterpart(Path from, Pi0Config.Model sizes) {
        if (!sizes.vision().stem().isEmpty() || sizes.io().dataAt() == DataAt.ONE) {
            throw new IllegalArgumentException(
                    "%s is a tabletop network (convolution stem, words, its own flow clock), which other projects have no counterpart of"
                            .formatted(from));
        }
    }

    /// Lists everything that is missing, unexpected or misshapen.
    private static void check(Pi0Config.Model sizes, Map<String, Tensor> own) {
        try (var pi0 = Module.unset(() -> new Pi0(sizes, Seed.of(0)))) {
            pi0.adopt(own);
        }
    }

    private static Tensor cast(String name, Tensor tensor, Optional<DType> type) {
        if (type.isEmpty() || !tensor.dtype().isFloating()) {
            return tensor;
        }
        boolean narrow =
                name.startsWith("paligemma_with_expert.")
                        && !name.contains("norm")
                        && !name.contains("vision_model.embeddings.");
        return tensor.to(narrow ? type.get() : DType.F32);
    }

    /// The names of a layout. The head of the expert that nobody uses is part of the others'
    /// modules, so they get one of zeros, else their strict loading would fail.
    static Map<String, Tensor> named(
            Layout layout, Map<String, Tensor> own, Pi0Config.Model sizes) {
        if (layout == Layout.ORRERY) {
            return own;
        }
        UnaryOperator<String> prefix =
                layout == Layout.LEROBOT ? name -> "model." + name : name -> name;
        var named = new LinkedHashMap<String, Tensor>();
        own.forEach((name, tensor) -> named.put(prefix.apply(name), tensor));
        var words = own.get(Pi0Weights.WORDS);
        named.put(
                prefix.apply(Pi0Weights.UNUSED),
                Tensor.zeros(words.dtype(), 1, 1).expand(words.size(0), sizes.expert().width()));
        return named;
    }

    private static List<String> describe(
            Path from, Path to, Layout layout, JsonNode config, Pi0Config.Model sizes)
            throws IOException {
        var warnings = new ArrayList<String>();
        var norms = norms(from, config, sizes, warnings);
        var tokenizer = Pi0Published.tokenizer(from);
        if (tokenizer.isEmpty()) {
            warnings.add("no tokenizer found; copy PaliGemma's tokenizer file to " + to);
        } else {
            Files.copy(tokenizer.get(), to.resolve(tokenizer.get().getFileName()));
        }
        int told = Pi0Published.toldState(from, config);
        int state = norms.map(n -> n.states().dims()).orElse(sizes.io().stateDims());
        boolean padded = layout == Layout.LEROBOT;
        if (sizes.variant() == Pi0Variant.PI05
                && layout != Layout.ORRERY
                && state < sizes.io().stateDims()
                && padded != told > 0) {
            warnings.add(
                    "the prompts that this policy learned from tell %d state values, those of %s tell %d; it may act less well there"
                            .formatted(
                                    told > 0 ? told : state,
                                    layout,
                                    padded ? sizes.io().stateDims() : state));
        }
        switch (layout) {
            case LEROBOT -> lerobot(to, config, sizes, norms);
            case OPENPI -> openpi(to, sizes, norms);
            case ORRERY -> orrery(from, to, config, sizes, norms, tokenizer);
        }
        return warnings;
    }

    private static Optional<Norms> norms(
            Path from, JsonNode config, Pi0Config.Model sizes, List<String> warnings) {
        try {
            var rule = Pi0Published.rule(sizes.variant());
            if (config.has("stateRule")) {
                return Optional.of(
                        NormFiles.readOpenpi(
                                from.resolve("norm_stats.json"),
                                Norms.Rule.valueOf(config.get("stateRule").asString()),
                                Norms.Rule.valueOf(config.get("actionRule").asString()),
                                config.path("epsilon").asDouble()));
            }
            return Optional.of(NormFiles.read(from, rule, Optional.empty()));
        } catch (CheckpointException e) {
            warnings.add("no statistics: " + e.getMessage());
            return Optional.empty();
        }
    }

    private static void write(Path file, ObjectNode json) throws IOException {
        Files.write(file, (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void lerobot(
            Path to, JsonNode known, Pi0Config.Model sizes, Optional<Norms> norms)
            throws IOException {
        var io = sizes.io();
        boolean told = sizes.variant() == Pi0Variant.PI05;
        var json =
                known.path("type").asString("").startsWith("pi0")
                        ? ((ObjectNode) known).deepCopy()
                        : JsonNodeFactory.instance.objectNode();
        var own = sizes(sizes);
        own.properties().forEach(e -> json.set(e.getKey(), e.getValue()));
        json.put("type", told ? "pi05" : "pi0").put("n_obs_steps", 1);
        json.put("chunk_size", io.horizon());
        if (!json.has("n_action_steps")) {
            json.put("n_action_steps", io.horizon());
        }
        json.put("max_state_dim", io.stateDims()).put("max_action_dim", io.actionDims());
        json.put("tokenizer_max_length", io.textTokens()).put("num_inference_steps", 10);
        int side = sizes.vision().imageSize(0);
        json.putArray("image_resolution").add(side).add(side);
        if (!json.has("input_features")) {
            var inputs = json.putObject("input_features");
            for (var camera : dev.orrery.policy.CameraMap.PI0) {
                var feature = inputs.putObject("observation.images." + camera);
                feature.put("type", "VISUAL").putArray("shape").add(3).add(side).add(side);
            }
            int states = norms.map(n -> n.states().dims()).orElse(io.stateDims());
            int actions = norms.map(n -> n.actions().dims()).orElse(io.actionDims());
            inputs.putObject("observation.state")
                    .put("type", "STATE")
                    .putArray("shape")
                    .add(states);
            json.putObject("output_features")
                    .putObject("action")
                    .put("type", "ACTION")
                    .putArray("shape")
                    .add(actions);
        }
        write(to.resolve(CONFIG), json);
        if (norms.isPresent()) {
            NormFiles.writeLeRobot(norms.get(), steps(io, told), to);
        }
    }

    /// What LeRobot does between normalising and the network, in its words.
    private static List<ObjectNode> steps(Pi0Config.Io io, boolean told) {
        var nodes = JsonNodeFactory.instance;
        var prompt =
                nodes.objectNode()
                        .put(
                                "registry_name",
                                told
                                        ? "pi05_prepare_state_tokenizer_processor_step"
                                        : "pi0_new_line_processor");
        prompt.putObject("config");
        var tokens = nodes.objectNode().put("registry_name", "tokenizer_processor");
        tokens.putObject("config")
                .put("max_length", io.textTokens())
                .put("task_key", "task")
                .put("padding_side", "right")
                .put("padding", "max_length")
                .put("truncation", true)
                .put("tokenizer_name", "google/paligemma-3b-pt-224");
        var device = nodes.objectNode().put("registry_name", "device_processor");
        device.putObject("config").put("device", "cpu");
        return List.of(prompt, tokens, device);
    }

    /// The variants' names, and the sizes themselves where they are not the published ones'.
    private static ObjectNode sizes(Pi0Config.Model sizes) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("paligemma_variant", "gemma_2b").put("action_expert_variant", "gemma_300m");
        var paper = Pi0Config.Model.paper();
        if (sizes.language().equals(paper.language())
                && sizes.expert().equals(paper.expert())
                && sizes.vision().equals(paper.vision())) {
            return json;
        }
        var tiny = json.putObject("_tiny");
        gemma(tiny.putObject("paligemma"), sizes.language());
        gemma(tiny.putObject("action_expert"), sizes.expert());
        var v = sizes.vision();
        tiny.putObject("vision")
                .put("hidden_size", v.width())
                .put("image_size", v.imageSize(0))
                .put("intermediate_size", v.mlp())
                .put("num_attention_heads", v.heads())
                .put("num_hidden_layers", v.layers())
                .put("patch_size", v.patch());
        tiny.put("vocab_size", sizes.io().vocabulary());
        return json;
    }

    private static void gemma(ObjectNode json, GemmaConfig c) {
        json.put("width", c.width()).put("depth", c.depth()).put("mlp_dim", c.mlp());
        json.put("num_heads", c.heads()).put("num_kv_heads", c.keyValueHeads());
        json.put("head_dim", c.headDim());
    }

    private static void openpi(Path to, Pi0Config.Model sizes, Optional<Norms> norms)
            throws IOException {
        var json = sizes(sizes);
        json.put("action_dim", sizes.io().actionDims());
        json.put("action_horizon", sizes.io().horizon());
        json.put("tokenizer_max_length", sizes.io().textTokens());
        json.put("precision", "float32");
        write(to.resolve(CONFIG), json);
        if (norms.isPresent()) {
            NormFiles.writeOpenpi(norms.get(), to.resolve("assets/robot/norm_stats.json"));
        }
    }

    private static void orrery(
            Path from,
            Path to,
            JsonNode config,
            Pi0Config.Model sizes,
            Optional<Norms> norms,
            Optional<Path> tokenizer)
            throws IOException {
        var json = new LinkedHashMap<String, Object>();
        json.put("type", Pi0Checkpoint.TYPE);
        json.put("head", ActionHead.FLOW);
        json.put("visibility", Pi0.Visibility.BLOCKWISE);
        json.put("cameras", Pi0Published.cameras(from));
        json.put("toldState", Pi0Published.toldState(from, config));
        tokenizer.ifPresent(file -> json.put("tokenizer", file.getFileName().toString()));
        json.put("model", sizes);
        if (norms.isPresent()) {
            json.put("stateRule", norms.get().stateRule());
            json.put("actionRule", norms.get().actionRule());
            json.put("epsilon", norms.get().epsilon());
            Pi0Published.relative(from, config, norms.get().actions().dims())
                    .map(DeltaActions::runs)
                    .ifPresent(runs -> json.put("relative", runs));
            NormFiles.writeOpenpi(norms.get(), to.resolve("norm_stats.json"));
        }
        Files.writeString(to.resolve(CONFIG), ConfigBinder.json(json) + "\n");
    }
}
