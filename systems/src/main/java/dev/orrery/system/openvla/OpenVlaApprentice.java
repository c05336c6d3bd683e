package dev.orrery.system.openvla;

import dev.orrery.adapter.Adapter;
import dev.orrery.env.Image;
import dev.orrery.lm.Trace;
import dev.orrery.nn.Module;
import dev.orrery.policy.ActionBounds;
import dev.orrery.policy.Statistics;
import dev.orrery.policy.finetune.Apprentice;
import dev.orrery.policy.finetune.FinetuneConfig;
import dev.orrery.policy.finetune.FinetuneConfig.Adapted;
import dev.orrery.policy.finetune.LeRobotFrames;
import dev.orrery.policy.finetune.LeRobotFrames.Sample;
import dev.orrery.policy.finetune.Preflight;
import dev.orrery.policy.finetune.TrainingMemory;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vision.Augmentation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeSet;

/// A published OpenVLA that learns from another robot's data: the tokens of the next action, and
/// the one that ends it, after one picture and an instruction.
///
/// Source: openvla/openvla, `vla-scripts/finetune.py`. Deviations: the rate is warmed up and falls
/// to a tenth; tints change no hue, and brightness by a factor.
final class OpenVlaApprentice implements Apprentice {

    /// The one camera.
    static final String IMAGE = "image";

    private static final int RANK = 32, ALPHA = 16, STEPS = 2000, BATCH = 16, SAVE_EVERY = 100;
    private static final double RATE = 5e-4;
    private static final Augmentation TINT = new Augmentation(1, 0, .2, .2, .2);

    private final FinetuneConfig config;
    private final OpenVlaNetwork network;
    private final LeRobotFrames frames;
    private final ActionBounds bounds;
    private final List<String> warnings = new ArrayList<>();
    private final int longest;

