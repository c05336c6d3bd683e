package dev.orrery.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// One native operator, ready to be called with Java arguments.
///
/// Found by [Dispatcher#operator]; it may be kept and shared between threads.
public final class Operator {

    private record Parameter(String name, Type type, @Nullable IValue preset) {}

    private final OperatorHandle handle;
    private final String schema;
    private final List<Parameter> parameters = new ArrayList<>();

    Operator(OperatorHandle handle) {
        this.handle = handle;
        var signature = handle.schema();
        schema = text(signature);
        var arguments = signature.arguments();
        for (long i = 0; arguments != null && i < arguments.limit(); i++) {
            var argument = arguments.getPointer(i);
            var preset = argument.default_value();
            parameters.add(
                    new Parameter(
                            argument.name().getString(),
                            argument.type().get(),
                            preset.has_value() ? preset.get() : null));
        }
    }

    /// Name, parameters with types and defaults, and results, in PyTorch's notation.
    public String schema() {
        return schema;
    }

    /// Calls the operator with its parameters in order; those left out at the end take their
    /// defaults.
    ///
    /// Each argument is a [Tensor], a [List] of tensors or numbers, a `long[]` or `double[]`, a
    /// number, a boolean, a [String], a [DType], a [Device], or [java.util.Optional#empty()] for
    /// none.
    ///
    /// @throws IllegalArgumentException if an argument does not suit its parameter; the message
    ///   quotes the schema
    public Outputs call(Object... arguments) {
        if (arguments.length > parameters.size()) {
            throw fault(
                    "takes %d arguments, got %d".formatted(parameters.size(), arguments.length));
        }
        try (var stack = new IValueVector()) {
            for (int i = 0; i < parameters.size(); i++) {
                var parameter = parameters.get(i);
                if (i < arguments.length) push(stack, parameter, arguments[i]);
                else if (parameter.preset != null) stack.push_back(parameter.preset);
                else throw fault("needs the argument '%s'".formatted(parameter.name));
            }
            Natives.run(() -> handle.callBoxed(stack));
            return Outputs.of(stack);
        }
    }

    static String text(FunctionSchema signature) {
        try (var text = torch.toString(signature)) {
            return text.getString();
        }
    }

    private void push(IValueVector stack, Parameter parameter, Object argument) {
        try (var value = Boxes.box(parameter.type, argument)) {
            stack.push_back(value);
        } catch (ClassCastException _) {
            throw fault(
                    "takes %s for '%s', got %s"
                            .formatted(
                                    parameter.type.str().getString(),
                                    parameter.name,
                                    describe(argument)));
        }
    }

    private static String describe(Object argument) {
        return switch (argument) {
            case long[] longs -> Arrays.toString(longs);
            case double[] doubles -> Arrays.toString(doubles);
            default -> argument.getClass().getSimpleName() + " " + argument;
        };
    }

    private IllegalArgumentException fault(String what) {
        return new IllegalArgumentException(
                "operator %s; its schema is %s".formatted(what, schema));
    }

    @Override
    public String toString() {
        return schema;
    }
}
