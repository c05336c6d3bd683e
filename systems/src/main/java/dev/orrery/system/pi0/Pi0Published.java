package dev.orrery.system.pi0;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Weights;
import dev.orrery.data.text.Tokenizer;
import dev.orrery.policy.CameraMap;
import dev.orrery.policy.DeltaActions;
import dev.orrery.policy.NormFiles;
import dev.orrery.policy.Normalizer;
import dev.orrery.policy.Norms;
import dev.orrery.policy.Plays;
import dev.orrery.run.ConfigBinder;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// Published π0 and π0.5 policies as folders: LeRobot's (`config.json`, `model.safetensors`,
/// `policy_preprocessor.json`…), openpi's (`model.safetensors`, or `params` as its JAX code saves
/// them, `assets/<robot>/norm_stats.json`), each with PaliGemma's tokenizer beside, and folders in
/// the project's own layout. LeRobot's π0-FAST has no expert and is opened by [Pi0FastPolicy];
/// [#ready] opens any of them.
public final class Pi0Published {

    private static final String CONFIG = "config.json", IMAGES = "observation.images.";
    private static final String EMPTY = "empty_camera_";
    private static final int OPENPI_STATE = 32, STEPS = 10;

    private Pi0Published() {}

    /// What a folder leaves open.
    ///
    /// @param asset whose statistics to take of several in `assets`
    /// @param relative which actions are relative to the state, where the folder does not say it:
    ///   openpi keeps that in its training configurations
    public record Choice(Optional<String> asset, Optional<DeltaActions> relative) {

        /// What the folder says.
        public static final Choice NONE = new Choice(Optional.empty(), Optional.empty());
    }

    /// A folder's policy, ready to act.
    ///
    /// @param cameras which camera of the robot feeds which of [#cameras]
    /// @param flowSteps Euler steps of a chunk, 10 in the papers
    /// @throws CheckpointException naming what is missing: weights, statistics, tokenizer
    /// @throws IllegalArgumentException if weights do not fit; all wrong names are listed
    public static Pi0Policy open(Path folder, CameraMap cameras, Choice choice, int flowSteps) {
        return read(folder, choice).policy(cameras, flowSteps);
    }

    /// The network's camera inputs, in its order.
    public static List<String> cameras(Path folder) {
        return cameras(config(folder));
    }

    /// What a published folder holds, as far as can be said without running it: sizes, cameras,
    /// where statistics and tokenizer are, and what is missing. Empty if the folder is of no policy
    /// of this family. Weights are mapped, not read.
    public static Optional<SequencedMap<String, String>> describe(Path named) {
        var folder = folder(named);
        var config = config(folder);
        if (Pi0FastPolicy.is(config)) {
            return Optional.of(Pi0FastPolicy.describe(folder, config));
        }
        if (!is(config) && !isOpenpi(folder, config)) {
            return Optional.empty();
        }
        var about = new LinkedHashMap<String, String>();
        if (Pi0Jax.isFastIn(folder)) {
            about.put("policy", "openpi's π0-FAST, which is not opened");
            return Optional.of(about);
        }
        about.put("policy", type(config).isEmpty() ? "openpi" : type(config));
        try (var _ = TensorScope.open()) {
            boolean own = type(config).equals(Pi0Checkpoint.TYPE);
            var weights = Pi0Weights.outline(weights(folder));
            var sizes = own ? sizes(folder, config) : Pi0Weights.sizes(weights, config);
            var io = sizes.io();
            about.put("variant", sizes.variant().toString());
            about.put(
                    "parameters",
                    "%,d".formatted(weights.values().stream().mapToLong(Tensor::numel).sum()));
            about.put("chunk", "%d actions of %d".formatted(io.horizon(), io.actionDims()));
            about.put("state", Integer.toString(io.stateDims()));
            about.put("prompt", "%d tokens of %d".formatted(io.textTokens(), io.vocabulary()));
            about.put("cameras", String.join(", ", cameras(config)));
            about.put("statistics", statistics(folder, () -> norms(folder, config, sizes)));
            about.put(
                    "tokenizer",
                    tokenizer(
                            folder,
                            own && !config.has("tokenizer") ? "tabletop words" : "missing"));
        }
        return Optional.of(about);
    }

    private static Norms norms(Path folder, JsonNode config, Pi0Config.Model sizes) {
        return config.has("stateRule")
                ? NormFiles.readOpenpi(
                        folder.resolve("norm_stats.json"),
                        Norms.Rule.valueOf(config.get("stateRule").asString()),
                        Norms.Rule.valueOf(config.get("actionRule").asString()),
                        Normalizer.OPENPI_EPSILON)
                : NormFiles.read(folder, rule(sizes.variant()), Optional.empty());
    }

