package dev.orrery.system.openvla;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.data.text.Tokenizer;
import dev.orrery.env.Image;
import dev.orrery.env.Nearest;
import dev.orrery.env.Observation;
import dev.orrery.lm.PublicConfig;
import dev.orrery.nn.Int8Weights;
import dev.orrery.nn.Kernels;
import dev.orrery.policy.ActionBounds;
import dev.orrery.policy.ActionTokenizer;
import dev.orrery.policy.ActionVocabulary;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vision.Resample;
import dev.orrery.vlm.Prismatic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;

/// A published OpenVLA, or a fine-tuned one, as a policy: a folder with `config.json`,
/// `model.safetensors` or its shards, and the tokenizer; fine-tuned models add
/// `dataset_statistics.json`, whose statistics then count.
///
/// Weights are mapped and keep their type; those of the language model, which bound how quickly
/// tokens are written, may be kept as whole numbers of 8 bits instead ([Weights#INT8]).
public final class OpenVlaPublished implements ChunkPolicy, AutoCloseable {

    private static final String CONFIG = "config.json", RESIZE = "resize-naive";
    private static final int PADDING = 64, BINS = 256;

    private final Path folder;
    private final Prismatic model;
    private final Tokenizer tokenizer;
    private final ActionWriter writer;
    private final String unnormKey;
    private final ActionBounds bounds;
    private final Retina retina;
    private final Choice choice;
    private final Optional<Int8Weights> rounded;

    /// How the language model's weights are kept.
    public enum Weights {
        /// As they are stored.
        STORED,
        /// Rounded to whole numbers of 8 bits when the folder is opened, see [Int8Weights].
        INT8
    }

    /// What a folder leaves open.
    ///
    /// @param unnormKey whose statistics give the robot's units; needed where there are several
    /// @param centreCrop whether the middle 90 % of the picture are looked at, as models want it
    ///   that were fine-tuned on random crops
    /// @param unconstrained whether any token may be written, as in the published code
    /// @param prompt what the model was asked in training; empty to go by the folder's name
    /// @param weights how the language model's weights are kept
    public record Choice(
            Optional<String> unnormKey,
            boolean centreCrop,
            boolean unconstrained,
            Optional<OpenVlaPrompt> prompt,
            Weights weights) {

        /// What the folder says.
        public static final Choice NONE =
                new Choice(Optional.empty(), false, false, Optional.empty(), Weights.STORED);

        /// The statistics of one data set.
        public static Choice of(String unnormKey) {
            return NONE.with(Optional.of(unnormKey));
        }

        /// The same with other statistics.
        public Choice with(Optional<String> other) {
            return new Choice(other, centreCrop, unconstrained, prompt, weights);
        }

        /// The same with weights kept in another way.
        public Choice with(Weights other) {
            return new Choice(unnormKey, centreCrop, unconstrained, prompt, other);
        }
    }

    private OpenVlaPublished(Path folder, PublicConfig config, Choice choice) {
        this.folder = folder;
        this.choice = choice;
        var units = units(folder, choice);
        unnormKey = units.unnormKey();
        bounds = units.bounds();
        tokenizer = Tokenizer.open(folder);
        writer = writer(config, tokenizer, bounds.dims(), choice);
        retina = retina(folder, config);
        model = Prismatic.open(OpenVlaSizes.read(config, folder), config, folder);
        rounded = rounded(model, choice.weights);
    }

    private static Optional<Int8Weights> rounded(Prismatic model, Weights weights) {
        try {
            return weights == Weights.INT8
                    ? Optional.of(Int8Weights.of(model.language()))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            model.close();
            throw e;
        }
    }

    /// Opens a folder.
    ///
    /// @throws CheckpointException naming what is missing or does not fit
    /// @throws IllegalArgumentException if statistics must be chosen, or the chosen ones are not
    ///   there; the message lists those that are; or if no weight can be rounded that should be
    public static OpenVlaPublished open(Path folder, Choice choice) {
        var config = PublicConfig.read(folder.resolve(CONFIG));
        if (!is(config)) {
            throw config.wrong(
                    "model_type", "is '%s', not openvla".formatted(config.text("model_type", "")));
        }
        var resize = config.text("image_resize_strategy", RESIZE);
        if (!resize.equals(RESIZE)) {
            throw config.wrong(
                    "image_resize_strategy",
                    "is '%s'; only %s is built, as OpenVLA has it".formatted(resize, RESIZE));
        }
        return new OpenVlaPublished(folder, config, choice);
    }

