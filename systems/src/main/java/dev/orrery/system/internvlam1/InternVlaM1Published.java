package dev.orrery.system.internvlam1;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.data.chat.ChatTemplate;
import dev.orrery.data.text.Tokenizer;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicYaml;
import dev.orrery.nn.Dropout;
import dev.orrery.policy.ActionBounds;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.system.internvlam1.QueryTransformer.Manner;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vision.Resample;
import dev.orrery.vlm.qwen.QwenPictures;
import dev.orrery.vlm.qwen.QwenVision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// A published InternVLA-M1 as a policy: a folder with `config.yaml`, `dataset_statistics.json` and
/// `model.safetensors` (or `checkpoints/model.safetensors`), and the folder of the Qwen2.5-VL that
/// it was trained from, with `config.json`, tokenizer and chat template.
///
/// Weights are mapped and keep their type. Pickles are refused.
public final class InternVlaM1Published implements ChunkPolicy, AutoCloseable {

    private static final int VIEWS = 2, SIDE = 224;
    private static final double[] MEAN = {.485, .456, .406}, DEVIATION = {.229, .224, .225};
    private static final double HALF = .5;

    private final PublishedNetwork model;
    private final ActionBounds bounds;
    private final Preparation preparation;
    private final String unnormKey;
    private final Choice choice;
    private final Consumer<String> warn;
    private Seed seed;
    private long asked;

    /// What a folder leaves open.
    ///
    /// @param unnormKey whose statistics give the robot's units; needed where there are several
    /// @param base the folder of the Qwen2.5-VL; empty for `framework.qwenvl.base_vlm` of the
    ///   configuration, or else the policy's own folder
    /// @param compat whether padding is seen as in the released code, in which published weights
    ///   were trained
    /// @param steps DDIM's steps
    /// @param guidance weight of the condition, 1 for none
    public record Choice(
            Optional<String> unnormKey,
            Optional<Path> base,
            boolean compat,
            int steps,
            double guidance) {

        /// Ten steps, guidance 1.5, as released.
        public static final Choice USUAL =
                new Choice(Optional.empty(), Optional.empty(), true, 10, 1.5);

        /// With the statistics of one data set.
        public Choice unnormalised(String key) {
            return new Choice(Optional.of(key), base, compat, steps, guidance);
        }

        /// With a folder of Qwen2.5-VL.
        public Choice on(Path folder) {
            return new Choice(unnormKey, Optional.of(folder), compat, steps, guidance);
        }
    }

    /// How pictures and words are made ready.
    ///
    /// @param prompt what is asked
    /// @param side pixels of a view's side
    private record Preparation(
            SpatialPrompt prompt,
            int side,
            QwenPictures pictures,
            Tokenizer tokenizer,
            ChatTemplate template,
            long mark) {}

    private InternVlaM1Published(
            PublishedNetwork model,
            Preparation preparation,
            InternVlaM1Folder.Units units,
            Choice choice,
            Consumer<String> warn) {
        this.model = model;
        this.preparation = preparation;
        unnormKey = units.unnormKey();
        bounds = units.bounds();
        this.choice = choice;
        this.warn = warn;
        seed = Seed.of(0);
    }

    /// Opens a folder.
    ///
    /// @param warn is told what is odd, once each
    /// @throws CheckpointException naming what is missing or does not fit
    /// @throws IllegalArgumentException if statistics must be chosen, or the chosen ones are not
    ///   there; the message lists those that are
    public static InternVlaM1Published open(Path folder, Choice choice, Consumer<String> warn) {
        var qwen =
                PublicConfig.read(
                        new InternVlaM1Folder(folder).base(choice.base()).resolve("config.json"));
        return open(folder, PublishedSizes.read(folder, qwen.integer("hidden_size")), choice, warn);
    }

