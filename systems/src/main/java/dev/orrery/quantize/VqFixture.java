package dev.orrery.quantize;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.quantize.FixtureSteps.Trained;
import dev.orrery.quantize.FixtureSteps.Variant;
import dev.orrery.quantize.Frame.Projection;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The library's `VectorQuantize`: a projection and heads around [VectorQuantizer]s.
final class VqFixture implements Trained {

    /// @param heads codes for each vector
    /// @param separate whether each head has a codebook of its own
    /// @param learnable whether codes are parameters
    /// @param learns whether the codebook changes in a step
    /// @param sync share by which the embedding's gradient is enlarged
    /// @param zeros whether padding becomes zero, not the input
    /// @param routed whether the embedding has a gradient at all
    /// @param axis where channels are, from 1, or -1 for the last
    private record Options(
            int heads,
            boolean separate,
            boolean learnable,
            boolean learns,
            double sync,
            boolean zeros,
            boolean routed,
            int axis) {}

    private final Options options;
    private final double commitment, alive;
    private final LossTerms extras;
    private final Map<String, Tensor> untouched = new LinkedHashMap<>();
    private List<Tensor> codebooks = List.of();
    private final Frame frame;
    private final List<VectorQuantizer> quantizers;

    private VqFixture(LibrarySettings settings, Variant variant) {
        int heads = settings.whole("heads", 1);
        // what passes through the probabilities is replaced by what passes straight through
        if (settings.flag("straight_through", false)
                && !settings.flag("route_gradients_to_input", true))
            throw settings.unsupported("straight_through", "not without route_gradients_to_input");
        boolean separate = settings.flag("separate_codebook_per_head", false) && heads > 1;
        boolean learnable = settings.flag("learnable_codebook", false);
        boolean frozen = settings.flag("freeze_codebook", false);
        boolean updated = settings.flag("ema_update", true);
        boolean last = settings.flag("channel_last", true);
        boolean image = settings.flag("accept_image_fmap", false);
        boolean volume = settings.flag("accept_3d_fmap", false);
        settings.off(MISSING);
        extras = LossTerms.of(settings);
        alive = settings.number("threshold_ema_dead_code", 0);
        if (learnable && updated && settings.has("ema_update"))
            throw settings.unsupported("learnable_codebook", "not with ema_update");
        options =
                new Options(
                        heads,
                        separate,
                        learnable,
                        updated && !learnable && !frozen,
                        settings.number("sync_update_v", 0),
                        settings.flag("return_zeros_for_masked_padding", true),
                        settings.flag("route_gradients_to_input", true),
                        image || volume || !last ? 1 : -1);
        int width = settings.whole("dim");
        // there the gradient is taken of distances to codes that the step has moved already
        if (options.learns && extras.usesDistances())
            throw settings.unsupported(
                    extras.crossEntropy()
                            ? "commitment_use_cross_entropy_loss"
                            : "codebook_diversity_loss_weight",
                    "not with moving averages; use ema_update = false or a learnable codebook");
        var averaged =
                layer(settings, variant, settings.whole("codebook_size"), "codebook_dim", width);
        var config = learnable ? byGradient(averaged) : averaged;
        commitment = config.commitment();
        boolean normalized = settings.flag("layernorm_after_project_in", false);
        var outer =
                new Frame.Config(
                        width,
                        config.width(),
                        heads,
                        normalized ? Projection.NORMALIZED : Projection.LINEAR,
                        1,
                        false);
        frame = new Frame(outer);
        quantizers = new ArrayList<>();
        for (int h = 0; h < (separate ? heads : 1); h++)
            quantizers.add(new VectorQuantizer(config, Seed.of(h)));
        settings.finish("VectorQuantize");
    }

    static VectorQuantizer.Config byGradient(VectorQuantizer.Config c) {
        return new VectorQuantizer.Config(
                c.codes(),
                c.width(),
                c.distance(),
                CodebookLearning.gradient(),
                c.commitment(),
                c.route(),
                c.revival());
    }

    /// Options that change the results in ways that are not done here.
    static final String[] MISSING = {
        "stochastic_sample_codes",
        "directional_reparam",
        "affine_param",
        "in_place_codebook_optimizer",
        "manual_ema_update",
        "vq_bridge"
    };

    /// The settings of one codebook.
    ///
    /// @param width the option that says how wide codes are
    /// @param outside how wide they are without it
    static VectorQuantizer.Config layer(
            LibrarySettings settings, Variant variant, int codes, String width, int outside) {
        settings.ignore(
                "steps",
                "kmeans_init",
                "kmeans_iters",
                "sync_kmeans",
                "sync_codebook",
                "sync_affine_param",
                "affine_param_batch_decay",
                "affine_param_codebook_decay",
                "sample_codebook_temp",
                "directional_reparam_variance",
                "manual_in_place_optimizer_update");
        boolean cosine = settings.flag("use_cosine_sim", false);
        boolean rotated = settings.flag("rotation_trick", false);
        double decay = settings.number("decay", 0.8), smoothing = settings.number("eps", 1e-5);
        return new VectorQuantizer.Config(
                codes,
                settings.whole(width, outside),
                variant.distance().orElse(cosine ? Distance.COSINE : Distance.EUCLIDEAN),
                new CodebookLearning(CodebookLearning.Rule.AVERAGE, decay, smoothing),
                settings.number("commitment_weight", 1),
                variant.route().orElse(rotated ? Route.ROTATION : Route.STRAIGHT_THROUGH),
                Revival.never());
    }

