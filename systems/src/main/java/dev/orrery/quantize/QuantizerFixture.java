package dev.orrery.quantize;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// Fixtures of vector-quantize-pytorch 1.31: `FSQ`, `LFQ`, `VectorQuantize`, their residual forms,
/// and those in groups, under the options of that library.
///
/// The scalar that is differentiated is `sum(quantized * w)` and the losses.
public final class QuantizerFixture implements FixtureModel {

    @Override
    public String name() {
        return "quantizers (FSQ, LFQ, VectorQuantize and their residual and grouped forms)";
    }

    @Override
    public boolean runs(Fixture fixture) {
        return fixture.kind().equals("quantizer");
    }

    @Override
    public Map<String, Tensor> run(Fixture fixture) {
        var settings = LibrarySettings.of(fixture);
        var kind = kind(fixture, settings);
        return switch (kind) {
            case "FSQ" -> FsqFixture.run(fixture, settings);
            case "LFQ" -> LfqFixture.run(fixture, settings);
            case "VectorQuantize" -> VqFixture.run(fixture, settings);
            case "ResidualVQ" -> ResidualFixture.run(fixture, settings, false);
            case "GroupedResidualVQ" -> ResidualFixture.run(fixture, settings, true);
            case "ResidualFSQ", "ResidualLFQ" ->
                    ResidualScalarFixture.run(fixture, settings, kind, false);
            case "GroupedResidualFSQ", "GroupedResidualLFQ" ->
                    ResidualScalarFixture.run(
                            fixture, settings, kind.substring("Grouped".length()), true);
            default ->
                    throw new IllegalArgumentException(
                            "%s: class %s is not supported here; FSQ, LFQ, VectorQuantize and their residual forms, ResidualVQ in groups or not, are"
                                    .formatted(fixture.folder(), kind));
        };
    }

    private static String kind(Fixture fixture, LibrarySettings settings) {
        if (!fixture.modelClass().isEmpty()) return fixture.modelClass();
        return (settings.has("groups") ? "Grouped" : "") + ungrouped(fixture, settings);
    }

    private static String ungrouped(Fixture fixture, LibrarySettings settings) {
        if (settings.has("levels")) return settings.has("num_quantizers") ? "ResidualFSQ" : "FSQ";
        if (fixture.title().toLowerCase(Locale.ROOT).matches("look-?up.free.*")
                || settings.has("entropy_loss_weight")
                || settings.has("diversity_gamma"))
            return settings.has("num_quantizers") ? "ResidualLFQ" : "LFQ";
        if (settings.has("num_quantizers") || settings.isList("codebook_size")) return "ResidualVQ";
        return "VectorQuantize";
    }

    /// Loads a module from the fixture's weights, if it has anything to load.
    static void load(Module module, Fixture fixture) {
        if (module.stateDict().isEmpty()) return;
        var weights = new LinkedHashMap<>(Safetensors.read(fixture.weightsFile()));
        weights.remove("mask");
        module.load(weights);
    }

    /// Differentiates `sum(quantized * w) + losses`, and keeps gradients of the input and of the
    /// module's parameters, called as in the library.
    static void differentiate(
            Tensor quantized,
            Tensor losses,
            Map<String, Tensor> inputs,
            Tensor x,
            Map<String, Tensor> found) {
        var weight = inputs.get("w");
        if (weight == null) return;
        var loss = quantized.mul(weight).sum().add(losses);
        found.put("loss", loss.detach());
        loss.backward();
        found.put("grad_x", x.grad());
        found.put("grad_z", x.grad());
    }

    /// Gradients of parameters as `grad.NAME`.
    static void gradients(Module module, Map<String, Tensor> found) {
        module.namedParameters()
                .forEach((name, parameter) -> {
                    if (parameter.hasGrad()) found.put("grad." + name, parameter.grad());
                });
    }

    /// An input by the first name that is there, as a leaf that gathers gradients.
    static Tensor leaf(Map<String, Tensor> inputs, String... names) {
        for (var name : names)
            if (inputs.containsKey(name)) return inputs.get(name).copy().requiresGrad_(true);
        throw new IllegalArgumentException(
                "the fixture needs an input called %s, it has %s"
                        .formatted(String.join(" or ", names), inputs.keySet()));
    }
}