    /// As [#open(Path, Choice, Consumer)], of sizes that no `config.yaml` names.
    static InternVlaM1Published open(
            Path folder, PublishedSizes sizes, Choice choice, Consumer<String> warn) {
        var known = new InternVlaM1Folder(folder);
        var base = known.base(choice.base());
        var qwen = PublicConfig.read(base.resolve("config.json"));
        var units = known.units(choice.unnormKey());
        if (units.bounds().dims() != sizes.expert().actionDims()) {
            throw new CheckpointException(
                    folder.resolve(RobotStatistics.FILE),
                    units.unnormKey(),
                    "has %d action dimensions, the model %d"
                            .formatted(units.bounds().dims(), sizes.expert().actionDims()),
                    "copy the file that was saved with the weights");
        }
        var preparation = preparation(folder, base, qwen);
        var weights = InternVlaM1Weights.in(folder);
        var ignored = InternVlaM1Weights.ignored(weights, qwen);
        if (!ignored.isEmpty()) {
            warn.accept(
                    "internvla-m1: %d tensors are not used: %s".formatted(ignored.size(), ignored));
        }
        var model = InternVlaM1Weights.of(sizes, qwen).open(weights);
        return new InternVlaM1Published(model, preparation, units, choice, once(warn));
    }

    private static Consumer<String> once(Consumer<String> warn) {
        Set<String> said = ConcurrentHashMap.newKeySet();
        return what -> {
            if (said.add(what)) warn.accept(what);
        };
    }

    private static Preparation preparation(Path folder, Path base, PublicConfig qwen) {
        var data =
                PublicYaml.read(folder.resolve(PublishedSizes.FILE))
                        .object("datasets")
                        .flatMap(d -> d.object("vla_data"));
        var prompt =
                data.map(d -> d.text("CoT_prompt", ""))
                        .filter(p -> !p.isBlank())
                        .map(SpatialPrompt::new)
                        .orElse(SpatialPrompt.NONE);
        var sides = data.map(d -> d.numbers("image_size")).orElse(List.of());
        int side = sides.isEmpty() ? SIDE : sides.getFirst().intValue();
        var patch =
                QwenVision.Size.read(
                                qwen.object("vision_config")
                                        .orElseThrow(
                                                () -> qwen.wrong("vision_config", "is missing")))
                        .patch();
        return new Preparation(
                prompt,
                side,
                pictures(base, patch),
                Tokenizer.open(base),
                ChatTemplate.open(base),
                qwen.integer("image_token_id"));
    }

    private static QwenPictures pictures(Path base, QwenVision.Patch patch) {
        var usual = QwenPictures.published(patch);
        var file = base.resolve("preprocessor_config.json");
        if (!Files.isRegularFile(file)) return usual;
        var read = PublicConfig.read(file);
        return new QwenPictures(
                patch,
                (long) read.number("min_pixels", usual.fewest()),
                (long) read.number("max_pixels", usual.most()));
    }

    /// The actions K of a chunk.
    public int horizon() {
        return model.sizes().expert().chunk();
    }

    /// Whose statistics give the robot's units.
    public String unnormKey() {
        return unnormKey;
    }

    /// What a measurement must say about how it was taken, for others to get the same.
    ///
    /// @param execute actions executed of each chunk
    public SequencedMap<String, String> header(int execute) {
        var header = new LinkedHashMap<String, String>();
        header.put("statistics", unnormKey);
        header.put("resize", "bicubic, antialiased, to %d".formatted(preparation.side()));
        header.put("executed", "%d of %d".formatted(execute, model.sizes().expert().chunk()));
        header.put("sampling", "DDIM %d, guidance %s".formatted(choice.steps(), choice.guidance()));
        header.put("padding", choice.compat() ? "seen, as released" : "masked");
        return header;
    }

    /// What a model predicts.
    ///
    /// @param actions K rows in the robot's units
    /// @param normalised the same from -1 to 1
    public record Prediction(double[][] actions, double[][] normalised) {}

