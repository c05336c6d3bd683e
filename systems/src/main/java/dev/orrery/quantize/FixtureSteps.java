package dev.orrery.quantize;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Fixtures that train for some steps on `x.0`, `x.1` and so on and then quantise `x.0` once more:
/// `VARIANT.step0.NAME` and `VARIANT.eval.NAME`, or plain names where there is a single batch `x`.
///
/// The variant may be left out; `ste` and `rot` say how gradients pass, `cos` and `euc` which
/// distance is meant.
final class FixtureSteps {

    private static final Pattern STEP = Pattern.compile("(?:(\\w+)\\.)?(?:step\\d+|eval)\\.(.+)");

    /// How a variant differs from the configuration.
    record Variant(Optional<Route> route, Optional<Distance> distance) {

        static Variant named(String name) {
            var none = Optional.<Distance>empty();
            return switch (name) {
                case "" -> new Variant(Optional.empty(), none);
                case "ste" -> new Variant(Optional.of(Route.STRAIGHT_THROUGH), none);
                case "rot" -> new Variant(Optional.of(Route.ROTATION), none);
                case "cos", "cosine" -> new Variant(Optional.empty(), Optional.of(Distance.COSINE));
                case "euc", "euclidean" ->
                        new Variant(Optional.empty(), Optional.of(Distance.EUCLIDEAN));
                default ->
                        throw new IllegalArgumentException(
                                "the fixture expects results of a variant '%s'; known are ste, rot, cos and euc"
                                        .formatted(name));
            };
        }
    }

    /// A quantiser that is trained step by step.
    interface Trained {

        /// Quantises a batch, learns from it, and gives results by name.
        Map<String, Tensor> train(Tensor x, Map<String, Tensor> inputs);

        /// Quantises a batch without learning.
        Map<String, Tensor> eval(Tensor x, Map<String, Tensor> inputs);
    }

    private FixtureSteps() {}

    static Map<String, Tensor> run(Fixture fixture, Function<Variant, Trained> build) {
        var inputs = fixture.inputs();
        var found = new LinkedHashMap<String, Tensor>();
        for (var name : variants(fixture.expected().keySet())) {
            var prefix = name.isEmpty() ? "" : name + ".";
            var model = build.apply(Variant.named(name));
            var batches = batches(inputs);
            for (int i = 0; i < batches.size(); i++) {
                var step = prefix + "step" + i + ".";
                var x = batches.get(i).copy().requiresGrad_(true);
                model.train(x, at(inputs, i))
                        .forEach((key, value) -> {
                            found.put(step + key, value.detach().copy());
                            if (batches.size() == 1) found.put(prefix + key, value.detach().copy());
                        });
            }
            var last = inputs.getOrDefault("x.eval", batches.getFirst());
            model.eval(last, at(inputs, 0))
                    .forEach((key, value) -> found.put(prefix + "eval." + key, value.detach()));
        }
        return found;
    }

    /// Inputs of one step: `w.1` and `mask.1` take the places of `w` and `mask`.
    private static Map<String, Tensor> at(Map<String, Tensor> inputs, int step) {
        var own = new LinkedHashMap<>(inputs);
        for (var name : List.of("w", "mask", "lens"))
            if (inputs.containsKey(name + "." + step)) own.put(name, inputs.get(name + "." + step));
        return own;
    }

    private static List<Tensor> batches(Map<String, Tensor> inputs) {
        if (inputs.containsKey("x")) return List.of(inputs.get("x"));
        var batches =
                Stream.iterate(0, i -> inputs.containsKey("x." + i), i -> i + 1)
                        .map(i -> inputs.get("x." + i))
                        .toList();
        if (batches.isEmpty())
            throw new IllegalArgumentException(
                    "the fixture needs inputs called x, or x.0 and so on; it has %s"
                            .formatted(inputs.keySet()));
        return batches;
    }

    private static Set<String> variants(Set<String> expected) {
        var variants = new LinkedHashSet<String>();
        for (var name : expected) {
            var parts = STEP.matcher(name);
            if (parts.matches()) variants.add(Optional.ofNullable(parts.group(1)).orElse(""));
            else variants.add("");
        }
        return variants;
    }
}
