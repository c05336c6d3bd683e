package dev.orrery.system.openvla;

import dev.orrery.env.tabletop.Words;
import dev.orrery.lm.Trace;
import dev.orrery.lm.decoder.DecoderConfig;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.nn.Activation;
import dev.orrery.nn.AttentionConfig.Biases;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Rotary;
import dev.orrery.policy.ActionTokenizer;
import dev.orrery.policy.tabletop.Grounding;
import dev.orrery.policy.tabletop.Perception;
import dev.orrery.policy.tabletop.SceneLabels;
import dev.orrery.system.openvla.OpenVlaConfig.Head;
import dev.orrery.system.openvla.OpenVlaConfig.Sight;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.vit.TimmVit;
import dev.orrery.vision.vit.VitConfig;
import dev.orrery.vlm.Prismatic;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// OpenVLA for the tabletop: a [Prismatic] model that is told words and shown two cameras, and
/// answers with action tokens, or, with the switch OFT, with a chunk of actions in one pass.
///
/// Names: `vla` (those of published models below it), and for OFT `action_head`,
/// `proprio_projector`, `film`.
public final class OpenVla extends Module {

    private static final int DEPTH = 2, MLP = 4, CONTEXT = 512;
    private static final double EPSILON = 1e-6, BASE = 1e4;

    private final OpenVlaConfig.Model config;
    private final ActionTokenizer tokens;
    private final Prismatic vla;
    private final Optional<ParallelHead> head;
    private final Optional<WordFilm> film;
    private final Optional<Proprio> proprio;

    /// @param tokens which ids stand for bins; the vocabulary gets the rows that they need
    public OpenVla(OpenVlaConfig.Model config, ActionTokenizer tokens, Seed seed) {
        this.config = config;
        this.tokens = tokens;
        var size = size(config, (int) tokens.rows());
        int width = config.language().width();
        var answer = config.answer();
        vla = child("vla", new Prismatic(size, seed.split("vla")));
        head =
                answer.head() == Head.L1
                        ? Optional.of(
                                child(
                                        "action_head",
                                        new ParallelHead(
                                                width,
                                                config.io().actionDims(),
                                                seed.split("action_head"))))
                        : Optional.empty();
        film =
                answer.film()
                        ? Optional.of(child("film", new WordFilm(size.towers(), width)))
                        : Optional.empty();
        proprio =
                answer.proprio()
                        ? Optional.of(
                                child(
                                        "proprio_projector",
                                        new Proprio(
                                                config.io().stateDims(),
                                                width,
                                                seed.split("proprio_projector"))))
                        : Optional.empty();
    }

    private static Prismatic.Size size(OpenVlaConfig.Model config, int rows) {
        var vision = config.vision();
        var input = vision.input();
        var spatial =
                new TimmVit.Config(layers(vision.spatial(), vision), input, 0, "scale_factor");
        var semantic = new TimmVit.Config(layers(vision.semantic(), vision), input, -1, "");
        return new Prismatic.Size(
                towers(vision.sight(), spatial, semantic),
                vision.projector(),
                words(config.language(), rows));
    }

    private static <T> List<T> towers(Sight sight, T spatial, T semantic) {
        return switch (sight) {
            case FUSED -> List.of(spatial, semantic);
            case SPATIAL -> List.of(spatial);
            case SEMANTIC -> List.of(semantic);
        };
    }

    private static VitConfig layers(int width, OpenVlaConfig.Vision vision) {
        return new VitConfig(width, DEPTH, vision.heads(), MLP * width, Activation.GELU, EPSILON);
    }

    private static DecoderConfig words(OpenVlaConfig.Language language, int rows) {
        int channels = language.width() / language.heads();
        return new DecoderConfig(
                rows,
                language.width(),
                language.mlp(),
                new DecoderConfig.Heads(
                        language.heads(),
                        language.heads(),
                        channels,
                        Biases.NONE,
                        false,
                        Math.pow(channels, -.5),
                        0),
                new DecoderConfig.Style(EPSILON, false, Activation.SILU, false, true, false, 0),
                DecoderConfig.Positions.everywhere(
                        Rotary.halves(channels, BASE), language.depth(), CONTEXT),
                false);
    }

    /// What a model of this sight wants its pictures to be.
    static Retina retina(Sight sight) {
        return new Retina(towers(sight, Retina.Normal.DINO, Retina.Normal.SIGLIP));
    }

    /// The state as a token.
    private static final class Proprio extends Module {
        private final Linear fc1, fc2;