    /// Where the tokenizer's file is, or `otherwise`.
    static String tokenizer(Path folder, String otherwise) {
        return tokenizer(folder).map(f -> folder.relativize(f).toString()).orElse(otherwise);
    }

    /// What statistics a folder has, in words.
    static String statistics(Path folder, Supplier<Norms> read) {
        try {
            var norms = read.get();
            return "state %d by %s, action %d by %s"
                    .formatted(
                            norms.states().dims(),
                            norms.stateRule(),
                            norms.actions().dims(),
                            norms.actionRule());
        } catch (CheckpointException e) {
            var assets = NormFiles.assets(folder).keySet();
            return assets.size() > 1 ? "of " + String.join(", ", assets) : "missing";
        }
    }

    /// The sizes that a folder of our own names.
    ///
    /// @throws IllegalArgumentException naming the file and the key that does not fit
    static Pi0Config.Model sizes(Path folder, JsonNode config) {
        return ConfigBinder.bind(
                config.path("model"), Pi0Config.Model.class, folder.resolve(CONFIG));
    }

    /// What a folder says about itself, without its weights.
    static JsonNode config(Path folder) {
        var file = folder.resolve(CONFIG);
        return Files.isRegularFile(file)
                ? ConfigBinder.readObject(file)
                : JsonNodeFactory.instance.objectNode();
    }

    private static boolean isOpenpi(Path folder, JsonNode config) {
        return !config.has("type") && (config.has("paligemma_variant") || Pi0Jax.isIn(folder));
    }

    /// The folder of a policy, which may be named by the weights in it.
    static Path folder(Path named) {
        boolean tree = named.endsWith("params") && Weights.isOrbax(named);
        return Files.isDirectory(named) && !tree ? named : named.toAbsolutePath().getParent();
    }

    /// Whether a folder is a policy that LeRobot or openpi published, with its `config.json`.
    public static boolean is(Path folder) {
        var type = type(config(folder));
        return List.of("pi0", "pi05", Pi0FastPolicy.TYPE).contains(type)
                || isOpenpi(folder, config(folder));
    }

    /// What a robot shows a published policy and gets from it.
    ///
    /// @param cameras whose pictures it looks at; those that LeRobot calls empty are not among them
    /// @param norms of states and actions
    public record Connection(List<String> cameras, Norms norms) {}

    /// What a robot shows a folder's policy and gets from it; weights are not touched.
    ///
    /// @throws CheckpointException if statistics are missing, or must be chosen
    public static Connection connection(Path folder, Choice choice) {
        var seen = cameras(folder).stream().filter(c -> !c.startsWith(EMPTY)).toList();
        return new Connection(seen, NormFiles.read(folder, Norms.Rule.MEAN_STD, choice.asset));
    }

    /// Any published policy of the family, ready to act: it is shown the cameras of [#connection],
    /// flows in as many steps and executes as many actions of a chunk as its configuration says.
    public static Plays.Ready ready(Path folder, Choice choice) {
        var config = config(folder);
        var shown = CameraMap.same(connection(folder, choice).cameras());
        var cameras = new CameraMap(cameras(config), shown.sources());
        if (Pi0FastPolicy.is(config)) {
            var policy = Pi0FastPolicy.open(folder, cameras, choice);
            return new Plays.Ready(policy, executed(config, policy.horizon()), policy::close);
        }
        var checkpoint = read(folder, choice);
        var policy = checkpoint.policy(cameras, config.path("num_inference_steps").asInt(STEPS));
        return new Plays.Ready(policy, executed(config, policy.horizon()), checkpoint.pi0()::close);
    }

    private static int executed(JsonNode config, int horizon) {
        return config.path("n_action_steps").asInt(horizon);
    }

    /// Whether a folder's `config.json` is of this family.
    static boolean is(JsonNode config) {
        return List.of("pi0", "pi05", Pi0Checkpoint.TYPE).contains(type(config));
    }

    static String type(JsonNode config) {
        return config.path("type").asString("");
    }