    static Map<String, Tensor> run(Fixture fixture, LibrarySettings settings) {
        return FixtureSteps.run(
                fixture,
                variant -> {
                    var model = new VqFixture(settings, variant);
                    model.load(fixture);
                    return model;
                });
    }

    private void load(Fixture fixture) {
        var weights = new LinkedHashMap<>(Safetensors.read(fixture.weightsFile()));
        for (int h = 0; h < quantizers.size(); h++)
            loadCodebook(quantizers.get(h), fixture, weights, "_codebook.", h);
        for (var name : List.of("embed_avg", "cluster_size"))
            Optional.ofNullable(weights.get("_codebook." + name))
                    .ifPresent(t -> untouched.put(name, t));
        weights.keySet().removeIf(name -> name.startsWith("_codebook."));
        frame.load(weights);
    }

    /// Fills a quantiser from the library's names.
    static void loadCodebook(
            VectorQuantizer quantizer,
            Fixture fixture,
            Map<String, Tensor> weights,
            String prefix,
            int head) {
        var embed = weights.get(prefix + "embed");
        if (embed == null)
            throw new CheckpointException(
                    fixture.weightsFile(), prefix + "embed", "is missing", "add it");
        var started = weights.get(prefix + "initted");
        if (started != null && started.to(DType.F32).item() == 0)
            throw new CheckpointException(
                    fixture.weightsFile(),
                    prefix + "initted",
                    "is false: the codebook would be drawn at random",
                    "write the fixture after its k-means");
        var state = new LinkedHashMap<>(quantizer.stateDict());
        state.put("codebook", embed.select(0, head));
        var sums = weights.getOrDefault(prefix + "embed_avg", embed);
        var sizes = weights.get(prefix + "cluster_size");
        if (state.containsKey("codebook_sum")) {
            state.put("codebook_sum", sums.select(0, head));
            if (sizes != null) state.put("cluster_size", sizes.select(0, head));
        }
        quantizer.load(state);
    }

    @Override
    public Map<String, Tensor> train(Tensor x, Map<String, Tensor> inputs) {
        var found = new LinkedHashMap<String, Tensor>();
        frame.clearGradients();
        quantizers.forEach(VectorQuantizer::clearGradients);
        var loss = quantize(x, inputs, true, found);
        QuantizerFixture.differentiate(found.get("quantized"), loss, inputs, x, found);
        QuantizerFixture.gradients(frame, found);
        found.put("embed", stacked("codebook"));
        if (options.learnable) {
            var codebooks = quantizers.stream().map(q -> q.stateDict().get("codebook")).toList();
            if (codebooks.getFirst().hasGrad())
                found.put(
                        "grad._codebook.embed",
                        Tensor.stack(codebooks.stream().map(Tensor::grad).toList(), 0));
            found.putAll(untouched);
            return found;
        }
        if (extras.orthogonal() > 0 && codebooks.getFirst().hasGrad())
            found.put(
                    "grad._codebook.embed",
                    Tensor.stack(codebooks.stream().map(Tensor::grad).toList(), 0));
        found.put("embed_avg", stacked("codebook_sum"));
        found.put("cluster_size", stacked("cluster_size"));
        return found;
    }

    @Override
    public Map<String, Tensor> eval(Tensor x, Map<String, Tensor> inputs) {
        var found = new LinkedHashMap<String, Tensor>();
        try (var _ = Grad.disabled()) {
            quantize(x, inputs, false, found);
        }
        return found;
    }

