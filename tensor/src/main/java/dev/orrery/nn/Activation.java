package dev.orrery.nn;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;
import java.util.Arrays;

/// A function of each element, by the names that public configurations use.
public enum Activation implements Layer {
    IDENTITY("identity", "linear"),
    RELU("relu"),
    /// The exact Gaussian error unit.
    GELU("gelu"),
    /// The Gaussian error unit by its tanh formula.
    GELU_TANH("gelu_pytorch_tanh", "gelu_new", "gelu_fast"),
    /// `x sigmoid(1.702 x)`.
    QUICK_GELU("quick_gelu"),
    SILU("silu", "swish"),
    TANH("tanh"),
    SIGMOID("sigmoid"),
    ELU("elu"),
    SOFTPLUS("softplus"),
    MISH("mish");

    private final String[] names;

    Activation(String... names) {
        this.names = names;
    }

    /// The activation that a configuration calls `name`.
    public static Activation named(String name) {
        for (var activation : values())
            if (Arrays.asList(activation.names).contains(name)) return activation;
        throw new IllegalArgumentException(
                "no activation is called '%s'; use one of %s"
                        .formatted(name, Arrays.stream(values()).map(a -> a.names[0]).toList()));
    }

    @Override
    public Tensor forward(Tensor x) {
        return switch (this) {
            case IDENTITY -> x;
            case RELU -> Functional.relu(x);
            case GELU -> Functional.gelu(x);
            case GELU_TANH -> Functional.geluTanh(x);
            case QUICK_GELU -> x.mul(1.702).sigmoid().mul(x);
            case SILU -> Functional.silu(x);
            case TANH -> x.tanh();
            case SIGMOID -> x.sigmoid();
            case ELU -> Functional.elu(x);
            case SOFTPLUS -> Functional.softplus(x);
            case MISH -> Functional.mish(x);
        };
    }
}