    /// The next actions.
    ///
    /// @param views one picture or two, in the order of training
    /// @param noise where they are drawn from; equal seeds give equal actions
    /// @throws IllegalArgumentException if there is another number of views, or the instruction is
    ///   empty
    public Prediction predict(List<Image> views, String instruction, Seed noise) {
        if (views.isEmpty() || views.size() > VIEWS) {
            throw new IllegalArgumentException(
                    "internvla-m1 looks through 1 or %d cameras, got %d pictures; leave the others out"
                            .formatted(VIEWS, views.size()));
        }
        var fitting = views.stream().map(this::fit).toList();
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var z =
                    model.condition(
                                    seen(fitting, instruction),
                                    Manner.of(choice.compat(), 1),
                                    Dropout.NONE)
                            .to(DType.F32);
            var size = model.sizes().expert();
            var start = noise.normal(1, size.chunk(), size.actionDims());
            var head = ActionHead.PAPER;
            var type = model.expert().nothing().dtype();
            var trace =
                    head.trace(
                            model.expert(),
                            z.to(type),
                            start.to(type),
                            choice.steps(),
                            choice.guidance());
            return restore(trace.getLast().to(DType.F32).toFloats(), size.actionDims());
        }
    }

    private PublishedNetwork.Seen seen(List<Image> views, String instruction) {
        var patches = preparation.pictures().prepare(views);
        int merge = preparation.pictures().patch().merge();
        var tokens = patches.grids().stream().map(grid -> grid.tokens(merge)).toList();
        var ids =
                preparation
                        .prompt()
                        .ids(
                                instruction,
                                preparation.template(),
                                preparation.tokenizer(),
                                preparation.mark(),
                                tokens);
        var type = model.parameters().getFirst().dtype();
        return new PublishedNetwork.Seen(
                Tensor.of(ids, 1, ids.length),
                Tensor.ones(DType.I64, 1, ids.length),
                patches.patches().to(type),
                patches.grids(),
                Tensor.cat(views.stream().map(InternVlaM1Published::normal).toList(), 0).to(type));
    }

    private Image fit(Image view) {
        if (view.height() != view.width()) {
            warn.accept(
                    "internvla-m1: a picture of %d x %d is squeezed into a square; crop it as in training"
                            .formatted(view.height(), view.width()));
        }
        return Resample.BICUBIC.resize(view, preparation.side(), preparation.side());
    }

    /// `(1, 3, H, W)` with ImageNet's mean and deviation.
    private static Tensor normal(Image view) {
        var planes =
                Tensor.of(view.rgb(), 1, view.height(), view.width(), 3)
                        .permute(0, 3, 1, 2)
                        .to(DType.F32)
                        .mul(1 / 255.0);
        return planes.sub(Tensor.of(MEAN, 1, 3, 1, 1).to(DType.F32))
                .div(Tensor.of(DEVIATION, 1, 3, 1, 1).to(DType.F32));
    }

    /// Clipped, dimensions that are not scaled (a gripper) set to 0 or 1, as the released code
    /// does.
    private Prediction restore(float[] values, int dims) {
        var normal = new double[values.length / dims][dims];
        var actions = new double[normal.length][];
        var mask = bounds.mask();
        for (int k = 0; k < normal.length; k++) {
            for (int d = 0; d < dims; d++) {
                double value = Math.clamp(values[k * dims + d], -1d, 1d);
                normal[k][d] = mask[d] ? value : value < HALF ? 0 : 1;
            }
            actions[k] = bounds.restore(normal[k]);
        }
        return new Prediction(actions, normal);
    }

    @Override
    public void reset(long number) {
        seed = Seed.of(number);
        asked = 0;
    }

    @Override
    public float[][] chunk(Observation observation, Held held) {
        if (observation.state().length > 0) {
            warn.accept(
                    "internvla-m1: the state of %d values is not used; this model sees pictures and words only"
                            .formatted(observation.state().length));
        }
        var views = List.copyOf(observation.images().values());
        var predicted = predict(views, observation.text(), seed.split(asked++)).actions();
        var chunk = new float[predicted.length][bounds.dims()];
        for (int k = 0; k < chunk.length; k++) {
            for (int d = 0; d < bounds.dims(); d++) chunk[k][d] = (float) predicted[k][d];
        }
        return chunk;
    }

    @Override
    public void close() {
        model.close();
        preparation.tokenizer().close();
    }
}
