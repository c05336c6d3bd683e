package dev.orrery.quantize;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.quantize.FixtureSteps.Trained;
import dev.orrery.quantize.FixtureSteps.Variant;
import dev.orrery.quantize.ResidualQuantizer.Residual;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The library's `ResidualVQ`, a projection around a [ResidualQuantizer], and its
/// `GroupedResidualVQ`, which has one for each group of channels.
final class ResidualFixture implements Trained {

    /// One residual quantiser.
    ///
    /// @param prefix before its names
    /// @param untouched averages of codes that do not follow them
    private record Group(
            String prefix,
            Frame frame,
            ResidualQuantizer quantizer,
            Map<String, Tensor> untouched) {}

    private final boolean grouped, learnable, learns;
    private final double alive, commitment;
    private final List<Group> groups = new ArrayList<>();

    private ResidualFixture(LibrarySettings settings, Variant variant, boolean grouped) {
        this.grouped = grouped;
        settings.off(VqFixture.MISSING);
        settings.off(
                "quantize_dropout",
                "accept_image_fmap",
                "implicit_neural_codebook",
                "diveq",
                "beam_size",
                "eval_beam_size",
                "commitment_use_cross_entropy_loss",
                "orthogonal_reg_weight",
                "codebook_diversity_loss_weight",
                "sync_update_v");
        settings.only("heads", 1);
        settings.ignore(
                "quantize_dropout_cutoff_index",
                "quantize_dropout_multiple_of",
                "beam_score_quantizer_weights",
                "orthogonal_reg_active_codes_only",
                "orthogonal_reg_max_codes",
                "codebook_diversity_temperature",
                "straight_through",
                "mlp_kwargs");
        alive = settings.number("threshold_ema_dead_code", 0);
        learnable = settings.flag("learnable_codebook", false);
        boolean averaged = settings.flag("ema_update", !learnable);
        if (learnable && averaged)
            throw settings.unsupported("learnable_codebook", "not with ema_update");
        learns = averaged && !settings.flag("freeze_codebook", false);
        boolean shared = settings.flag("shared_codebook", false);
        double passed = settings.number("quant_grad_frac", 0);
        if (learnable && (shared || passed > 0))
            throw settings.unsupported(
                    "learnable_codebook", "not with shared_codebook or quant_grad_frac");
        int many = grouped ? settings.whole("groups", 1) : 1;
        int width = settings.whole("dim") / many;
        var layers = new ArrayList<VectorQuantizer.Config>();
        for (int codes : sizes(settings)) {
            var layer = VqFixture.layer(settings, variant, codes, "codebook_dim", width);
            layers.add(learnable ? VqFixture.byGradient(layer) : layer);
        }
        commitment = layers.getFirst().commitment();
        var config = new ResidualQuantizer.Config(layers, shared, passed);
        for (int g = 0; g < many; g++) {
            var frame = new Frame(new Frame.Config(width, layers.getFirst().width(), 1));
            var prefix = grouped ? "rvqs." + g + "." : "";
            var quantizer = new ResidualQuantizer(config, Seed.of(g));
            groups.add(new Group(prefix, frame, quantizer, new LinkedHashMap<>()));
        }
        settings.finish(grouped ? "GroupedResidualVQ" : "ResidualVQ");
    }

    private static List<Integer> sizes(LibrarySettings settings) {
        if (settings.isList("codebook_size")) {
            settings.ignore("num_quantizers");
            return settings.wholes("codebook_size");
        }
        return Collections.nCopies(
                settings.whole("num_quantizers"), settings.whole("codebook_size"));
    }

    /// @param grouped whether channels are in groups
    static Map<String, Tensor> run(Fixture fixture, LibrarySettings settings, boolean grouped) {
        return FixtureSteps.run(
                fixture,
                variant -> {
                    var model = new ResidualFixture(settings, variant, grouped);
                    model.load(fixture);
                    return model;
                });
    }

    private void load(Fixture fixture) {
        var all = Safetensors.read(fixture.weightsFile());
        for (var group : groups) {
            var weights = named(all, group.prefix());
            var layers = group.quantizer().layers();
            boolean shared = group.quantizer().config().shared();
            for (int i = 0; i < (shared ? 1 : layers.size()); i++)
                VqFixture.loadCodebook(
                        layers.get(i), fixture, weights, "layers." + i + "._codebook.", 0);
            weights.forEach((name, tensor) -> {
                if (name.endsWith(".embed_avg") || name.endsWith(".cluster_size"))
                    group.untouched().put(name.replace("._codebook.", "."), tensor);
            });
            weights.keySet().removeIf(name -> name.startsWith("layers."));
            group.frame().load(weights);
        }
    }

    /// What begins with a prefix, without it.
    static Map<String, Tensor> named(Map<String, Tensor> all, String prefix) {
        var own = new LinkedHashMap<String, Tensor>();
        all.forEach((name, tensor) -> {
            if (name.startsWith(prefix)) own.put(name.substring(prefix.length()), tensor);
        });
        return own;
    }

