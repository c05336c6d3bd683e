package dev.orrery.system.pi0;

import dev.orrery.adapter.Adapter;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.data.text.PaddedTokens;
import dev.orrery.nn.Module;
import dev.orrery.policy.DeltaActions;
import dev.orrery.policy.Normalizer;
import dev.orrery.policy.Norms;
import dev.orrery.policy.finetune.Apprentice;
import dev.orrery.policy.finetune.FinetuneConfig;
import dev.orrery.policy.finetune.FinetuneConfig.Adapted;
import dev.orrery.policy.finetune.LeRobotFrames;
import dev.orrery.policy.finetune.LeRobotFrames.Sample;
import dev.orrery.policy.finetune.TrainingMemory;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;

/// A published π0-FAST that learns from another robot's data: the tokens of the next chunk, and
/// those that end it. FAST's tokenizer stays as it is.
///
/// The loss is LeRobot's: actions past an episode's end are told too, as its last one repeated.
final class Pi0FastApprentice implements Apprentice {

    /// Queries and values of the language model, which PEFT adapts of a Gemma; LeRobot has no
    /// choice of its own for π0-FAST.
    static final String ATTENTION = ".*\\.language_model\\..*\\.(q|v)_proj";

    private static final int RANK = 16, STEPS = 2000, BATCH = 8, SAVE_EVERY = 100;
    private static final double RATE = 2.5e-4;

    /// What a token's logits take: themselves, their softmax and its gradient.
    private static final int LOGITS = 3;

    private static final int LOOKED_AT = 2000;
    private static final double FEW = .01;

    private final FinetuneConfig config;
    private final LeRobotFrames frames;
    private final Pi0Units units;
    private final Norms norms;
    private final Optional<DeltaActions> relative;
    private final Pi0FastPolicy policy;
    private final Pi0FastTree tree;
    private final List<String> warnings = new ArrayList<>();
    private final int room, longest;