    private static boolean is(PublicConfig config) {
        return config.text("model_type", "").equals("openvla");
    }

    /// Whether a folder's `config.json` is of this family.
    public static boolean is(Path folder) {
        var file = folder.resolve(CONFIG);
        return Files.isRegularFile(file) && is(PublicConfig.read(file));
    }

    /// A robot's units.
    ///
    /// @param unnormKey the data set whose statistics they are
    /// @param bounds those statistics
    public record Units(String unnormKey, ActionBounds bounds) {}

    /// The units in which a folder's policy would act; its weights are not touched.
    ///
    /// @throws CheckpointException if there are no statistics
    /// @throws IllegalArgumentException if they must be chosen, or the chosen ones are not there
    public static Units units(Path folder, Choice choice) {
        var statistics = statistics(folder, PublicConfig.read(folder.resolve(CONFIG)));
        var key = key(folder, statistics, choice.unnormKey);
        return new Units(key, statistics.sets().get(key).action());
    }

    private static RobotStatistics statistics(Path folder, PublicConfig config) {
        if (RobotStatistics.isIn(folder)) {
            return RobotStatistics.read(folder.resolve(RobotStatistics.FILE));
        }
        var own =
                config.object("norm_stats")
                        .orElseThrow(() ->
                                new CheckpointException(
                                        config.file(),
                                        "norm_stats",
                                        "is missing, and there is no " + RobotStatistics.FILE,
                                        "without statistics nobody knows the units: copy %s from where the model was fine-tuned"
                                                .formatted(RobotStatistics.FILE)));
        return RobotStatistics.read(own.file(), own.node());
    }