    @Override
    public Map<String, Tensor> train(Tensor x, Map<String, Tensor> inputs) {
        var parts = x.chunk(groups.size(), -1);
        var done = new ArrayList<Residual>();
        var outs = new ArrayList<Tensor>();
        var losses = new ArrayList<Tensor>();
        for (int g = 0; g < groups.size(); g++) {
            var group = groups.get(g);
            group.frame().clearGradients();
            group.quantizer().clearGradients();
            var z = group.frame().project(parts.get(g));
            var residual = quantize(group, z, inputs);
            done.add(residual);
            outs.add(group.frame().join(residual.embedding().unsqueeze(-2)));
            losses.add(learnable ? committed(group, z, residual) : residual.losses());
        }
        var out = Tensor.cat(outs, -1);
        var found = new LinkedHashMap<String, Tensor>();
        found.put("quantized", out);
        found.put("indices", together(done.stream().map(Residual::ids).toList()));
        found.put("commit_losses", together(losses));
        QuantizerFixture.differentiate(out, found.get("commit_losses").sum(), inputs, x, found);
        for (int g = 0; g < groups.size(); g++) learned(groups.get(g), done.get(g), found);
        return found;
    }

    private Residual quantize(Group group, Tensor z, Map<String, Tensor> inputs) {
        var mask = Optional.ofNullable(inputs.get("mask")).map(m -> m.to(DType.BOOL));
        boolean plain =
                group.frame().stateDict().isEmpty()
                        && !learnable
                        && group.quantizer().layers().getFirst().config().distance()
                                == Distance.EUCLIDEAN;
        if (mask.isPresent() && !plain)
            throw new IllegalArgumentException(
                    "the fixture has a mask, which is supported for residual quantisers of Euclidean distance and moving averages without projection only");
        return mask.map(m -> group.quantizer().forward(z, m))
                .orElseGet(() -> group.quantizer().forward(z));
    }

    /// Losses of codes that learn through the commitment itself.
    private Tensor committed(Group group, Tensor z, Residual residual) {
        var losses = new ArrayList<Tensor>();
        var rest = z;
        for (int i = 0; i < residual.layers().size(); i++) {
            var quantized = residual.layers().get(i);
            var layer = group.quantizer().layers().get(i);
            losses.add(
                    Functional.mseLoss(layer.lookup(quantized.ids()), layer.prepare(rest))
                            .mul(commitment));
            rest = rest.sub(quantized.embedding().detach());
        }
        return Tensor.stack(losses, 0);
    }

    private Tensor together(List<Tensor> each) {
        return grouped ? Tensor.stack(each, 0) : each.getFirst();
    }

    private void learned(Group group, Residual residual, Map<String, Tensor> found) {
        var own = new LinkedHashMap<String, Tensor>();
        QuantizerFixture.gradients(group.frame(), own);
        own.forEach((name, gradient) ->
                found.put("grad." + group.prefix() + name.substring("grad.".length()), gradient));
        var layers = group.quantizer().layers();
        if (learns) {
            group.quantizer().endStep(List.of(residual), Seed.of(0));
            layers.forEach(layer -> VqFixture.checkAlive(layer, alive));
        }
        for (int i = 0; i < layers.size(); i++) {
            var state = layers.get(i).stateDict();
            var layer = group.prefix() + "layers." + i + ".";
            var codebook = state.get("codebook");
            found.put(layer + "embed", codebook.detach().unsqueeze(0));
            if (learnable) {
                if (codebook.hasGrad())
                    found.put("grad." + layer + "_codebook.embed", codebook.grad().unsqueeze(0));
                for (var average : List.of("embed_avg", "cluster_size")) {
                    var kept = group.untouched().get("layers." + i + "." + average);
                    if (kept != null) found.put(layer + average, kept);
                }
                continue;
            }
            found.put(layer + "embed_avg", state.get("codebook_sum").unsqueeze(0));
            found.put(layer + "cluster_size", state.get("cluster_size").unsqueeze(0));
        }
    }

    @Override
    public Map<String, Tensor> eval(Tensor x, Map<String, Tensor> inputs) {
        try (var _ = Grad.disabled()) {
            var parts = x.chunk(groups.size(), -1);
            var ids = new ArrayList<Tensor>();
            var outs = new ArrayList<Tensor>();
            for (int g = 0; g < groups.size(); g++) {
                var group = groups.get(g);
                var residual = quantize(group, group.frame().project(parts.get(g)), inputs);
                ids.add(residual.ids());
                boolean padded = inputs.containsKey("mask");
                var sum = padded ? residual.embedding() : group.quantizer().lookup(residual.ids());
                outs.add(group.frame().join(sum.unsqueeze(-2)));
            }
            var found = new LinkedHashMap<String, Tensor>();
            found.put("indices", together(ids));
            found.put("quantized", Tensor.cat(outs, -1));
            return found;
        }
    }
}