    static Pi0Checkpoint read(Path folder, Choice choice) {
        var config = config(folder);
        var type = type(config);
        if (type.equals(Pi0Checkpoint.TYPE)) {
            return Pi0Checkpoint.open(folder);
        }
        if (!type.isEmpty() && !is(config)) {
            throw new CheckpointException(
                    folder.resolve(CONFIG),
                    "type",
                    "is '%s'".formatted(type),
                    Pi0FastPolicy.is(config)
                            ? "it has no expert: Pi0FastPolicy opens it, and orrery serve"
                            : "pi0 and pi05 policies are known");
        }
        var pi0 = Pi0Weights.load(weights(folder), config);
        try {
            var variant = pi0.config().variant();
            var norms = NormFiles.read(folder, rule(variant), choice.asset);
            return new Pi0Checkpoint(
                    pi0,
                    ActionHead.FLOW,
                    Pi0.Visibility.BLOCKWISE,
                    norms,
                    manner(folder, config, norms, choice),
                    Optional.empty());
        } catch (RuntimeException e) {
            pi0.close();
            throw e;
        }
    }

    static Norms.Rule rule(Pi0Variant variant) {
        return switch (variant) {
            case PI0 -> Norms.Rule.MEAN_STD;
            case PI05 -> Norms.Rule.QUANTILES;
        };
    }

    /// The folder itself, if safetensors are in it, else a NumPy archive.
    static Path weights(Path folder) {
        var archive = folder.resolve("model.npz");
        boolean torch =
                Stream.of("model.safetensors", "model.safetensors.index.json")
                        .anyMatch(n -> Files.isRegularFile(folder.resolve(n)));
        return !torch && Files.isRegularFile(archive) ? archive : folder;
    }

    static Pi0Manner manner(Path folder, JsonNode config, Norms norms, Choice choice) {
        return new Pi0Manner(
                cameras(config),
                Optional.of(needTokenizer(folder)),
                toldState(folder, config),
                choice.relative.or(() -> relative(folder, config, norms.actions().dims())));
    }

    /// The tokenizer's file.
    ///
    /// @throws CheckpointException if there is none
    static Path needTokenizer(Path folder) {
        return tokenizer(folder)
                .orElseThrow(() ->
                        new CheckpointException(
                                folder,
                                "tokenizer",
                                "PaliGemma's tokenizer is missing",
                                "copy it there, named %s"
                                        .formatted(String.join(" or ", Tokenizer.FILES))));
    }

    /// The tokenizer's file: in the folder, or in one called `tokenizer`.
    static Optional<Path> tokenizer(Path folder) {
        return Stream.of(folder, folder.resolve("tokenizer"))
                .flatMap(f -> Tokenizer.FILES.stream().map(f::resolve))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static List<String> cameras(JsonNode config) {
        var own = config.path("cameras").valueStream().map(JsonNode::asString).toList();
        var inputs =
                config.path("input_features").properties().stream()
                        .map(e -> e.getKey())
                        .filter(name -> name.startsWith(IMAGES))
                        .map(name -> name.substring(IMAGES.length()))
                        .toList();
        return !own.isEmpty() ? own : inputs.isEmpty() ? CameraMap.PI0 : inputs;
    }

    /// LeRobot pads the state before it tells it in words; openpi does not.
    static int toldState(Path folder, JsonNode config) {
        for (var step : NormFiles.steps(folder)) {
            if (step.path("registry_name").asString("").startsWith("pi05_prepare_state")) {
                return step.path("config")
                        .path("max_state_dim")
                        .asInt(config.path("max_state_dim").asInt(OPENPI_STATE));
            }
        }
        return 0;
    }

    /// LeRobot's relative actions: all but those whose name holds an excluded word.
    ///
    /// @param dims values of an action
    static Optional<DeltaActions> relative(Path folder, JsonNode config, int dims) {
        if (!config.path("use_relative_actions").asBoolean(false)) {
            return Optional.empty();
        }
        var absolute =
                config.path("relative_exclude_joints")
                        .valueStream()
                        .map(JsonNode::asString)
                        .toList();
        var names =
                config.path("action_feature_names").valueStream().map(JsonNode::asString).toList();
        if (names.isEmpty() && !absolute.isEmpty()) {
            throw new CheckpointException(
                    folder.resolve(CONFIG),
                    "action_feature_names",
                    "is missing, so which actions are relative is not known",
                    "say which are");
        }
        var runs = new ArrayList<Integer>();
        for (int d = 0; d < dims; d++) {
            var name = d < names.size() ? names.get(d) : "";
            runs.add(absolute.stream().anyMatch(name::contains) ? -1 : 1);
        }
        return Optional.of(DeltaActions.of(runs.stream().mapToInt(r -> r).toArray()));
    }
}
