package dev.orrery.lm;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.Weights;
import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/// A model whose results are compared with those of its reference.
///
/// Weights are widened to float32, whatever type they are stored in, as reference results are
/// computed in it.
///
/// @param model the model
/// @param weights how it was opened
/// @param fixture what it is compared with
public record ComparedModel<M extends Module>(M model, PublicWeights<M> weights, Fixture fixture) {

    private static final String GRADIENT = "grad.";

    /// Opens the weights of a fixture.
    ///
    /// @throws dev.orrery.checkpoint.CheckpointException naming what is missing, unexpected or
    ///   misshapen
    public static <M extends Module> ComparedModel<M> open(
            PublicWeights<M> weights, Fixture fixture) {
        var model = weights.open(fixture.weightsFile());
        boolean narrow =
                model.parameters().stream()
                        .anyMatch(p -> p.dtype().isFloating() && p.dtype() != DType.F32);
        if (narrow) model.to(DType.F32);
        return new ComparedModel<>(model, weights, fixture);
    }

    /// Puts `loss` and gradients into what was found: `grad.NAME` by the model's own names, and by
    /// those that the fixture asks for, which may be the file's or the reference's.
    public void differentiate(Tensor loss, Map<String, Tensor> found) {
        Reference.differentiate(model, loss, found);
        var missing =
                fixture.expected().keySet().stream()
                        .filter(name -> name.startsWith(GRADIENT) && !found.containsKey(name))
                        .toList();
        if (missing.isEmpty()) return;
        var names = namesOfFile();
        for (var wanted : missing) {
            var name = wanted.substring(GRADIENT.length());
            var gradient = found.get(GRADIENT + names.getOrDefault(name, ownName(name)));
            if (gradient != null) found.put(wanted, gradient);
        }
    }

    /// What a pass of the model gives, as often as it is asked for.
    ///
    /// @param output the name of the main one of the results
    public ComparedPass passing(String output, Function<M, Map<String, Tensor>> pass) {
        return new ComparedPass(this, output, () -> pass.apply(model));
    }

    /// Public paths of the model's modules by its own: those that tensors of the file lie in, and
    /// before them those of other names that the reference has.
    ///
    /// @param others names of tensors, such as `encoder.layers.0.self_attn.q_proj.weight`
    public Map<String, String> publicPaths(Collection<String> others) {
        var paths = new HashMap<String, String>();
        others.forEach(name -> {
            // a tied output layer is a module too, whose weight the model has under another name
            boolean here = has(model, name.substring(0, Math.max(0, name.lastIndexOf('.'))));
            addPaths(here ? name : ownName(name), name, paths);
        });
        namesOfFile().forEach((name, own) -> addPaths(own, name, paths));
        return paths;
    }

    /// The module that holds a tensor, and those around it whose names are the same in both.
    private static void addPaths(String own, String name, Map<String, String> paths) {
        String inner = own, outer = name;
        while (inner.contains(".") && outer.contains(".") && last(inner).equals(last(outer))) {
            inner = inner.substring(0, inner.lastIndexOf('.'));
            outer = outer.substring(0, outer.lastIndexOf('.'));
            paths.putIfAbsent(inner, outer);
        }
    }

    private static boolean has(Module module, String path) {
        return Stream.of(module.children(), module.views())
                .flatMap(parts -> parts.entrySet().stream())
                .anyMatch(part ->
                        path.equals(part.getKey())
                                || path.startsWith(part.getKey() + ".")
                                        && has(
                                                part.getValue(),
                                                path.substring(part.getKey().length() + 1)));
    }

    private static String last(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /// The model's names by those of the file.
    private Map<String, String> namesOfFile() {
        var stored = Weights.read(fixture.weightsFile());
        var own = new IdentityHashMap<Tensor, String>();
        weights.names().apply(stored).forEach((name, tensor) -> own.put(tensor, name));
        var names = new HashMap<String, String>();
        stored.forEach((name, tensor) -> {
            if (own.containsKey(tensor)) names.put(name, own.get(tensor));
        });
        return names;
    }

    /// What a name that the file does not have would be here.
    private String ownName(String name) {
        var one = weights.names().apply(Map.of(name, Tensor.zeros(1))).keySet();
        return one.size() == 1 ? one.iterator().next() : name;
    }
}
