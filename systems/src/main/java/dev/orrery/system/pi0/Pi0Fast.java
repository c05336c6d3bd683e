package dev.orrery.system.pi0;

import dev.orrery.checkpoint.Weights;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicWeights;
import dev.orrery.lm.decoder.DecoderConfig;
import dev.orrery.lm.decoder.DecoderPass;
import dev.orrery.lm.decoder.Greedy;
import dev.orrery.nn.Activation;
import dev.orrery.nn.AttentionConfig.Biases;
import dev.orrery.nn.Rotary;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vision.vit.VisionTower;
import dev.orrery.vision.vit.VitConfig;
import dev.orrery.vlm.PaliGemma;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// The network of a published π0-FAST: PaliGemma, which answers pictures, instruction and state
/// with the tokens of a chunk. It has no action expert.
///
/// Pictures and prompt see each other both ways, the answer sees them and what it says itself. An
/// answer starts with a begin token. In training that token is part of the answer; when acting it
/// ends the prompt, which sees it, as in LeRobot.
///
/// Output layer and embedding are one only where a file has one of them: LeRobot trains both.
///
/// @param model the network
record Pi0Fast(PaliGemma model) {

    private static final double EPSILON = 1e-6, ROTARY = 1e4;
    private static final int CONTEXT = 8192;

    /// How published weights are read as they are; sizes come from their shapes.
    ///
    /// @param file the `config.json`
    /// @param config what it says
    /// @param weights a safetensors file, a folder or its index
    /// @throws IllegalArgumentException if they are no such weights
    static PublicWeights<PaliGemma> stored(Path file, JsonNode config, Path weights) {
        try (var _ = TensorScope.open()) {
            var state = spelled(Weights.read(weights));
            var inner =
                    PaliGemma.weights(
                            new PublicConfig(file, config),
                            seen(state, config),
                            words(state, config));
            return new PublicWeights<>(
                    inner.config(), inner.build(), all -> inner.names().apply(inside(all)));
        }
    }

    /// As [#stored], in the types that it works with. As in LeRobot, whose bf16 files hold several,
    /// pictures are seen in float32 and the language model has the type of its words; norms are
    /// rounded to it.
    static PublicWeights<PaliGemma> weights(Path file, JsonNode config, Path weights) {
        var stored = stored(file, config, weights);
        return new PublicWeights<>(
                stored.config(), stored.build(), all -> stored.names().apply(typed(all)));
    }

    /// Opens a folder's weights, see [#weights].
    static Pi0Fast open(Path folder, JsonNode config) {
        return new Pi0Fast(weights(folder.resolve("config.json"), config, folder).open(folder));
    }

    private static VisionTower.Size seen(Map<String, Tensor> state, JsonNode config) {
        var sizes = Pi0Weights.vision(state, config);
        var layers =
                new VitConfig(
                        sizes.width(),
                        sizes.layers(),
                        sizes.heads(),
                        sizes.mlp(),
                        Activation.GELU_TANH,
                        EPSILON);
        return new VisionTower.Size(
                layers, sizes.imageSize(0), sizes.patch(), VisionTower.Kind.SIGLIP, false);
    }

    private static DecoderConfig words(Map<String, Tensor> state, JsonNode config) {
        int heads =
                Pi0Weights.heads(
                        config.path("_tiny").path("paligemma"), config.path("paligemma_variant"));
        var sizes = Pi0Weights.gemma(state, Pi0Weights.LANGUAGE, heads);
        var words = rows(state).orElseGet(() -> Pi0Weights.need(state, Pi0Weights.EMBEDDING));
        boolean both =
                state.containsKey(Pi0Weights.WORDS) && state.containsKey(Pi0Weights.EMBEDDING);
        return new DecoderConfig(
                (int) words.size(0),
                sizes.width(),
                sizes.mlp(),
                new DecoderConfig.Heads(
                        sizes.heads(),
                        sizes.keyValueHeads(),
                        sizes.headDim(),
                        Biases.NONE,
                        false,
                        Math.pow(sizes.headDim(), -0.5),
                        0),
                new DecoderConfig.Style(EPSILON, true, Activation.GELU_TANH, false, true, false, 0),
                DecoderConfig.Positions.everywhere(
                        Rotary.halves(sizes.headDim(), ROTARY), sizes.depth(), CONTEXT),
                !both,
                OptionalLong.of(0));
    }

    private static Map<String, Tensor> spelled(Map<String, Tensor> state) {
        var spelled = new LinkedHashMap<String, Tensor>();
        state.forEach((name, tensor) -> spelled.put(Pi0Weights.spelled(name), tensor));
        return spelled;
    }

