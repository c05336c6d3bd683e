package dev.orrery.worldmodel;

import dev.orrery.nn.Init;
import dev.orrery.nn.Layer;
import dev.orrery.nn.Module;
import dev.orrery.nn.Precision;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `silu(norm(W x + b))`, whose product can be worked out in pieces: what is known for a whole
/// sequence in one go, the rest step by step.
///
/// Names: `weight (outputs, inputs)`, `bias (outputs)` in the 2024 form, and the norm's.
public final class Dense extends Module implements Layer {

    private final Tensor weight;
    private final @Nullable Tensor bias;
    private final Form.Norm norm;

    public Dense(Form form, long inputs, long outputs, Seed seed) {
        weight = parameter("weight", form.init(inputs, outputs, 1), seed, outputs, inputs);
        bias = form.biased() ? parameter("bias", Init.ZEROS, seed, outputs) : null;
        norm = child("norm", form.norm(outputs));
    }

    @Override
    public Tensor forward(Tensor x) {
        return finish(Precision.linear(x, weight, bias));
    }

    /// The scales of the norms of two equally wide layers `(2, outputs)`, for [#together].
    static Tensor scales(Dense first, Dense second) {
        return Tensor.stack(List.of(first.norm.scale(), second.norm.scale()), 0);
    }

    /// The outputs of two layers with root-mean-square norms, each of its own input, side by side
    /// `(B, 2 outputs)`: what follows the products is done for both in one go.
    static Tensor together(Dense first, Tensor x, Dense second, Tensor y, Tensor scales) {
        var products =
                List.of(
                        Precision.linear(x, first.weight, first.bias),
                        Precision.linear(y, second.weight, second.bias));
        var both = Tensor.stack(products, 1);
        return Functional.silu(first.norm.unscaled(both).mul(scales)).flatten(1, 2);
    }

    /// The weights of some inputs side by side, for many products with them: `(outputs, count)`.
    Tensor columns(long start, long count) {
        return weight.narrow(1, start, count).contiguous();
    }

    /// The product with some inputs, bias included.
    ///
    /// @param start the first of them
    public Tensor part(Tensor x, long start) {
        return Precision.linear(x, weight.narrow(1, start, x.size(-1)), bias);
    }

    /// What `count` inputs from `start` on contribute when one of them is 1 and the others 0, which
    /// is a row of the weights: ids `(...)` to `(..., outputs)`.
    public Tensor chosen(Tensor ids, long start, long count) {
        return Functional.embedding(ids, weight.narrow(1, start, count).t());
    }

    /// Norm and activation of a whole product.
    public Tensor finish(Tensor product) {
        return Functional.silu(norm.forward(product));
    }
}
