package dev.orrery.system.pi0;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.data.text.Tokenizer;
import dev.orrery.env.Observation;
import dev.orrery.lm.decoder.Greedy;
import dev.orrery.lm.decoder.Sampler;
import dev.orrery.nn.Kernels;
import dev.orrery.policy.CameraMap;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.DeltaActions;
import dev.orrery.policy.FastTokens;
import dev.orrery.policy.NormFiles;
import dev.orrery.policy.Normalizer;
import dev.orrery.policy.Norms;
import dev.orrery.policy.PaligemmaPrompt;
import dev.orrery.system.pi0.Pi0Published.Choice;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// A published π0-FAST that acts: LeRobot's folder of type `pi0_fast`, with PaliGemma's tokenizer
/// and FAST's beside. Tokens are the likeliest, or drawn at the temperature that `config.json` has.
///
/// Weights are mapped and keep their type; the vision tower is widened to float32.
public final class Pi0FastPolicy implements ChunkPolicy, AutoCloseable {

    /// The type in `config.json`.
    static final String TYPE = "pi0_fast";

    private static final String ACTION_TOKENIZER = "action_tokenizer", FAST = "fast";
    private static final String STEP = "action_tokenizer_processor";
    private static final int SKIPPED = 128, STEPS = 256, PROMPT = 200, HORIZON = 50;

    private final Pi0Fast network;
    private final Pi0FastText text;
    private final PromptReader reader;
    private final Normalizer actions;
    private final Optional<DeltaActions> relative;
    private final int most;
    private final double temperature;
    private Seed seed = Seed.of(0);
    private long asked;

    private Pi0FastPolicy(
            Pi0Fast network,
            Pi0FastText text,
            PromptReader reader,
            Normalizer actions,
            Optional<DeltaActions> relative,
            JsonNode config) {
        this.network = network;
        this.text = text;
        this.reader = reader;
        this.actions = actions;
        this.relative = relative;
        most = steps(config);
        temperature = config.path("temperature").asDouble(0);
    }

    /// Opens a folder.
    ///
    /// @param cameras which camera of the robot feeds which of [Pi0Published#cameras]
    /// @throws CheckpointException naming what is missing or does not fit: weights (all wrong names
    ///   are listed), statistics, tokenizers
    public static Pi0FastPolicy open(Path folder, CameraMap cameras, Choice choice) {
        var network = Pi0Fast.open(folder, config(folder));
        try {
            return of(folder, network, cameras, choice);
        } catch (RuntimeException e) {
            network.model().close();
            throw e;
        }
    }

    /// A network with what else is in its folder.
    static Pi0FastPolicy of(Path folder, Pi0Fast network, CameraMap cameras, Choice choice) {
        var norms = norms(folder, choice);
        int dims = norms.actions().dims(), said = shape(config(folder)).asInt(dims);
        if (said != dims) {
            throw new CheckpointException(
                    folder.resolve("config.json"),
                    "output_features.action",
                    "has %d values, the statistics have %d".formatted(said, dims),
                    "use the statistics that the policy was trained with");
        }
        return of(folder, network, cameras, norms, choice.relative());
    }

    /// A network that acts for a robot.
    ///
    /// @param norms the robot's
    /// @param own which actions are relative; those that the folder says if empty
    static Pi0FastPolicy of(
            Path folder,
            Pi0Fast network,
            CameraMap cameras,
            Norms norms,
            Optional<DeltaActions> own) {
        var config = config(folder);
        int dims = norms.actions().dims();
        var relative = own.or(() -> Pi0Published.relative(folder, config, dims));
        int rows = network.model().language().model().config().vocabulary();
        int side = network.model().side();
        var text = text(folder, config, dims, rows);
        var wording =
                PaligemmaPrompt.fast(
                        text.words(), config.path("tokenizer_max_length").asInt(PROMPT));
        return new Pi0FastPolicy(
                network,
                text,
                new PromptReader(cameras, _ -> side, norms.state(), wording),
                norms.action(),
                relative,
                config);
    }

    /// A folder's `config.json`, which must be of this type.
    static JsonNode config(Path folder) {
        var config = Pi0Published.config(folder);
        if (!is(config)) {
            throw new CheckpointException(
                    folder.resolve("config.json"),
                    "type",
                    "is '%s'".formatted(Pi0Published.type(config)),
                    "name a folder of type " + TYPE);
        }
        double temperature = config.path("temperature").asDouble(0);
        if (!(temperature >= 0)) {
            throw new CheckpointException(
                    folder.resolve("config.json"),
                    "temperature",
                    "is %s".formatted(config.path("temperature")),
                    "set it to 0 for the likeliest tokens, or above");
        }
        return config;
    }

    /// Whether a `config.json` is of this type.
    static boolean is(JsonNode config) {
        return Pi0Published.type(config).equals(TYPE);
    }

    /// A folder's statistics.
    static Norms norms(Path folder, Choice choice) {
        return NormFiles.read(folder, Norms.Rule.QUANTILES, choice.asset());
    }

    private static Pi0FastText text(Path folder, JsonNode config, int dims, int rows) {
        var fast =
                fast(folder)
                        .orElseThrow(() ->
                                new CheckpointException(
                                        folder.resolve(ACTION_TOKENIZER),
                                        "",
                                        "the FAST tokenizer is missing",
                                        "copy processor_config.json and tokenizer.json of %s there"
                                                .formatted(
                                                        config.path("action_tokenizer_name")
                                                                .asString(
                                                                        "lerobot/fast-action-tokenizer"))));
        var words = Tokenizer.open(Pi0Published.needTokenizer(folder));
        if (words.ownSize() > rows) {
            throw new CheckpointException(
                    folder,
                    "tokenizer",
                    "has %d tokens, the network knows %d".formatted(words.ownSize(), rows),
                    "use the tokenizer that it was trained with");
        }
        return new Pi0FastText(
                words,
                FastTokens.open(fast, horizon(config), dims),
                config.path("fast_skip_tokens").asInt(SKIPPED),
                config.path("validate_action_token_prefix").asBoolean(true));
    }

