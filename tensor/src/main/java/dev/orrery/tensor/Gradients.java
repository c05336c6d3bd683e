package dev.orrery.tensor;

import static dev.orrery.tensor.Natives.tensor;
import static dev.orrery.tensor.Natives.update;
import static dev.orrery.tensor.Tensor.at;

import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.TensorArrayRefOptional;

/// Derivatives by automatic differentiation; see also [Grad].
public sealed interface Gradients permits Tensor {

    /// Asks for gradients of this tensor; returns it.
    default Tensor requiresGrad_(boolean on) {
        return update(this, () -> at(this).set_requires_grad(on));
    }

    /// Whether gradients are tracked for this tensor.
    default boolean requiresGrad() {
        return Natives.get(() -> at(this).requires_grad());
    }

    /// Whether it was made by the user rather than by a recorded operation.
    default boolean isLeaf() {
        return Natives.get(() -> at(this).is_leaf());
    }

    /// Adds the gradients of this scalar to every leaf that asked for them.
    default void backward() {
        Natives.run(() -> at(this).backward());
    }

    /// Adds gradients, weighted by `gradient`, to every leaf that asked for them.
    default void backward(Tensor gradient) {
        try (var keep = new BoolOptional();
                var inputs = new TensorArrayRefOptional()) {
            Natives.run(() -> at(this).backward(at(gradient), keep, false, inputs));
        }
    }

    /// Whether a gradient has been computed.
    default boolean hasGrad() {
        return Natives.get(() -> at(this).grad().defined());
    }

    /// The gradient.
    ///
    /// @throws IllegalStateException if none has been computed
    default Tensor grad() {
        if (!hasGrad()) {
            throw new IllegalStateException(
                    "tensor %s has no gradient; call requiresGrad_(true) before and backward() after using it"
                            .formatted(this));
        }
        return tensor(() -> new org.bytedeco.pytorch.Tensor(at(this).grad()));
    }

    /// Replaces the gradient, as when one is gathered elsewhere.
    default void setGrad(Tensor gradient) {
        Natives.run(() -> at(this).mutable_grad().put(at(gradient)));
    }

    /// Forgets the gradient.
    default void clearGrad() {
        Natives.run(() -> at(this).mutable_grad().reset());
    }

    /// A view that gradients do not flow through.
    default Tensor detach() {
        return tensor(() -> at(this).detach());
    }

    /// Makes this tensor the other's twin: same memory, type and shape, while staying the leaf that
    /// gradients are gathered on. Returns this.
    default Tensor setData_(Tensor other) {
        return update(
                this,
                () -> {
                    at(this).__dispatch_set_data(at(other));
                    return this;
                });
    }
}
