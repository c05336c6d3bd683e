package dev.orrery.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.jspecify.annotations.Nullable;

/// Every call of the native library passes through here: its errors become Java's, the tensors it
/// uses stay reachable until it returns, and what it makes is wrapped.
final class Natives {

    private static final String FRAMES = "\nException raised from";

    private Natives() {}

    static void run(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            throw translated(e);
        } finally {
            Reference.reachabilityFence(call);
        }
    }

    static <T> T get(Supplier<T> call) {
        try {
            return call.get();
        } catch (RuntimeException e) {
            throw translated(e);
        } finally {
            Reference.reachabilityFence(call);
        }
    }

    static Tensor tensor(Supplier<org.bytedeco.pytorch.Tensor> call) {
        return Tensor.wrap(get(call));
    }

    /// A tensor from a call with a native argument, which is freed afterwards.
    static <P extends Pointer> Tensor tensor(
            P argument, Function<P, org.bytedeco.pytorch.Tensor> call) {
        try (argument) {
            return tensor(() -> call.apply(argument));
        }
    }

    /// A call that changes `self`, which is returned.
    static Tensor update(Object self, Supplier<?> call) {
        get(call);
        return (Tensor) self;
    }

    /// A call with a native argument, freed afterwards, that changes `self`, which is returned.
    static <P extends Pointer> Tensor update(Object self, P argument, Function<P, ?> call) {
        try (argument) {
            return update(self, () -> call.apply(argument));
        }
    }

    static List<Tensor> tensors(Supplier<TensorVector> call) {
        try (var vector = get(call)) {
            return unpack(vector);
        }
    }

    static Indexed indexed(Supplier<T_TensorTensor_T> call) {
        try (var pair = get(call)) {
            return new Indexed(share(pair.get0()), share(pair.get1()));
        }
    }

    static List<Tensor> unpack(TensorVector vector) {
        var list = new ArrayList<Tensor>();
        for (long i = 0; i < vector.size(); i++) list.add(share(vector.get(i)));
        return List.copyOf(list);
    }

    /// A tensor of its own for one that a native container owns.
    private static Tensor share(org.bytedeco.pytorch.Tensor element) {
        return Tensor.wrap(new org.bytedeco.pytorch.Tensor(element));
    }

    static TensorVector vector(List<Tensor> parts) {
        var natives = new org.bytedeco.pytorch.Tensor[parts.size()];
        for (int i = 0; i < natives.length; i++) natives[i] = Tensor.at(parts.get(i));
        try {
            return new TensorVector(natives);
        } finally {
            Reference.reachabilityFence(parts);
        }
    }

    static TensorOptional optional(@Nullable Tensor tensor) {
        try {
            return tensor == null ? new TensorOptional() : new TensorOptional(Tensor.at(tensor));
        } finally {
            Reference.reachabilityFence(tensor);
        }
    }

    static Scalar number(double value) {
        return Numbers.of(value);
    }

    static Scalar number(long value) {
        return Numbers.of(value);
    }

    /// The elements of a contiguous tensor.
    @SuppressWarnings("restricted")
    static MemorySegment memory(org.bytedeco.pytorch.Tensor at, long bytes) {
        return bytes == 0
                ? MemorySegment.NULL
                : MemorySegment.ofAddress(at.data_ptr().address()).reinterpret(bytes);
    }

    /// The library reports every mistake as a plain RuntimeException with the C++ frames appended.
    private static RuntimeException translated(RuntimeException e) {
        if (e.getClass() != RuntimeException.class || e.getMessage() == null) return e;
        var text = e.getMessage();
        int end = text.indexOf(FRAMES);
        var message = end < 0 ? text : text.substring(0, end);
        return new IllegalArgumentException(
                "%s: %s".formatted(caller(e.getStackTrace()), message.strip()), e.getCause());
    }

    /// The method of this package that was called from outside it.
    private static String caller(StackTraceElement[] frames) {
        var home = Natives.class.getPackageName() + ".";
        var name = "tensor";
        boolean inside = false;
        for (var frame : frames) {
            boolean ours = frame.getClassName().startsWith(home);
            if (inside && !ours) break;
            inside |= ours;
            if (ours && !frame.getMethodName().startsWith("lambda$")) name = frame.getMethodName();
        }
        return name;
    }
}