    /// The values of an action.
    private static JsonNode shape(JsonNode config) {
        return config.path("output_features").path("action").path("shape").path(0);
    }

    /// The actions of a chunk.
    static int horizon(JsonNode config) {
        return config.path("chunk_size").asInt(HORIZON);
    }

    /// Tokens of the longest answer that is learned and written whole: it starts with a token that
    /// is given, and ends with one that need not be written.
    static int room(JsonNode config) {
        return Math.min(config.path("max_action_tokens").asInt(STEPS), steps(config) + 2);
    }

    private static int steps(JsonNode config) {
        return config.path("max_decoding_steps").asInt(STEPS);
    }

    /// The folder of the FAST tokenizer: the one that the processor's file names, or one of the
    /// usual names.
    static Optional<Path> fast(Path folder) {
        var named = Stream.<String>builder();
        for (var step : NormFiles.steps(folder)) {
            if (step.path("registry_name").asString("").equals(STEP)) {
                named.add(step.path("config").path("action_tokenizer_name").asString(""));
            }
        }
        return Stream.concat(named.build(), Stream.of(ACTION_TOKENIZER, FAST))
                .map(name -> folder.resolve(name).normalize())
                .filter(f -> f.startsWith(folder.normalize()) && FastTokens.isIn(f))
                .findFirst();
    }

    /// What a folder holds, see [Pi0Published#describe].
    static SequencedMap<String, String> describe(Path folder, JsonNode config) {
        var about = new LinkedHashMap<String, String>();
        about.put("policy", TYPE);
        var weights = Pi0Fast.stored(folder.resolve("config.json"), config, folder);
        try (var model = weights.open(folder)) {
            about.put("parameters", "%,d".formatted(model.parameterCount()));
            about.put(
                    "chunk",
                    "%d actions of %s values as FAST tokens"
                            .formatted(horizon(config), shape(config).asString("unknown")));
            about.put(
                    "prompt",
                    "%d tokens of %d"
                            .formatted(
                                    config.path("tokenizer_max_length").asInt(PROMPT),
                                    model.language().model().config().vocabulary()));
        }
        about.put("cameras", String.join(", ", Pi0Published.cameras(folder)));
        about.put("statistics", Pi0Published.statistics(folder, () -> norms(folder, Choice.NONE)));
        about.put("tokenizer", Pi0Published.tokenizer(folder, "missing"));
        about.put(
                "actions by",
                fast(folder).map(f -> folder.relativize(f).toString()).orElse("missing"));
        return about;
    }

    /// What the network is made of.
    Pi0Fast network() {
        return network;
    }

    /// What it answers.
    Pi0FastText text() {
        return text;
    }

    /// What it reads of observations.
    PromptReader reader() {
        return reader;
    }

    /// Actions as the network writes them, whose way back is [#restored].
    ///
    /// @param state of the robot at the first of them
    float[][] told(float[][] chunk, float[] state) {
        return Arrays.stream(chunk)
                .map(action -> relative.map(d -> d.encode(action, state)).orElse(action))
                .map(action -> actions.normalise(action, action.length))
                .toArray(float[][]::new);
    }

    /// The greatest number of tokens that it writes.
    int most() {
        return most;
    }

    /// The actions H of a chunk.
    public int horizon() {
        return text.codec().horizon();
    }

    @Override
    public Optional<String> kernels() {
        return Optional.of(Kernels.of(network.model().language()).line());
    }

    @Override
    public void reset(long seed) {
        this.seed = Seed.of(seed);
        asked = 0;
    }

    @Override
    public float[][] chunk(Observation observation, Held held) {
        return chunks(List.of(observation), List.of(seed.split(asked++))).getFirst();
    }

    /// In one pass, which goes on until every answer has ended.
    ///
    /// @throws IllegalArgumentException if an observation lacks every camera, its state does not
    ///   fit or its instruction is empty
    /// @throws IllegalStateException if the network writes what is no chunk
    @Override
    public List<float[][]> chunks(List<Question> questions) {
        return chunks(
                questions.stream().map(Question::observation).toList(),
                questions.stream().map(q -> Seed.of(q.seed()).split(0)).toList());
    }

    private List<float[][]> chunks(List<Observation> seen, List<Seed> seeds) {
        var choice =
                temperature > 0
                        ? Greedy.Choice.drawn(Sampler.at(temperature), seeds)
                        : Greedy.Choice.likeliest();
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var written =
                    network.answer(reader.read(seen), text.begin(), most, text.ends(), choice);
            var rows = rows(written);
            return IntStream.range(0, rows.length)
                    .mapToObj(b -> restored(text.chunk(rows[b]), seen.get(b).state()))
                    .toList();
        }
    }

    private static long[][] rows(Tensor ids) {
        var all = ids.toLongs();
        int length = (int) ids.size(1);
        var rows = new long[(int) ids.size(0)][];
        for (int b = 0; b < rows.length; b++) {
            rows[b] = Arrays.copyOfRange(all, b * length, (b + 1) * length);
        }
        return rows;
    }

    private float[][] restored(float[][] chunk, float[] state) {
        return Arrays.stream(chunk)
                .map(actions::restore)
                .map(action -> relative.map(d -> d.decode(action, state)).orElse(action))
                .toArray(float[][]::new);
    }

    @Override
    public void close() {
        network.model().close();
        text.close();
    }
}