        Proprio(int dims, int width, Seed seed) {
            fc1 = child("fc1", new Linear(dims, width, seed.split("fc1")));
            fc2 = child("fc2", new Linear(width, width, seed.split("fc2")));
        }

        Tensor forward(Tensor state) {
            return fc2.forward(Functional.gelu(fc1.forward(state))).unsqueeze(1);
        }
    }

    /// What it is made of.
    public OpenVlaConfig.Model config() {
        return config;
    }

    /// Which ids stand for bins.
    public ActionTokenizer tokens() {
        return tokens;
    }

    /// The towers, the projector and the language model.
    public Prismatic prismatic() {
        return vla;
    }

    /// What the model is shown and told.
    ///
    /// @param images one tensor a camera `(B, 3 · towers, side, side)`
    /// @param seen one BOOL tensor a camera `(B)`, false where there is no picture
    /// @param words `(B, L)`, padded on the left
    /// @param real BOOL `(B, L)`, false at padding
    /// @param state `(B, stateDims)` in [-1, 1], for models that are told it
    public record Prompt(
            List<Tensor> images, List<Tensor> seen, Tensor words, Tensor real, Tensor state) {
        public Prompt {
            images = List.copyOf(images);
            seen = List.copyOf(seen);
        }
    }

    /// The first token, the patches of both cameras, the state, the words, and the token after
    /// which the answer begins.
    Embedded embed(Prompt prompt) {
        long batch = prompt.words().size(0);
        var begin = Tensor.full(Words.BEGIN, DType.I64, batch, 1);
        var ids = Tensor.cat(List.of(begin, prompt.words(), begin), 1);
        var lm = vla.language().model();
        TimmVit.Film change =
                film.map(f -> f.of(mean(lm.embed(prompt.words()), prompt.real())))
                        .orElseGet(TimmVit.Film::none);
        var seen = new ArrayList<Tensor>(List.of(vla.project(vla.look(prompt.images(), change))));
        var one = Tensor.ones(DType.I64, batch, 1);
        var valid = new ArrayList<Tensor>(List.of(one));
        for (int camera = 0; camera < prompt.seen().size(); camera++) {
            long patches = vla.towers().getFirst().config().input().tokens(camera);
            valid.add(prompt.seen().get(camera).to(DType.I64).unsqueeze(1).expand(batch, patches));
        }
        proprio.ifPresent(p -> {
            seen.add(p.forward(prompt.state()));
            valid.add(one);
        });
        valid.add(prompt.real().to(DType.I64));
        valid.add(one);
        var patches = seen.size() == 1 ? seen.getFirst() : Tensor.cat(seen, 1);
        return new Embedded(vla.embed(patches, ids), Tensor.cat(valid, 1));
    }

    private static Tensor mean(Tensor words, Tensor real) {
        var there = real.to(DType.F32).unsqueeze(-1);
        return words.mul(there).sum(1, false).div(there.sum(1, false).clampMin(1));
    }

    private static Tensor last(Tensor hidden, long count) {
        return hidden.narrow(1, hidden.size(1) - count, count);
    }

    /// The loss of a batch, and what it means.
    ///
    /// @param loss a scalar to go down: cross-entropy of action and end tokens, or mean distance
    /// @param accuracy share of the action tokens that would have been written; 0 for [Head#L1]
    /// @param error mean distance of the answered actions from the demonstrated, in [-1, 1] units
    record Loss(Tensor loss, Tensor accuracy, Tensor error) {}

    /// A loss, and what the model made of the prompts on the way.
    record Lesson(Loss loss, Perception.Insight insight) {}

    /// The loss of demonstrated actions, and what the model saw while it was told them.
    ///
    /// @param actions normalised `(B, K, A)`
    /// @param ids of the first action `(B, A)`
    /// @param real `(B, K, 1)`, 0 after an episode's end
    /// @param spread of the right answer over neighbouring bins, in bins
    Lesson lesson(Prompt prompt, Tensor actions, Tensor ids, Tensor real, double spread) {
        var embedded = embed(prompt);
        var trace = watching();
        var hidden = asked(embedded, ids, trace);
        return new Lesson(loss(hidden, actions, ids, real, spread), insight(embedded, trace));
    }

    /// As below, with one right answer.
    Loss loss(Prompt prompt, Tensor actions, Tensor ids, Tensor real) {
        return loss(prompt, actions, ids, real, 0);
    }