    private Pi0FastApprentice(FinetuneConfig config) {
        this.config = config;
        if (config.training().draws() != 1) {
            throw new IllegalArgumentException(
                    "pi0_fast writes tokens and draws no noise; leave --draws out");
        }
        var folder = Path.of(config.checkpoint());
        var json = Pi0FastPolicy.config(folder);
        var inputs = Pi0Published.cameras(folder);
        int horizon = Pi0FastPolicy.horizon(json);
        var network = Pi0Fast.open(folder, json);
        frames = LeRobotFrames.open(config, inputs, horizon, network.model()::close);
        try {
            units = new Pi0Units(config, frames, warnings);
            relative =
                    units.relative(() -> Pi0Published.relative(folder, json, frames.actionDims()));
            norms =
                    units.norms(
                            relative,
                            (states, actions) ->
                                    new Norms(
                                            states,
                                            rule(folder, json, "STATE"),
                                            actions,
                                            rule(folder, json, "ACTION"),
                                            Normalizer.LEROBOT_EPSILON),
                            () -> Pi0FastPolicy.norms(folder, Pi0Published.Choice.NONE));
            policy = Pi0FastPolicy.of(folder, network, frames.cameras(), norms, relative);
        } catch (RuntimeException e) {
            frames.close();
            network.model().close();
            throw e;
        }
        try {
            tree = new Pi0FastTree(network.model());
            checkPrompts();
            room = Pi0FastPolicy.room(json);
            longest = longestAnswer();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /// Opens checkpoint and data and checks that they fit each other.
    static Pi0FastApprentice open(FinetuneConfig config) {
        return new Pi0FastApprentice(config);
    }

    /// What is usual: rank 16 on the language model's queries and values, 2,000 steps of 8 at
    /// 2.5e-4.
    static FinetuneConfig usual(Path checkpoint, Path data) {
        return FinetuneConfig.usual(
                checkpoint,
                data,
                new Adapted(FinetuneConfig.Method.LORA, RANK, RANK, ATTENTION, List.of()),
                new FinetuneConfig.Training(STEPS, BATCH, 1, RATE, SAVE_EVERY));
    }

    /// How a kind of feature is normalised by the data's statistics: as the network learned it.
    private static Norms.Rule rule(Path folder, JsonNode json, String kind) {
        var mode =
                json.path("normalization_mapping").path(kind).asString(Norms.Rule.QUANTILES.name());
        for (var rule : Norms.Rule.values()) {
            if (rule.name().equals(mode)) return rule;
        }
        throw new CheckpointException(
                folder.resolve("config.json"),
                "normalization_mapping." + kind,
                "is %s".formatted(mode),
                "the data's statistics know %s; use --statistics checkpoint"
                        .formatted(List.of(Norms.Rule.values())));
    }

    private void checkPrompts() {
        var wording = policy.reader().wording();
        units.requireWords(wording);
        for (var task : frames.tasks()) {
            var told = wording.tokens(task, new float[frames.stateDims()]);
            if (told.cut() > 0) {
                warnings.add(
                        "task '%s' with %d state values has %d tokens more than the network reads (tokenizer_max_length %d), which are cut"
                                .formatted(
                                        task, frames.stateDims(), told.cut(), told.ids().length));
            }
        }
    }

    /// Tokens of the longest answer. Where more than a few are longer than what the network writes,
    /// it cannot learn the data.
    private int longestAnswer() {
        var some = frames.withoutPictures(LOOKED_AT);
        int most = 0, cut = 0;
        for (var sample : some) {
            var answer = answer(sample);
            most = Math.max(most, answer.real().length + answer.cut());
            if (answer.cut() > 0) cut++;
        }
        if (cut > 0) {
            var said =
                    "%d of %d chunks of %d actions take more than the %d tokens that the network writes, up to %d"
                            .formatted(cut, some.size(), policy.horizon(), room, most);
            if (cut > FEW * some.size()) {
                throw new IllegalArgumentException(
                        said
                                + "; raise max_action_tokens and max_decoding_steps in the checkpoint's config.json, or use data with fewer frames a second");
            }
            warnings.add(said + "; these are cut");
        }
        return Math.min(most, room);
    }

    private PaddedTokens answer(Sample sample) {
        var chunk = policy.told(sample.window().actions(), sample.seen().state());
        return policy.text().answer(chunk, room);
    }

    @Override
    public Module model() {
        return tree;
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
        lines.put("state", "%d dimensions, told in words".formatted(frames.stateDims()));
        lines.put(
                "action",
                "%d dimensions, chunks of %d (%.1f s) in up to %d tokens of %d"
                        .formatted(
                                frames.actionDims(),
                                policy.horizon(),
                                (double) policy.horizon() / frames.fps(),
                                longest,
                                room));
        lines.put("pictures", pictures().line());
        lines.put("statistics", units.line(norms));
        return lines;
    }

    private PictureChanges pictures() {
        return new PictureChanges(frames.cameras(), config.training().augmented());
    }

    @Override
    public long bytes(long trained) {
        var model = policy.network().model();
        var words = model.language().model().config();
        var tower = model.tower();
        int cameras = frames.cameras().inputs().size();
        var prompt = policy.reader().wording().tokens("-", new float[frames.stateDims()]);
        long tokens = (long) cameras * tower.tokens() + prompt.ids().length + longest;
        long kept =
                TrainingMemory.kept(
                                words.depth(),
                                words.width(),
                                words.mlp(),
                                words.heads().count(),
                                tokens,
                                tokens)
                        + (long) LOGITS * longest * words.vocabulary();
        if (learnsToSee()) {
            var layers = tower.layers();
            kept +=
                    TrainingMemory.kept(
                            layers.depth(),
                            layers.width(),
                            layers.mlp(),
                            layers.heads(),
                            (long) cameras * tower.tokens(),
                            tower.tokens());
        }
        long weights =
                model.parameters().stream().mapToLong(p -> p.numel() * p.dtype().bytes()).sum();
        return TrainingMemory.bytes(weights, trained, config.training().batch() * kept);
    }

    /// Whether layers of the tower are adapted, without which nothing of it is kept.
    private boolean learnsToSee() {
        var targets = config.adapter().targets();
        return targets.equals(Adapted.ALL_LINEAR)
                || tree.namedParameters().keySet().stream()
                        .filter(name -> name.contains(".vision_tower."))
                        .anyMatch(name -> name.replaceFirst("\\.weight$", "").matches(targets));
    }

    @Override
    public double gradients(Seed seed) {
        var samples = frames.draw(config.training().batch(), seed.split("frames"));
        var answers = samples.stream().map(this::answer).toList();
        int length = answers.stream().mapToInt(a -> a.real().length).max().orElseThrow();
        var ids = new long[samples.size() * room];
        var there = new boolean[ids.length];
        for (int b = 0; b < samples.size(); b++) Pi0Data.put(answers.get(b), ids, there, b);
        try (var _ = TensorScope.open()) {
            var seen = samples.stream().map(Sample::seen).toList();
            var prompt = pictures().apply(policy.reader().read(seen), seed.split("augment"));
            var told = Tensor.of(ids, samples.size(), room).narrow(1, 0, length);
            var real = Tensor.of(there, samples.size(), room).narrow(1, 0, length);
            var loss = Pi0Fast.mean(policy.network().losses(prompt, told, real), real);
            loss.backward();
            return loss.item();
        }
    }

    @Override
    public void keep(Path folder, Adapter adapter) {
        Pi0AdapterFolder.write(folder, adapter, config, frames.cameras(), norms);
    }

    @Override
    public void save(Path folder) {
        new Pi0FastMerged(Path.of(config.checkpoint()), frames.cameras(), norms)
                .write(folder, policy.network(), config.relative());
    }

    /// The policy as it is now.
    Pi0FastPolicy policy() {
        return policy;
    }

    @Override
    public void close() {
        frames.close();
        policy.close();
    }
}