    /// Quantises, and learns in training.
    ///
    /// @return the loss
    private Tensor quantize(
            Tensor x, Map<String, Tensor> inputs, boolean training, Map<String, Tensor> found) {
        boolean moved = options.axis == 1 && x.rank() > 2;
        var z = moved ? x.movedim(1, -1) : x;
        var mask = mask(inputs, z);
        var vectors = frame.split(frame.project(z));
        var parts = options.separate ? vectors.unbind(-2) : List.of(vectors);
        var done = new ArrayList<Quantized>();
        for (int h = 0; h < parts.size(); h++) {
            var quantizer = quantizers.get(h);
            var part = parts.get(h);
            done.add(
                    mask.isPresent()
                            ? quantizer.forward(part, mask.get().unsqueeze(-1))
                            : quantizer.forward(part));
        }
        var loss = loss(parts, done, mask.map(m -> new Padded(z, m)));
        if (training) loss = loss.add(extras.ofDistances(quantizers, parts));
        var codes = new ArrayList<Tensor>();
        for (int h = 0; h < parts.size(); h++)
            codes.add(codes(quantizers.get(h), done.get(h), training));
        var ids = joined(done.stream().map(Quantized::ids).toList(), -1);
        var out = frame.join(joined(codes, -2));
        if (mask.isPresent()) {
            var padding = options.zeros ? Tensor.zerosLike(z) : z;
            out = Tensor.where(mask.get().unsqueeze(-1), out, padding);
        }
        found.put("quantized", moved ? out.movedim(-1, 1) : out);
        found.put("indices", options.heads == 1 ? ids.squeeze(-1) : ids);
        if (!training) return Tensor.zeros();
        if (options.learns)
            for (int h = 0; h < parts.size(); h++) {
                quantizers.get(h).endStep(List.of(done.get(h)), Seed.of(0));
                checkAlive(quantizers.get(h), alive);
            }
        codebooks = quantizers.stream().map(LossTerms::leaf).toList();
        if (!options.learnable && extras.orthogonal() > 0)
            codebooks.forEach(c -> c.requiresGrad_(true));
        loss = loss.add(extras.ofCodes(codebooks, done));
        found.put("commit_loss", loss);
        return loss;
    }

    /// @throws IllegalArgumentException if the library would have drawn a code at random
    static void checkAlive(VectorQuantizer quantizer, double least) {
        if (quantizer.stateDict().get("cluster_size").min().item() < least)
            throw new IllegalArgumentException(
                    "a code was used less than threshold_ema_dead_code = %s, so the library replaced it at random; write the fixture with 0"
                            .formatted(least));
    }

    private Tensor joined(List<Tensor> parts, int axis) {
        return options.separate ? Tensor.stack(parts, axis) : parts.getFirst();
    }

    /// Inputs of which some are padding.
    private record Padded(Tensor z, Tensor mask) {

        Tensor real(Tensor vectors) {
            var rows = mask.flatten().nonzero().flatten();
            return vectors.reshape(-1, vectors.size(-1)).indexSelect(0, rows);
        }
    }

    /// Codes that learn by gradient do so through the commitment itself, in the library. Where
    /// there is padding, codes are committed to inputs as they came, whatever the distance.
    private Tensor loss(List<Tensor> parts, List<Quantized> done, Optional<Padded> padded) {
        var losses = new ArrayList<Tensor>();
        for (int h = 0; h < parts.size(); h++) {
            var quantizer = quantizers.get(h);
            var quantized = done.get(h);
            var part = parts.get(h);
            if (extras.crossEntropy()) {
                var real = padded.map(p -> p.real(part)).orElse(part);
                var ids = padded.map(p -> p.real(quantized.ids().unsqueeze(-1)));
                losses.add(
                        LossTerms.crossEntropy(quantizer, real, ids.orElse(quantized.ids()))
                                .mul(commitment));
                continue;
            }
            if (!options.learnable && padded.isEmpty()) {
                losses.add(quantized.loss());
                continue;
            }
            var ids = quantized.ids();
            var codes = quantizer.lookup(ids.mul(ids.ge(0L).to(DType.I64)));
            var learned = options.learnable ? codes : codes.detach();
            losses.add(
                    padded.map(p -> Functional.mseLoss(p.real(learned), p.real(p.z())))
                            .orElseGet(() -> Functional.mseLoss(learned, part))
                            .mul(commitment));
        }
        return Tensor.stack(losses, 0).mean();
    }

    private Tensor codes(VectorQuantizer quantizer, Quantized quantized, boolean training) {
        var ids = quantized.ids();
        if (!training || !options.routed)
            return quantizer.lookup(ids.mul(ids.ge(0L).to(DType.I64))).detach();
        var embedding = quantized.embedding();
        if (options.sync == 0) return embedding;
        return embedding.add(embedding.sub(embedding.detach()), options.sync);
    }

    private Optional<Tensor> mask(Map<String, Tensor> inputs, Tensor z) {
        var lens = inputs.get("lens");
        var mask =
                Optional.ofNullable(inputs.get("mask"))
                        .map(m -> m.to(DType.BOOL))
                        .or(() ->
                                Optional.ofNullable(lens)
                                        .map(l -> Tensor.arange(z.size(1)).lt(l.unsqueeze(-1))));
        boolean plain = options.heads == 1 && frame.stateDict().isEmpty();
        if (mask.isPresent() && !plain)
            throw new IllegalArgumentException(
                    "the fixture has a mask, which is supported for one head without projection only");
        return mask;
    }

    private Tensor stacked(String name) {
        return Tensor.stack(quantizers.stream().map(q -> q.stateDict().get(name)).toList(), 0);
    }
}