    /// PaliGemma's own names; what is not below it keeps its name, so that loading refuses it.
    private static Map<String, Tensor> inside(Map<String, Tensor> state) {
        var own = new LinkedHashMap<String, Tensor>();
        spelled(state)
                .forEach((name, tensor) ->
                        own.put(
                                name.startsWith(Pi0Weights.VLM)
                                        ? name.substring(Pi0Weights.VLM.length())
                                        : name,
                                tensor));
        return own;
    }

    private static Map<String, Tensor> typed(Map<String, Tensor> state) {
        var typed = new LinkedHashMap<>(spelled(state));
        var rows = rows(typed);
        typed.replaceAll((name, tensor) -> {
            boolean language =
                    name.startsWith(Pi0Weights.LANGUAGE) || name.equals(Pi0Weights.WORDS);
            var type = language ? rows.map(Tensor::dtype).orElse(tensor.dtype()) : DType.F32;
            return tensor.dtype() == type ? tensor : tensor.to(type);
        });
        return typed;
    }

    /// The embedding, which tied files may have as the output layer only.
    private static Optional<Tensor> rows(Map<String, Tensor> state) {
        return Stream.of(Pi0Weights.EMBEDDING, Pi0Weights.WORDS)
                .filter(state::containsKey)
                .map(state::get)
                .findFirst();
    }

    /// The embeddings of pictures and prompt.
    Pi0.Embedded embed(Pi0.Prompt prompt) {
        var words = model.language().model().embed(prompt.tokens());
        var patches = prompt.images().stream().map(i -> model.look(i).to(words.dtype())).toList();
        return Pi0.Embedded.of(prompt, patches, words);
    }

    /// Pictures, prompt and answer together.
    Pi0.Embedded embed(Pi0.Prompt prompt, Tensor answer, Tensor there) {
        var before = embed(prompt);
        var words = model.language().model().embed(answer);
        return new Pi0.Embedded(
                Tensor.cat(List.of(before.embeddings(), words), 1),
                Tensor.cat(List.of(before.real(), there), 1));
    }

    /// The cross-entropy of every token of an answer but the first, zero at padding: `(B, T - 1)`.
    /// What is trained on is their [#mean].
    ///
    /// @param answer ids `(B, T)`, a begin token first
    /// @param there bool `(B, T)`, false for padding
    Tensor losses(Pi0.Prompt prompt, Tensor answer, Tensor there) {
        long batch = answer.size(0), length = answer.size(1);
        var all = embed(prompt, answer, there);
        long prefix = all.real().size(1) - length;
        var joined =
                Tensor.cat(
                        List.of(
                                Tensor.ones(DType.BOOL, batch, prefix),
                                Tensor.zeros(DType.BOOL, batch, length)),
                        1);
        var pass =
                DecoderPass.whole(prefix + length)
                        .at(BlockMask.positions(all.real()).clampMin(0))
                        .joining(joined)
                        .padded(all.real())
                        .asking(length);
        var lm = model.language();
        var logits = lm.logits(lm.model().forward(all.embeddings(), pass));
        var each =
                Functional.crossEntropyEach(
                        logits.narrow(1, 0, length - 1).flatten(0, 1),
                        answer.narrow(1, 1, length - 1).flatten(0, 1));
        return each.reshape(batch, length - 1).mul(there.narrow(1, 1, length - 1).to(DType.F32));
    }

    /// The mean over the tokens that are there.
    ///
    /// @param losses of [#losses]
    static Tensor mean(Tensor losses, Tensor there) {
        var counted = there.narrow(1, 1, there.size(1) - 1).to(DType.F32);
        return losses.sum().div(counted.sum());
    }

    /// Where an answer to a prompt starts.
    ///
    /// @param begin the begin token's id
    Greedy.Start start(Pi0.Prompt prompt, long begin) {
        long batch = prompt.tokens().size(0);
        var all =
                embed(
                        prompt,
                        Tensor.full(begin, DType.I64, batch, 1),
                        Tensor.ones(DType.BOOL, batch, 1));
        return new Greedy.Start(all.embeddings(), all.real(), all.real().size(1));
    }

    /// Answers `(B, T)`; a row counts up to the first of its `ends`.
    ///
    /// @param most tokens at most
    Tensor answer(Pi0.Prompt prompt, long begin, int most, Set<Long> ends, Greedy.Choice choice) {
        return Greedy.until(model.language(), start(prompt, begin), most, ends, choice);
    }
}
