package dev.orrery.vlm;

import dev.orrery.lm.Trace;
import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.DecoderConfig;
import dev.orrery.lm.decoder.DecoderPass;
import dev.orrery.lm.decoder.Greedy;
import dev.orrery.nn.Activation;
import dev.orrery.nn.AttentionConfig.Biases;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Rotary;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.Siglip;
import dev.orrery.vision.SiglipConfig;
import java.util.ArrayList;
import java.util.List;

/// A vision-language model small enough to be trained on a processor: [Siglip] with a stem, two
/// linear layers, a decoder of Llama's kind.
///
/// Patches and prompt see each other both ways, the answer sees them and what it has said so far
/// (prefix language modelling, as PaliGemma's). So patches can take up what the prompt asks about,
/// and a prompt is read once for an answer of any length. Output layer and word embeddings are the
/// same rows, and embeddings are scaled by √D, so that what is seen can be compared with what it is
/// called.
///
/// Names: `vision`, `projector.fc{1,2}`, `language_model`.
public final class CompactVlm extends Module {

    private final Size size;
    private final Siglip vision;
    private final Linear fc1, fc2;
    private final CausalLm language;

    /// What a model is made of.
    ///
    /// @param vision the tower
    /// @param words the language model
    public record Size(SiglipConfig vision, DecoderConfig words) {

        private static final int CONTEXT = 512;
        private static final double EPSILON = 1e-6, BASE = 1e4;

        /// The laptop's: a tower of two blocks of 96 channels on patches of 8 pixels, four layers
        /// of 128 channels; about 1.2 million parameters.
        ///
        /// @param cameras pixels of a picture's side, camera by camera
        /// @param vocabulary ids V
        public static Size laptop(List<Integer> cameras, int vocabulary) {
            var tower = new SiglipConfig(96, 2, 4, 384, 8, List.of(32, 64, 96), cameras);
            return of(tower, vocabulary, 128, 4, 4, 344);
        }

        /// A decoder of Llama's kind behind a tower.
        ///
        /// @param vocabulary ids V
        /// @param width channels D
        /// @param depth layers
        /// @param heads attention heads
        /// @param mlp hidden channels of the gated feed-forward layers
        /// @throws IllegalArgumentException if the width does not split into heads of an even width
        public static Size of(
                SiglipConfig vision, int vocabulary, int width, int depth, int heads, int mlp) {
            if (depth < 1 || heads < 1 || width % (2 * heads) != 0) {
                throw new IllegalArgumentException(
                        "compact vlm: width %d, depth %d, %d heads; the width must split into heads of an even width"
                                .formatted(width, depth, heads));
            }
            int channels = width / heads;
            var attention =
                    new DecoderConfig.Heads(
                            heads, heads, channels, Biases.NONE, false, Math.pow(channels, -.5), 0);
            var style =
                    new DecoderConfig.Style(EPSILON, false, Activation.SILU, false, true, false, 0);
            var positions =
                    DecoderConfig.Positions.everywhere(
                            Rotary.halves(channels, BASE), depth, CONTEXT);
            return new Size(
                    vision,
                    new DecoderConfig(vocabulary, width, mlp, attention, style, positions, true));
        }

        /// Tokens of one picture of every camera.
        public int patches() {
            return patches(vision);
        }

        /// The same of any tower.
        public static int patches(SiglipConfig vision) {
            int sum = 0;
            for (int c = 0; c < vision.imageSizes().size(); c++) sum += vision.tokens(c);
            return sum;
        }
    }

    public CompactVlm(Size size, Seed seed) {
        this.size = size;
        int seen = size.vision().width(), words = size.words().width();
        vision = child("vision", new Siglip(size.vision(), seed.split("vision")));
        fc1 = child("projector.fc1", Projector.before(seen, words, seed.split("fc1")));
        fc2 = child("projector.fc2", Projector.last(words, words, seed.split("fc2")));
        language = child("language_model", new CausalLm(size.words(), seed.split("language")));
    }

    /// What it is made of.
    public Size size() {
        return size;
    }

    /// The tower.
    public Siglip vision() {
        return vision;
    }

