package dev.orrery.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Type;

/// Java values boxed as the dispatcher's, by the type that the operator asks for, and back.
final class Boxes {

    private Boxes() {}

    /// @throws ClassCastException if the value does not suit the type
    static IValue box(Type type, Object value) {
        return switch (type.kind().intern()) {
            case OptionalType -> optional(type, value);
            case TensorType -> Natives.get(() -> new IValue(Tensor.at(value)));
            case ListType -> list(type, value);
            case IntType, SymIntType, ScalarTypeType -> new IValue(whole(value));
            case FloatType -> new IValue(((Number) value).doubleValue());
            case NumberType -> number(value);
            case BoolType -> new IValue((boolean) (Boolean) value);
            case StringType -> new IValue((String) value);
            case DeviceObjType -> {
                try (var device = ((Device) value).at()) {
                    yield new IValue(device);
                }
            }
            default -> throw new ClassCastException();
        };
    }

    private static IValue optional(Type type, Object value) {
        if (value instanceof Optional<?> maybe) {
            return maybe.isEmpty() ? new IValue() : optional(type, maybe.get());
        }
        try (var inner = type.containedType(0)) {
            return box(inner.get(), value);
        }
    }

    private static IValue list(Type type, Object value) {
        List<?> elements =
                switch (value) {
                    case List<?> list -> list;
                    case long[] longs -> Arrays.stream(longs).boxed().toList();
                    case double[] doubles -> Arrays.stream(doubles).boxed().toList();
                    case boolean[] flags ->
                            IntStream.range(0, flags.length).mapToObj(i -> flags[i]).toList();
                    default -> throw new ClassCastException();
                };
        try (var inner = type.containedType(0);
                var boxed = new GenericList(inner)) {
            boxed.reserve(elements.size());
            for (var element : elements) {
                try (var box = box(inner.get(), element)) {
                    boxed.push_back(box);
                }
            }
            return new IValue(boxed);
        }
    }

    private static IValue number(Object value) {
        return switch (value) {
            case Boolean flag -> new IValue((boolean) flag);
            case Double d -> new IValue((double) d);
            case Float f -> new IValue((double) f);
            default -> new IValue(whole(value));
        };
    }

    private static long whole(Object value) {
        return switch (value) {
            case Long n -> n;
            case Integer n -> n;
            case Short n -> n;
            case Byte n -> n;
            case DType dtype -> dtype.scalar().value;
            default -> throw new ClassCastException();
        };
    }

    /// A tensor, a list, a Long, a Double, a Boolean, a String, or an empty Optional.
    static Object unbox(IValue value) {
        if (value.isTensor()) return tensor(value);
        if (value.isNone()) return Optional.empty();
        if (value.isBool()) return value.toBool();
        if (value.isInt()) return value.toInt();
        if (value.isDouble()) return value.toDouble();
        if (value.isScalar()) return scalar(value.toScalar());
        if (value.isString()) return value.toStringRef().getString();
        if (value.isTensorList()) return Natives.tensors(value::toTensorVector);
        if (value.isList()) {
            try (var list = value.toList();
                    var elements = list.vec()) {
                return IntStream.range(0, (int) elements.size())
                        .mapToObj(i -> unbox(elements.get(i)))
                        .toList();
            }
        }
        try (var kind = value.tagKind()) {
            throw new UnsupportedOperationException(
                    "operator returned %s, which has no Java form".formatted(kind.getString()));
        }
    }

    private static Tensor tensor(IValue value) {
        try (var shared = value.toTensor()) {
            return Tensor.wrap(new org.bytedeco.pytorch.Tensor(shared));
        }
    }

    private static Object scalar(Scalar scalar) {
        try (scalar) {
            return scalar.isFloatingPoint() ? (Object) scalar.toDouble() : (Object) scalar.toLong();
        }
    }
}
