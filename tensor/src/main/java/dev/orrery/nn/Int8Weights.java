package dev.orrery.nn;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
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

    private static final long CHUNK = 1L << 24;

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
        long rows = weight.size(0), step = Math.max(1, CHUNK / weight.size(1));
        var wholes = new ArrayList<Tensor>();
        var scales = new ArrayList<Tensor>();
        try (var _ = TensorScope.open()) {
            for (long from = 0; from < rows; from += step) {
                var part =
                        weight.detach().narrow(0, from, Math.min(step, rows - from)).to(DType.F32);
                var scale =
                        part.abs()
                                .amax(new long[] {1}, true)
                                .div(LARGEST)
                                .clampMin(Float.MIN_NORMAL)
                                .to(DType.BF16);
                wholes.add(
                        part.div(scale.to(DType.F32))
                                .round()
                                .clamp(-LARGEST, LARGEST)
                                .to(DType.I8));
                scales.add(scale.flatten(0, 1));
            }
            var made =
                    new Rounded(
                            TensorScope.release(Tensor.cat(wholes, 0)),
                            TensorScope.release(Tensor.cat(scales, 0)));
            rounded.add(made);
            return made;
        }
    }

    /// Bytes of all rounded weights with their scales.
    public long bytes() {
        return rounded.stream().mapToLong(r -> r.whole.numel() + 2 * r.scale.numel()).sum();
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
    /// @param whole I8 `(outputs, inputs)`
    /// @param scale BF16 `(outputs)`
    record Rounded(Tensor whole, Tensor scale) implements WeightChange {

        @Override
        public Tensor weight(Tensor stored) {
            return whole.to(DType.F32).mul(scale.to(DType.F32).unsqueeze(1)).to(stored.dtype());
        }

        /// Rows are looked up as they are stored; only products are rounded.
        @Override
        public Tensor rows(Tensor ids, Tensor stored) {
            return Functional.embedding(ids, stored);
        }

        @Override
        public Tensor forward(Tensor x, Tensor stored, @Nullable Tensor bias) {
            if (Grad.isEnabled() && x.requiresGrad()) {
                return Precision.linear(x, weight(stored), bias);
            }
            try (var _ = Grad.disabled()) {
                var shape = x.shape();
                shape[shape.length - 1] = whole.size(0);
                var product =
                        Int8Product.on(whole.device())
                                .of(x.reshape(-1, whole.size(1)), whole, scale)
                                .reshape(shape)
                                .to(x.dtype());
                return bias == null ? product : product.add(bias);
            }
        }

        private void close() {
            whole.close();
            scale.close();
        }
    }
}