    /// The language model.
    public CausalLm language() {
        return language;
    }

    /// What the model is shown and told.
    ///
    /// @param images one tensor a camera, float32 `(B, 3, side, side)` in [-1, 1]
    /// @param seen one BOOL tensor a camera `(B)`, false where there is no picture
    /// @param words `(B, L)`, padded on the left: the answer follows the last one
    /// @param real BOOL `(B, L)`, false at padding
    public record Prompt(List<Tensor> images, List<Tensor> seen, Tensor words, Tensor real) {
        public Prompt {
            images = List.copyOf(images);
            seen = List.copyOf(seen);
            if (images.isEmpty() || images.size() != seen.size()) {
                throw new IllegalArgumentException(
                        "compact vlm: %d camera tensors with %d masks; give one mask a camera, at least one camera"
                                .formatted(images.size(), seen.size()));
            }
        }
    }

    /// A prompt as the language model reads it: patches camera by camera, then words.
    ///
    /// @param tokens `(B, P, D)`
    /// @param valid I64 `(B, P)`, zero at padding
    public record Embedded(Tensor tokens, Tensor valid) {

        /// With further tokens behind, which are part of the prompt, such as a state or queries.
        ///
        /// @param more `(B, Q, D)`
        public Embedded then(Tensor more) {
            var there = Tensor.ones(DType.I64, more.size(0), more.size(1));
            return new Embedded(
                    Tensor.cat(List.of(tokens, more), 1), Tensor.cat(List.of(valid, there), 1));
        }
    }

    /// Embeds pictures and words.
    public Embedded embed(Prompt prompt) {
        var tokens = new ArrayList<Tensor>();
        var valid = new ArrayList<Tensor>();
        for (int camera = 0; camera < prompt.images().size(); camera++) {
            var patches = look(prompt.images().get(camera), camera);
            tokens.add(patches);
            var seen = prompt.seen().get(camera).to(DType.I64).unsqueeze(1);
            valid.add(seen.expand(patches.size(0), patches.size(1)));
        }
        tokens.add(embed(prompt.words()));
        valid.add(prompt.real().to(DType.I64));
        return new Embedded(Tensor.cat(tokens, 1), Tensor.cat(valid, 1));
    }

    /// One camera's patches as tokens of the language model: `(B, S, D)`.
    ///
    /// @param images `(B, 3, side, side)` in [-1, 1]
    public Tensor look(Tensor images, int camera) {
        var patches = vision.forward(images, camera);
        return fc2.forward(Functional.gelu(fc1.forward(patches)));
    }

    /// Word ids `(...)` to embeddings `(..., D)`, scaled by √D.
    public Tensor embed(Tensor ids) {
        return language.model().embed(ids);
    }

    /// What a pass through the language model left.
    ///
    /// @param states what went into each layer, then what came out of the last, normalised: each
    ///   `(B, P + M, D)`, the last of them of the tokens that answer only unless all were asked
    /// @param prompt tokens P of the prompt
    /// @param looked who looked at whom in the layer before the one in the middle and in that one:
    ///   each `(B, N, P + M, P + M)`; none unless it was watched
    public record Read(List<Tensor> states, long prompt, List<Tensor> looked) {
        public Read {
            states = List.copyOf(states);
            looked = List.copyOf(looked);
        }

        private int layer() {
            return (states.size() - 1) / 2;
        }

        /// The tokens that are about to answer, the prompt's last one first, behind the layer in
        /// the middle: `(B, M + 1, D)`.
        public Tensor placed() {
            var behind = states.get(layer() + 1);
            return behind.narrow(1, prompt - 1, behind.size(1) - prompt + 1);
        }

        /// What those tokens looked at in the layer in the middle: `(B, N, M + 1, patches)`.
        public Tensor gaze(long patches) {
            return asking(looked.getLast(), patches);
        }

        /// The same in the layer before.
        public Tensor gazeBefore(long patches) {
            return asking(looked.getFirst(), patches);
        }

        private Tensor asking(Tensor all, long patches) {
            long last = prompt - 1;
            return all.narrow(2, last, all.size(2) - last).narrow(3, 0, patches);
        }