    private static String key(Path folder, RobotStatistics statistics, Optional<String> wanted) {
        var names = statistics.names();
        if (wanted.isEmpty() && names.size() == 1) return names.getFirst();
        if (wanted.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s holds statistics of %d data sets; name one as unnormKey: %s"
                            .formatted(folder, names.size(), String.join(", ", names)));
        }
        if (!names.contains(wanted.get())) {
            throw new IllegalArgumentException(
                    "%s has no statistics '%s'; %s"
                            .formatted(folder, wanted.get(), Nearest.hint(wanted.get(), names)));
        }
        return wanted.get();
    }

    /// The vocabulary counts without the rows that only pad the table.
    private static ActionWriter writer(
            PublicConfig config, Tokenizer tokenizer, int dims, Choice choice) {
        long rows =
                config.object("text_config")
                        .map(text -> text.integer("vocab_size", 32_000))
                        .orElse(32_000);
        long size = rows - config.integer("pad_to_multiple_of", PADDING);
        var tokens =
                ActionTokenizer.of(
                        ActionTokenizer.Mode.LAST_IDS,
                        ActionVocabulary.of(tokenizer, size),
                        config.integer("n_action_bins", BINS));
        return new ActionWriter(
                tokens,
                dims,
                choice.unconstrained
                        ? ActionWriter.Manner.PUBLISHED
                        : ActionWriter.Manner.CONSTRAINED);
    }

    /// What `preprocessor_config.json` says about colours, or what the towers are known for.
    private static Retina retina(Path folder, PublicConfig config) {
        var file = folder.resolve("preprocessor_config.json");
        if (Files.isRegularFile(file)) {
            var read = PublicConfig.read(file).node();
            var means = read.path("means").valueStream().map(OpenVlaPublished::three).toList();
            var stds = read.path("stds").valueStream().map(OpenVlaPublished::three).toList();
            if (!means.isEmpty() && means.size() == stds.size()) {
                var normals = new ArrayList<Retina.Normal>();
                for (int i = 0; i < means.size(); i++) {
                    normals.add(new Retina.Normal(means.get(i), stds.get(i)));
                }
                return new Retina(normals);
            }
        }
        var backbone = config.text("vision_backbone_id", "dinosiglip-vit-so-224px");
        if (backbone.startsWith("dinosiglip")) {
            return new Retina(List.of(Retina.Normal.DINO, Retina.Normal.SIGLIP));
        }
        return new Retina(
                List.of(backbone.startsWith("siglip") ? Retina.Normal.SIGLIP : Retina.Normal.DINO));
    }

    private static List<Double> three(JsonNode list) {
        return list.valueStream().map(JsonNode::asDouble).toList();
    }

    /// Whose statistics give the robot's units.
    public String unnormKey() {
        return unnormKey;
    }

    /// What a model predicts.
    ///
    /// @param action in the robot's units
    /// @param normalised from -1 to 1
    /// @param outside the probability that the model gave to tokens that are no action
    public record Prediction(double[] action, double[] normalised, double outside) {}

    /// The next action.
    ///
    /// @throws IllegalArgumentException if the instruction is empty or has more than 64 words, or
    ///   the action lies far outside the statistics
    public Prediction predict(Image image, String instruction) {
        var prompt =
                choice.prompt.orElseGet(() ->
                        OpenVlaPrompt.named(String.valueOf(folder.toAbsolutePath().getFileName())));
        var ids = prompt.ids(tokenizer, instruction, folder);
        int side = model.towers().getFirst().config().input().images().getFirst();
        var looked = choice.centreCrop ? Crop.centre(image, side) : image;
        var fitting = Resample.BICUBIC.resize(looked, side, side);
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var pixels = retina.see(fitting.rgb(), 1, side).to(type());
            var embedded =
                    model.embed(model.project(model.look(pixels)), Tensor.of(ids, 1, ids.length));
            var valid = Tensor.ones(DType.I64, 1, embedded.size(1));
            var written = writer.write(model.language(), embedded, valid);
            var normalised = written.actions()[0];
            var action = bounds.restore(normalised);
            bounds.far(action)
                    .ifPresent(what -> {
                        throw new IllegalArgumentException(
                                "openvla, statistics '%s': %s".formatted(unnormKey, what));
                    });
            return new Prediction(action, normalised, written.outside()[0]);
        }
    }

    @Override
    public Optional<String> kernels() {
        return Optional.of(Kernels.of(model.language()).line());
    }

    private DType type() {
        return model.parameters().getFirst().dtype();
    }

    /// The next action for the observation's one camera.
    @Override
    public float[][] chunk(Observation observation, Held held) {
        var images = observation.images();
        if (images.size() != 1) {
            throw new IllegalArgumentException(
                    "openvla looks through one camera, the observation has %s; leave the others out"
                            .formatted(images.keySet()));
        }
        var action = predict(images.firstEntry().getValue(), observation.text()).action();
        var values = new float[action.length];
        for (int d = 0; d < values.length; d++) values[d] = (float) action[d];
        return new float[][] {values};
    }

    /// What a folder holds, as far as can be said without running it; empty if it is no OpenVLA.
    public static Optional<SequencedMap<String, String>> describe(Path folder) {
        var file = folder.resolve(CONFIG);
        if (!Files.isRegularFile(file)) return Optional.empty();
        var config = PublicConfig.read(file);
        if (!is(config)) return Optional.empty();
        var size = OpenVlaSizes.read(config, folder);
        var about = new LinkedHashMap<String, String>();
        about.put("policy", "openvla");
        for (var tower : size.towers()) {
            about.merge(
                    "towers",
                    "%d channels, %d blocks, %d patches"
                            .formatted(
                                    tower.layers().width(),
                                    tower.layers().depth(),
                                    tower.input().tokens()),
                    "%s; %s"::formatted);
        }
        about.put(
                "language",
                "%d channels, %d layers, %d rows"
                        .formatted(
                                size.words().width(),
                                size.words().depth(),
                                size.words().vocabulary()));
        about.put("bins", Integer.toString(config.integer("n_action_bins", BINS)));
        about.put("statistics", named(folder, config));
        about.put("tokenizer", Tokenizer.isIn(folder) ? "there" : "missing");
        return Optional.of(about);
    }

    private static String named(Path folder, PublicConfig config) {
        try {
            return "of " + String.join(", ", statistics(folder, config).names());
        } catch (CheckpointException _) {
            return "missing";
        }
    }

    @Override
    public void close() {
        rounded.ifPresent(Int8Weights::close);
        model.close();
        tokenizer.close();
    }
}
