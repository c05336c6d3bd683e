package dev.orrery.system.openvla;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.data.text.Tokenizer;
import dev.orrery.env.Image;
import dev.orrery.env.Nearest;
import dev.orrery.env.Observation;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.nn.Int8Weights;
import dev.orrery.nn.Kernels;
import dev.orrery.policy.ActionBounds;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// A published OpenVLA, or a fine-tuned one, as a policy: a folder with `config.json`,
/// `model.safetensors` or its shards, and the tokenizer; fine-tuned models add
/// `dataset_statistics.json`, whose statistics then count.
///
/// Weights are mapped and keep their type; those of the language model, which bound how quickly
/// tokens are written, may be kept as whole numbers of 8 bits instead ([Weights#INT8]).
public final class OpenVlaPublished implements ChunkPolicy, AutoCloseable {

    private final OpenVlaNetwork network;
    private final ActionWriter writer;
    private final Units units;
    private final boolean centreCrop;
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

        /// The same, looking at the middle of pictures or not.
        public Choice cropped(boolean middle) {
            return new Choice(unnormKey, middle, unconstrained, prompt, weights);
        }

        /// The same with weights kept in another way.
        public Choice with(Weights other) {
            return new Choice(unnormKey, centreCrop, unconstrained, prompt, other);
        }
    }

    private OpenVlaPublished(OpenVlaNetwork network, Units units, Choice choice) {
        this.network = network;
        this.units = units;
        centreCrop = choice.centreCrop;
        writer =
                new ActionWriter(
                        network.tokens(),
                        units.bounds().dims(),
                        choice.unconstrained ? Optional.empty() : Optional.of(Pick.LIKELIEST));
        rounded = rounded(network, choice.weights);
    }

    private static Optional<Int8Weights> rounded(OpenVlaNetwork network, Weights weights) {
        try {
            return weights == Weights.INT8
                    ? Optional.of(Int8Weights.of(network.model().language()))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            network.close();
            throw e;
        }
    }

    /// Opens a folder.
    ///
    /// @throws CheckpointException naming what is missing or does not fit
    /// @throws IllegalArgumentException if statistics must be chosen, or the chosen ones are not
    ///   there; the message lists those that are; or if no weight can be rounded that should be
    public static OpenVlaPublished open(Path folder, Choice choice) {
        OpenVlaNetwork.checked(folder);
        var units = units(folder, choice);
        return of(OpenVlaNetwork.open(folder, choice.prompt), units, choice);
    }

    /// A network as a policy, which closes it.
    static OpenVlaPublished of(OpenVlaNetwork network, Units units, Choice choice) {
        return new OpenVlaPublished(network, units, choice);
    }

    /// Whether a folder's `config.json` is of this family.
    public static boolean is(Path folder) {
        return OpenVlaNetwork.isIn(folder);
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
        var statistics = statistics(folder, OpenVlaNetwork.config(folder));
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

    /// Whose statistics give the robot's units.
    public String unnormKey() {
        return units.unnormKey();
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
        var looked = centreCrop ? Crop.centre(image, network.side()) : image;
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var embedded = network.embed(network.unit(List.of(looked)), List.of(instruction));
            var written =
                    writer.write(network.model().language(), embedded.tokens(), embedded.valid());
            var normalised = written.actions()[0];
            var bounds = units.bounds();
            var action = bounds.restore(normalised);
            bounds.far(action)
                    .ifPresent(what -> {
                        throw new IllegalArgumentException(
                                "openvla, statistics '%s': %s".formatted(unnormKey(), what));
                    });
            return new Prediction(action, normalised, written.outside()[0]);
        }
    }

    @Override
    public Optional<String> kernels() {
        return Optional.of(Kernels.of(network.model().language()).line());
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
        if (!is(folder)) return Optional.empty();
        var config = OpenVlaNetwork.config(folder);
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
        about.put("bins", Integer.toString(OpenVlaNetwork.bins(config)));
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
        network.close();
    }
}