    /// As [#lesson] without what it saw, which takes less time.
    Loss loss(Prompt prompt, Tensor actions, Tensor ids, Tensor real, double spread) {
        return loss(asked(embed(prompt), ids, Trace.silent()), actions, ids, real, spread);
    }

    private Loss loss(Tensor hidden, Tensor actions, Tensor ids, Tensor real, double spread) {
        return head.map(h -> regression(h, hidden, actions, real))
                .orElseGet(() -> written().of(hidden, ids, spread));
    }

    /// What the model sees in prompts.
    ///
    /// @param ids of an action `(B, A)`, which the tokens that answer in turn are told
    Perception.Insight insight(Prompt prompt, Tensor ids) {
        var embedded = embed(prompt);
        var trace = watching();
        asked(embedded, ids, trace);
        return insight(embedded, trace);
    }

    /// A prompt and what answers it: empty slots, or the ids of an action.
    private Tensor asked(Embedded prompt, Tensor ids, Trace trace) {
        return head.isPresent()
                ? slots(prompt, trace)
                : prompt.read(
                        vla.language(), vla.language().model().embed(ids), 0, shallow(), trace);
    }

    private ActionLoss written() {
        return new ActionLoss(vla.language(), tokens, Words.END);
    }

    private int middle() {
        return config.language().depth() / 2;
    }

    /// Whether what is watched may be the last layer's.
    private boolean shallow() {
        return middle() + 1 >= config.language().depth();
    }

    private Trace watching() {
        return Trace.ofStatesAndAttention(Math.max(0, middle() - 1), middle());
    }

    private Perception.Insight insight(Embedded embedded, Trace seen) {
        long last = embedded.tokens().size(1) - 1, patches = SceneLabels.PATCHES;
        long asking = head.isPresent() ? slots() : config.io().actionDims();
        var middle = seen.states().get(middle());
        var reading =
                new Grounding.Reading(
                        embedded.tokens().narrow(1, 1, patches),
                        middle.narrow(1, 1, patches),
                        middle.select(1, (int) last),
                        vla.language().model()::embed);
        return new Perception.Insight(
                reading,
                seen.attentions().getLast().narrow(2, last, asking).narrow(3, 1, patches),
                seen.attentions().getFirst().narrow(2, last, asking).narrow(3, 1, patches),
                seen.states().get(middle() + 1).narrow(1, last, asking));
    }

    private Loss regression(ParallelHead h, Tensor hidden, Tensor actions, Tensor real) {
        var distance = h.forward(last(hidden, slots())).sub(actions).abs();
        var loss = distance.mul(real).sum().div(real.sum().mul((double) actions.size(2)));
        return new Loss(loss, Tensor.zeros(), loss.detach());
    }

    private long slots() {
        return (long) config.answer().chunk() * config.io().actionDims();
    }

    /// A prompt and K · A empty slots behind it.
    private Tensor slots(Embedded prompt, Trace trace) {
        var empty = Tensor.zeros(prompt.tokens().size(0), slots(), config.language().width());
        return prompt.read(vla.language(), empty, slots(), shallow(), trace);
    }

    /// The answer to each prompt of a batch.
    ///
    /// @param actions for each prompt K rows of A numbers, from -1 to 1 where tokens answer
    /// @param outside for each prompt the probability of ids that stand for no bin; 0 for
    ///   [Head#L1], which has none
    record Answer(double[][][] actions, double[] outside) {}

    /// Answers prompts.
    ///
    /// @param pick which bins are written
    Answer answer(Prompt prompt, Pick pick) {
        var embedded = embed(prompt);
        int batch = (int) embedded.tokens().size(0), dims = config.io().actionDims();
        if (head.isPresent()) {
            var values =
                    head.get().forward(last(slots(embedded, Trace.silent()), slots())).toFloats();
            return new Answer(rows(values, batch, dims), new double[batch]);
        }
        var written =
                new ActionWriter(tokens, dims, Optional.of(pick))
                        .write(vla.language(), embedded.tokens(), embedded.valid());
        var actions = new double[batch][][];
        for (int b = 0; b < batch; b++) actions[b] = new double[][] {written.actions()[b]};
        return new Answer(actions, written.outside());
    }

    private double[][][] rows(float[] values, int batch, int dims) {
        var out = new double[batch][config.answer().chunk()][dims];
        int at = 0;
        for (var chunk : out) {
            for (var row : chunk) {
                for (int d = 0; d < dims; d++) row[d] = values[at++];
            }
        }
        return out;
    }
}
