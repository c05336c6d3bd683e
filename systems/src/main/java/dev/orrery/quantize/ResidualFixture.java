package dev.orrery.quantize;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.quantize.FixtureSteps.Trained;
import dev.orrery.quantize.FixtureSteps.Variant;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The library's `ResidualVQ`: a projection around a [ResidualQuantizer].
final class ResidualFixture implements Trained {

    private final boolean learns;
    private final double alive;
    private final Frame frame;
    private final ResidualQuantizer quantizer;

    private ResidualFixture(LibrarySettings settings, Variant variant) {
        settings.off(VqFixture.MISSING);
        settings.off(
                "quantize_dropout",
                "accept_image_fmap",
                "implicit_neural_codebook",
                "diveq",
                "beam_size",
                "eval_beam_size",
                "learnable_codebook",
                "sync_update_v");
        settings.only("heads", 1);
        settings.ignore(
                "quantize_dropout_cutoff_index",
                "quantize_dropout_multiple_of",
                "beam_score_quantizer_weights",
                "mlp_kwargs");
        alive = settings.number("threshold_ema_dead_code", 0);
        learns = settings.flag("ema_update", true) && !settings.flag("freeze_codebook", false);
        var layers = new ArrayList<VectorQuantizer.Config>();
        for (int codes : sizes(settings))
            layers.add(VqFixture.layer(settings, variant, codes, "codebook_dim"));
        quantizer =
                new ResidualQuantizer(
                        new ResidualQuantizer.Config(
                                layers,
                                settings.flag("shared_codebook", false),
                                settings.number("quant_grad_frac", 0)),
                        Seed.of(0));
        frame = new Frame(new Frame.Config(settings.whole("dim"), layers.getFirst().width(), 1));
        settings.finish("ResidualVQ");
    }

    private static List<Integer> sizes(LibrarySettings settings) {
        if (settings.isList("codebook_size")) {
            settings.ignore("num_quantizers");
            return settings.wholes("codebook_size");
        }
        return Collections.nCopies(
                settings.whole("num_quantizers"), settings.whole("codebook_size"));
    }

    static Map<String, Tensor> run(Fixture fixture, LibrarySettings settings) {
        if (fixture.inputs().containsKey("mask"))
            throw new IllegalArgumentException(
                    "%s: masks are not supported for ResidualVQ here".formatted(fixture.folder()));
        return FixtureSteps.run(
                fixture,
                variant -> {
                    var model = new ResidualFixture(settings, variant);
                    model.load(fixture);
                    return model;
                });
    }

    private void load(Fixture fixture) {
        var weights = new LinkedHashMap<>(Safetensors.read(fixture.weightsFile()));
        boolean shared = quantizer.config().shared();
        for (int i = 0; i < (shared ? 1 : quantizer.layers().size()); i++)
            VqFixture.loadCodebook(
                    quantizer.layers().get(i), fixture, weights, "layers." + i + "._codebook.", 0);
        weights.keySet().removeIf(name -> name.startsWith("layers."));
        frame.load(weights);
    }

    @Override
    public Map<String, Tensor> train(Tensor x, Map<String, Tensor> inputs) {
        frame.clearGradients();
        var residual = quantizer.forward(frame.project(x));
        var out = frame.join(residual.embedding().unsqueeze(-2));
        var found = new LinkedHashMap<String, Tensor>();
        found.put("quantized", out);
        found.put("indices", residual.ids());
        found.put("commit_losses", residual.losses());
        QuantizerFixture.differentiate(out, residual.losses().sum(), inputs, x, found);
        QuantizerFixture.gradients(frame, found);
        if (learns) {
            quantizer.endStep(List.of(residual), Seed.of(0));
            quantizer.layers().forEach(layer -> VqFixture.checkAlive(layer, alive));
        }
        for (int i = 0; i < quantizer.layers().size(); i++) {
            var state = quantizer.layers().get(i).stateDict();
            var layer = "layers." + i + ".";
            found.put(layer + "embed", state.get("codebook").unsqueeze(0));
            found.put(layer + "embed_avg", state.get("codebook_sum").unsqueeze(0));
            found.put(layer + "cluster_size", state.get("cluster_size").unsqueeze(0));
        }
        return found;
    }

    @Override
    public Map<String, Tensor> eval(Tensor x, Map<String, Tensor> inputs) {
        try (var _ = Grad.disabled()) {
            var ids = quantizer.forward(frame.project(x)).ids();
            var found = new LinkedHashMap<String, Tensor>();
            found.put("indices", ids);
            found.put("quantized", frame.join(quantizer.lookup(ids).unsqueeze(-2)));
            return found;
        }
    }
}
