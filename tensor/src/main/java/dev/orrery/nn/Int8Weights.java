package dev.orrery.nn;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The weights of a model's linear layers and output layer as whole numbers of 8 bits, for
/// inference: half the memory traffic of bf16, which is what bounds the writing of single tokens.
///
/// ```java
/// try (var rounded = Int8Weights.of(lm)) { … }   // close() gives the weights back
/// ```
///
/// Each row of a weight has one scale, a bf16 number, so that what is stored is exactly `whole ·
/// scale`. Inputs of products are rounded, to bf16 or finer ([Int8Product]). The stored weights
/// stay where they are: mapped ones take no memory once nothing reads them. Layers whose inputs are
/// no multiple of 32, or that an adapter changes, keep their weights.
public final class Int8Weights implements AutoCloseable {

    private static final int MULTIPLE = 32, LARGEST = 127;

    /// Numbers that are rounded at a time: what is made on the way stays in the cache.
    private static final long CHUNK = 1L << 20;

    private final List<Rounded> rounded;
    private final List<Adaptable> changed;

    private Int8Weights(List<Rounded> rounded, List<Adaptable> changed) {
        this.rounded = rounded;
        this.changed = changed;
    }

    /// Rounds the weights of a model; its forward uses them until [#close()].
    ///
    /// @throws IllegalArgumentException if there is no layer that can be rounded
    public static Int8Weights of(Module model) {
        var found = new Int8Weights(new ArrayList<>(), new ArrayList<>());
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            found.walk(model);
        }
        if (found.rounded.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s has no linear layer whose inputs are a multiple of %d; keep its weights as they are"
                            .formatted(model.getClass().getSimpleName(), MULTIPLE));
        }
        return found;
    }

    private void walk(Module module) {
        if (module instanceof Adaptable layer && suits(layer)) {
            layer.change(round(layer.storedWeight()));
            changed.add(layer);
        }
        module.children().values().forEach(this::walk);
    }

    private static boolean suits(Adaptable layer) {
        return switch (layer) {
            case Linear _, Embedding _ -> {
                var weight = layer.storedWeight();
                yield layer.isUnchanged()
                        && weight.size(1) % MULTIPLE == 0
                        && Int8Product.suits(weight.size(1))
                        && weight.dtype().isFloating();
            }
            case Conv1d _, Conv2d _ -> false;
        };
    }

    private Rounded round(Tensor weight) {
        var wholes = new ArrayList<Tensor>();
        var scales = new ArrayList<Tensor>();
        try (var _ = TensorScope.open()) {
            byRows(
                    weight,
                    (scope, part) -> {
                        var scale = steps(part);
                        wholes.add(scope.keep(whole(part, scale)));
                        scales.add(scope.keep(scale.flatten(0, 1)));
                    });
            var product = Int8Product.on(weight.device());
            var made =
                    new Rounded(
                            product,
                            product.keep(Tensor.cat(wholes, 0), Tensor.cat(scales, 0)).released(),
                            weight.size(0),
                            weight.size(1));
            rounded.add(made);
            return made;
        }
    }

    /// Some rows of a weight at a time, as F32, each in a scope of its own.
    private static void byRows(Tensor weight, BiConsumer<TensorScope, Tensor> each) {
        long rows = weight.size(0), step = Math.max(1, CHUNK / weight.size(1));
        for (long from = 0; from < rows; from += step) {
            try (var scope = TensorScope.open()) {
                var part = weight.detach().narrow(0, from, Math.min(step, rows - from));
                each.accept(scope, part.to(DType.F32));
            }
        }
    }

    /// The scale of each row: BF16 `(rows, 1)`.
    private static Tensor steps(Tensor part) {
        return part.abs()
                .amax(new long[] {1}, true)
                .div(LARGEST)
                .clampMin(Float.MIN_NORMAL)
                .to(DType.BF16);
    }

    private static Tensor whole(Tensor part, Tensor scale) {
        return part.div(scale.to(DType.F32)).round().clamp(-LARGEST, LARGEST).to(DType.I8);
    }

    /// Bytes of all rounded weights with their scales.
    public long bytes() {
        return rounded.stream()
                .mapToLong(r -> r.outputs * (r.inputs + r.kept.scale().dtype().bytes()))
                .sum();
    }

    /// Layers that were rounded.
    public int layers() {
        return rounded.size();
    }

    private static void requireBare(Adaptable layer) {
        if (!(layer.change() instanceof Rounded)) {
            throw new IllegalStateException(
                    "an adapter is still on a rounded layer; detach it first");
        }
    }

    /// Gives every layer its own weight back.
    ///
    /// @throws IllegalStateException while an adapter is on one of them
    @Override
    public void close() {
        changed.forEach(Int8Weights::requireBare);
        changed.forEach(Adaptable::unchange);
        changed.clear();
        rounded.forEach(Rounded::close);
        rounded.clear();
    }

    /// One weight.
    ///
    /// @param product what multiplies it
    /// @param kept as that product keeps it
    /// @param outputs rows
    /// @param inputs numbers of a row
    record Rounded(Int8Product product, Int8Product.Kept kept, long outputs, long inputs)
            implements WeightChange {

        /// The stored weight, rounded anew: what is kept can only be multiplied.
        @Override
        public Tensor weight(Tensor stored) {
            var parts = new ArrayList<Tensor>();
            byRows(
                    stored,
                    (scope, part) -> {
                        var steps = Int8Weights.steps(part).to(DType.F32);
                        var whole = whole(part, steps).to(DType.F32);
                        parts.add(scope.keep(whole.mul(steps).to(stored.dtype())));
                    });
            return Tensor.cat(parts, 0);
        }

        /// Rows are looked up as they are stored; only products are rounded.
        @Override
        public Tensor rows(Tensor ids, Tensor stored) {
            return Functional.embedding(ids, stored);
        }

        @Override
        public Tensor scores(Tensor x, Tensor stored) {
            return forward(x, stored, null);
        }

        @Override
        public Tensor forward(Tensor x, Tensor stored, @Nullable Tensor bias) {
            if (Grad.isEnabled() && x.requiresGrad()) {
                return Precision.linear(x, weight(stored), bias);
            }
            try (var _ = Grad.disabled()) {
                var shape = x.shape();
                shape[shape.length - 1] = outputs;
                var out = product.of(x.reshape(-1, inputs), kept).reshape(shape).to(x.dtype());
                return bias == null ? out : out.add(bias);
            }
        }

        private void close() {
            kept.close();
        }
    }
}