    private OpenVlaApprentice(FinetuneConfig config) {
        this.config = config;
        var folder = Path.of(config.checkpoint());
        require(config);
        network = OpenVlaNetwork.open(folder);
        frames = LeRobotFrames.open(config, List.of(IMAGE), 1, network::close);
        try {
            bounds = bounds(folder);
            longest = longestPrompt();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /// Opens checkpoint and data and checks that they fit each other.
    static OpenVlaApprentice open(FinetuneConfig config) {
        return new OpenVlaApprentice(config);
    }

    /// What is usual: rank 32 on all linear layers, batches of 16 at 5e-4, as published; 2,000
    /// steps.
    static FinetuneConfig usual(Path checkpoint, Path data) {
        return FinetuneConfig.usual(
                checkpoint,
                data,
                new Adapted(FinetuneConfig.Method.LORA, RANK, ALPHA, Adapted.ALL_LINEAR, List.of()),
                new FinetuneConfig.Training(STEPS, BATCH, 1, RATE, SAVE_EVERY));
    }

    private static void require(FinetuneConfig config) {
        if (!config.relative().isEmpty()) {
            throw new IllegalArgumentException(
                    "openvla learns actions as the data has them; leave --relative out");
        }
        if (config.training().draws() != 1) {
            throw new IllegalArgumentException(
                    "openvla writes tokens and draws no noise; leave --draws out");
        }
    }

    private ActionBounds bounds(Path folder) {
        var rows = frames.actionRows();
        return switch (config.statistics()) {
            case DATA -> ofData(rows);
            case CHECKPOINT -> {
                var own = OpenVlaPublished.units(folder, OpenVlaPublished.Choice.NONE).bounds();
                Preflight.same("action", own.dims(), frames.actionDims());
                far(rows, own).ifPresent(warnings::add);
                yield own;
            }
        };
    }

    /// The last dimension stays as it is if it lies between -1 and 1, as a gripper's does.
    private ActionBounds ofData(List<float[]> rows) {
        int dims = frames.actionDims();
        var mask = new boolean[dims];
        Arrays.fill(mask, true);
        mask[dims - 1] = rows.stream().anyMatch(row -> Math.abs(row[dims - 1]) > 1);
        var found = ActionBounds.of(rows, mask);
        var constants = config.constants();
        var constant = constants.of("action", dims);
        for (int d = 0; d < dims; d++) {
            if (found.least()[d] == found.greatest()[d]) constant.add(d);
        }
        var harmless = new TreeSet<>(constant);
        if (!mask[dims - 1]) harmless.add(dims - 1);
        constants.moving(Statistics.of(rows), "action", harmless);
        return found.holding(constant);
    }

    private static Optional<String> far(List<float[]> rows, ActionBounds bounds) {
        for (var row : rows) {
            var wide = new double[row.length];
            for (int d = 0; d < wide.length; d++) wide[d] = row[d];
            var found = bounds.far(wide);
            if (found.isPresent()) return found;
        }
        return Optional.empty();
    }

    /// Every task must have words.
    private int longestPrompt() {
        var lengths = new ArrayList<Integer>();
        frames.tell(task -> lengths.add(network.ids(task).length));
        return lengths.stream().mapToInt(l -> l).max().orElse(0);
    }

    @Override
    public Module model() {
        return network.model();
    }

    @Override
    public LeRobotFrames frames() {
        return frames;
    }

    @Override
    public List<String> whole() {
        return List.of();
    }

    @Override
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    @Override
    public SequencedMap<String, String> lines() {
        var lines = new LinkedHashMap<String, String>();
        lines.put("state", "not told");
        lines.put(
                "action",
                "%d dimensions, one action at a time, in %d bins%s"
                        .formatted(
                                bounds.dims(),
                                network.tokens().bins(),
                                bounds.mask()[bounds.dims() - 1] ? "" : ", the last not scaled"));
        lines.put(
                "pictures",
                config.training().augmented()
                        ? "any 90 % of them, tinted at random; act with --centre-crop"
                        : "as they are");
        lines.put(
                "statistics",
                switch (config.statistics()) {
                    case DATA -> "of the data, 1 to 99 %";
                    case CHECKPOINT -> "of the checkpoint, 1 to 99 %";
                });
        return lines;
    }

    @Override
    public long bytes(long trained) {
        var model = network.model();
        var size = model.size();
        long weights =
                model.parameters().stream().mapToLong(p -> p.numel() * p.dtype().bytes()).sum();
        long kept = 0;
        for (var tower : size.towers()) {
            var layers = tower.layers();
            long patches = tower.input().tokens();
            kept +=
                    TrainingMemory.kept(
                            layers.depth(),
                            layers.width(),
                            layers.mlp(),
                            layers.heads(),
                            patches,
                            patches);
        }
        var words = size.words();
        long tokens = size.towers().getFirst().input().tokens() + longest + bounds.dims();
        kept +=
                TrainingMemory.kept(
                        words.depth(),
                        words.width(),
                        words.mlp(),
                        words.heads().count(),
                        tokens,
                        tokens);
        return TrainingMemory.bytes(weights, trained, config.training().batch() * kept);
    }

    @Override
    public double gradients(Seed seed) {
        var samples = frames.draw(config.training().batch(), seed.split("frames"));
        try (var _ = TensorScope.open()) {
            var loss = loss(samples, seed.split("augment"));
            loss.backward();
            return loss.item();
        }
    }

    private Tensor loss(List<Sample> samples, Seed seed) {
        int dims = bounds.dims();
        var ids = new long[samples.size() * dims];
        for (int b = 0; b < samples.size(); b++) {
            var action = bounds.normalise(samples.get(b).window().actions()[0]);
            System.arraycopy(network.tokens().encode(action), 0, ids, b * dims, dims);
        }
        var told = Tensor.of(ids, samples.size(), dims);
        var instructions = samples.stream().map(sample -> sample.seen().text()).toList();
        var prompt = network.embed(colours(samples, seed), instructions);
        var lm = network.model().language();
        var hidden = prompt.read(lm, lm.model().embed(told), 0, false, Trace.silent());
        return new ActionLoss(lm, network.tokens(), network.end()).of(hidden, told, 0).loss();
    }

    private Tensor colours(List<Sample> samples, Seed seed) {
        var pictures =
                samples.stream().map(s -> s.seen().images().firstEntry().getValue()).toList();
        if (!config.training().augmented()) return network.unit(pictures);
        int side = network.side();
        var parts = new ArrayList<Image>();
        for (int b = 0; b < pictures.size(); b++) {
            var where = seed.split("crop").split(b).uniforms(2);
            parts.add(Crop.of(pictures.get(b), side, where[0], where[1]));
        }
        var signed = network.unit(parts).mul(2.0).sub(1.0);
        return TINT.apply(signed, seed.split("tint")).add(1.0).mul(.5);
    }

    @Override
    public void keep(Path folder, Adapter adapter) {
        OpenVlaAdapterFolder.write(folder, adapter, config, bounds);
    }

    @Override
    public void save(Path folder) {
        OpenVlaAdapterFolder.writeMerged(folder, network, bounds, Path.of(config.data()));
    }

    /// The policy as it is now, which does not own the network.
    OpenVlaPublished policy() {
        var units = OpenVlaAdapterFolder.units(Path.of(config.data()), bounds);
        var choice = OpenVlaPublished.Choice.NONE.cropped(config.training().augmented());
        return OpenVlaPublished.of(network, units, choice);
    }

    @Override
    public void close() {
        frames.close();
        network.close();
    }
}