        /// The last hidden states of the prompt: `(B, P, D)`.
        public Tensor last() {
            return states.getLast().narrow(1, 0, prompt);
        }

        /// What went into the layer in the middle, at the prompt: `(B, P, D)`.
        public Tensor middle() {
            return states.get(layer()).narrow(1, 0, prompt);
        }
    }

    /// Reads a prompt alone.
    public Read read(Embedded prompt) {
        return read(prompt, Trace.ofStates());
    }

    /// The same, and shows more of it.
    ///
    /// @param trace [#watching] or another that records hidden states
    public Read read(Embedded prompt, Trace trace) {
        return read(prompt, prompt, 0, trace);
    }

    /// A trace that keeps what tokens look at in the middle, too, which takes longer.
    public Trace watching() {
        int middle = middle();
        return Trace.ofStatesAndAttention(Math.max(0, middle - 1), middle);
    }

    private int middle() {
        return size.words().depth() / 2;
    }

    /// @param all the prompt and what follows it
    /// @param asked see [DecoderPass]
    private Read read(Embedded prompt, Embedded all, long asked, Trace trace) {
        long length = prompt.tokens().size(1);
        var pass =
                DecoderPass.whole(all.tokens().size(1))
                        .at(all.valid().cumsum(1).sub(1).clampMin(0))
                        .padded(all.valid())
                        .prefixed(length)
                        .asking(asked)
                        .shown(trace);
        language.model().forward(all.tokens(), pass);
        return new Read(trace.states(), length, trace.attentions());
    }

    /// What the model makes of a prompt and of an answer that it is told.
    ///
    /// @param logits `(B, M, V)`: for each token of the answer, given those before it
    /// @param read the pass
    public record Answered(Tensor logits, Read read) {}

    /// Teacher forcing.
    ///
    /// @param ids the answers `(B, M)`, padded on the right
    public Answered answer(Embedded prompt, Tensor ids) {
        return answer(prompt, ids, ids.size(1), Trace.ofStates());
    }

    /// The same, and all tokens are asked for their last hidden states, which takes longer.
    ///
    /// @param trace as that of [#read(Embedded, Trace)]
    public Answered answerWhole(Embedded prompt, Tensor ids, Trace trace) {
        return answer(prompt, ids, 0, trace);
    }

    /// The same, and what the tokens that answer look at is kept, which takes longer.
    public Answered answerWatched(Embedded prompt, Tensor ids) {
        // what is watched must not be the last layer's
        boolean before = middle() + 1 < size.words().depth();
        return answer(prompt, ids, before ? ids.size(1) : 0, watching());
    }

    private Answered answer(Embedded prompt, Tensor ids, long asked, Trace trace) {
        long count = ids.size(1);
        var told = count > 1 ? prompt.then(embed(ids.narrow(1, 0, count - 1))) : prompt;
        var read = read(prompt, told, asked, trace);
        var last = read.states().getLast();
        var hidden = last.narrow(1, last.size(1) - count, count);
        return new Answered(language.logits(hidden), read);
    }

    /// Mean cross-entropy of the tokens of answers that count.
    ///
    /// @param logits `(B, M, V)`
    /// @param ids `(B, M)`
    /// @param counted BOOL `(B, M)`, false at padding
    public static Tensor loss(Tensor logits, Tensor ids, Tensor counted) {
        var ignored = Tensor.full(IGNORED, DType.I64, 1);
        var target = Tensor.where(counted, ids, ignored);
        return Functional.crossEntropy(logits.flatten(0, 1), target.reshape(-1), IGNORED, 0);
    }

    private static final long IGNORED = -100;

    /// Answers prompts token by token, with a cache.
    ///
    /// @param steps tokens to write
    /// @param choice how each is chosen; [Greedy.Choice#likeliest] or one that knows a form
    public Greedy speak(Embedded prompt, int steps, Greedy.Choice choice) {
        var start = new Greedy.Start(prompt.tokens(), prompt.valid(), prompt.tokens().size(1));
        return Greedy.of(language, start, steps, choice);
    }
}
