package dev.orrery.system.openvla;

import dev.orrery.data.text.Tokenizer;
import dev.orrery.env.Image;
import dev.orrery.lm.PublicConfig;
import dev.orrery.policy.ActionTokenizer;
import dev.orrery.policy.ActionVocabulary;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.Resample;
import dev.orrery.vlm.Prismatic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A published network and how it is told something: its tokenizer, the form of its prompts, the
/// colours that its towers want and the ids of its action tokens.
final class OpenVlaNetwork implements AutoCloseable {

    private static final String CONFIG = "config.json", RESIZE = "resize-naive";
    private static final int PADDING = 64, BINS = 256, END = 2;

    private final Path folder;
    private final PublicConfig config;
    private final OpenVlaPrompt prompt;
    private final Tokenizer tokenizer;
    private final ActionTokenizer tokens;
    private final Retina retina;
    private final Prismatic model;

    private OpenVlaNetwork(Path folder, PublicConfig config, Optional<OpenVlaPrompt> prompt) {
        this.folder = folder;
        this.config = config;
        this.prompt = prompt.orElseGet(() -> OpenVlaPrompt.of(folder, config));
        retina = retina(folder, config);
        tokenizer = Tokenizer.open(folder);
        try {
            tokens = tokens(config, tokenizer);
            model = Prismatic.open(OpenVlaSizes.read(config, folder), config, folder);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /// Opens a folder's weights and tokenizer.
    ///
    /// @throws dev.orrery.checkpoint.CheckpointException naming what is missing or does not fit
    static OpenVlaNetwork open(Path folder) {
        return open(folder, Optional.empty());
    }

    /// @param prompt what the model was asked in training; empty to go by what the folder says
    static OpenVlaNetwork open(Path folder, Optional<OpenVlaPrompt> prompt) {
        return new OpenVlaNetwork(folder, checked(folder), prompt);
    }

    /// A folder's `config.json`, which must be of this family.
    ///
    /// @throws dev.orrery.checkpoint.CheckpointException if it is not, or shrinks pictures
    ///   otherwise
    static PublicConfig checked(Path folder) {
        var config = config(folder);
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
        return config;
    }

    /// A folder's `config.json`, whatever it is of.
    static PublicConfig config(Path folder) {
        return PublicConfig.read(folder.resolve(CONFIG));
    }

    private static boolean is(PublicConfig config) {
        return config.text("model_type", "").equals("openvla");
    }

    /// Whether a folder's `config.json` is of this family.
    static boolean isIn(Path folder) {
        return Files.isRegularFile(folder.resolve(CONFIG)) && is(config(folder));
    }

    /// Bins of an action's dimension.
    static int bins(PublicConfig config) {
        return config.integer("n_action_bins", BINS);
    }

    /// The vocabulary counts without the rows that only pad the table.
    private static ActionTokenizer tokens(PublicConfig config, Tokenizer tokenizer) {
        long rows =
                config.object("text_config")
                        .map(text -> text.integer("vocab_size", 32_000))
                        .orElse(32_000);
        long size = rows - config.integer("pad_to_multiple_of", PADDING);
        return ActionTokenizer.of(
                ActionTokenizer.Mode.LAST_IDS, ActionVocabulary.of(tokenizer, size), bins(config));
    }

    /// What `preprocessor_config.json` says about colours, or what the towers are known for.
    private static Retina retina(Path folder, PublicConfig config) {
        var file = folder.resolve("preprocessor_config.json");
        if (Files.isRegularFile(file)) {
            var read = PublicConfig.read(file).node();
            var means = read.path("means").valueStream().map(OpenVlaNetwork::three).toList();
            var stds = read.path("stds").valueStream().map(OpenVlaNetwork::three).toList();
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

    /// The weights.
    Prismatic model() {
        return model;
    }

    /// Which ids stand for bins.
    ActionTokenizer tokens() {
        return tokens;
    }

    /// The id that ends an answer.
    long end() {
        return config.object("text_config")
                .map(text -> text.integer("eos_token_id", END))
                .orElse(END);
    }

    /// Rows and columns of a picture.
    int side() {
        return model.towers().getFirst().config().input().images().getFirst();
    }

    /// The tokens of a prompt.
    ///
    /// @throws IllegalArgumentException if the instruction is empty or has more than 64 words
    long[] ids(String instruction) {
        return prompt.ids(tokenizer, instruction, folder);
    }

    /// Pictures at the towers' size, as colours from 0 to 1 `(B, 3, side, side)`.
    Tensor unit(List<Image> pictures) {
        int side = side(), bytes = 3 * side * side;
        var rgb = new byte[pictures.size() * bytes];
        for (int b = 0; b < pictures.size(); b++) {
            var fitting = Resample.BICUBIC.resize(pictures.get(b), side, side);
            System.arraycopy(fitting.rgb(), 0, rgb, b * bytes, bytes);
        }
        return Retina.unit(rgb, pictures.size(), side);
    }

    /// Pictures, each with an instruction, as the language model reads them. Shorter prompts are
    /// padded behind the picture.
    ///
    /// @param unit colours of [#unit]
    Embedded embed(Tensor unit, List<String> instructions) {
        var prompts = instructions.stream().map(this::ids).toList();
        int batch = prompts.size();
        int length = prompts.stream().mapToInt(p -> p.length).max().orElseThrow();
        long[] ids = new long[batch * length], valid = new long[ids.length];
        for (int b = 0; b < batch; b++) {
            var own = prompts.get(b);
            int first = b * length, gap = length - own.length;
            ids[first] = own[0];
            valid[first] = 1;
            System.arraycopy(own, 1, ids, first + 1 + gap, own.length - 1);
            Arrays.fill(valid, first + 1 + gap, first + length, 1);
        }
        var type = model.parameters().getFirst().dtype();
        var patches = model.project(model.look(retina.see(unit).to(type)));
        var words = Tensor.of(valid, batch, length);
        var real = Tensor.ones(DType.I64, batch, patches.size(1));
        return new Embedded(
                model.embed(patches, Tensor.of(ids, batch, length)),
                Tensor.cat(
                        List.of(words.narrow(1, 0, 1), real, words.narrow(1, 1, length - 1)), 1));
    }

    /// The form of its prompts.
    OpenVlaPrompt prompt() {
        return prompt;
    }

    /// Where it was opened from.
    Path folder() {
        return folder;
    }

    @Override
    public void close() {
        model.close();
        tokenizer.close();
    }
}
