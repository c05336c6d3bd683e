package dev.orrery.tensor;

import static dev.orrery.tensor.Natives.number;
import static dev.orrery.tensor.Natives.tensor;
import static dev.orrery.tensor.Natives.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.Cleaner.Cleanable;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.LayoutOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// An array of numbers with a shape, an element type, a device and, if asked for, a gradient.
///
/// Methods have PyTorch's names in camelCase and PyTorch's meaning; a trailing underscore changes
/// the tensor in place. They are grouped by the interfaces that this class implements. Wrong shapes
/// and types are answered with an [IllegalArgumentException] that quotes libtorch.
///
/// A tensor belongs to the [TensorScope] that was open when it was made and is freed with it. Made
/// outside every scope, kept out of all of them or released, it lives until [#close()] or until it
/// is garbage; as the garbage collector sees only the small Java object, loops want a scope.
public final class Tensor
        implements Arithmetic,
                Comparison,
                Pointwise,
                Reduction,
                Shaping,
                Indexing,
                LinearAlgebra,
                Gradients,
                Reading,
                AutoCloseable {

    static {
        Engine.start();
    }

    private static final Cleaner CLEANER = Cleaner.create();
    private static final MemoryFormatOptional NO_FORMAT = new MemoryFormatOptional();

    private final org.bytedeco.pytorch.Tensor at;
    private final Thread home = Thread.currentThread();
    private final @Nullable Trace made;
    private @Nullable Trace gone;
    private @Nullable TensorScope scope = TensorScope.current();
    private @Nullable Cleanable cleanable;
    private @Nullable Arena lent;
    private volatile boolean shared;
    private volatile boolean closed;

    private Tensor(org.bytedeco.pytorch.Tensor at) {
        this.at = at;
        made = Trace.isEnabled() ? Trace.here(describe() + " made") : null;
        if (scope == null) {
            cleanable = CLEANER.register(this, at::close);
            Trace.unowned(made);
        } else {
            scope.own(this);
        }
    }

    // ---- creation

    /// An F32 tensor of these values, row-major.
    public static Tensor of(float[] values, long... shape) {
        return copyOf(MemorySegment.ofArray(values), DType.F32, shape);
    }

    /// An F64 tensor of these values, row-major.
    public static Tensor of(double[] values, long... shape) {
        return copyOf(MemorySegment.ofArray(values), DType.F64, shape);
    }

    /// An I64 tensor of these values, row-major.
    public static Tensor of(long[] values, long... shape) {
        return copyOf(MemorySegment.ofArray(values), DType.I64, shape);
    }

    /// An I32 tensor of these values, row-major.
    public static Tensor of(int[] values, long... shape) {
        return copyOf(MemorySegment.ofArray(values), DType.I32, shape);
    }

    /// A U8 tensor of these bytes, row-major.
    public static Tensor of(byte[] values, long... shape) {
        return copyOf(MemorySegment.ofArray(values), DType.U8, shape);
    }

    /// A BOOL tensor of these values, row-major.
    public static Tensor of(boolean[] values, long... shape) {
        var bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (values[i] ? 1 : 0);
        return copyOf(MemorySegment.ofArray(bytes), DType.BOOL, shape);
    }

    /// A tensor with a copy of raw row-major elements in the machine's byte order.
    public static Tensor of(MemorySegment elements, DType dtype, long... shape) {
        return copyOf(elements, dtype, shape);
    }

    /// A tensor over memory that is shared, not copied; the memory is kept as long as this tensor
    /// or any view of it lives. In-place changes write to it, so it must be writable.
    ///
    /// @param elements native memory of exactly the shape's elements, row-major
    public static Tensor mapped(MemorySegment elements, DType dtype, long... shape) {
        if (!elements.isNative()) {
            throw new IllegalArgumentException(
                    "%s%s needs native memory, got %s; copy it with Tensor.of"
                            .formatted(dtype, Arrays.toString(shape), elements));
        }
        checkFilled(elements, dtype, shape);
        return ForeignMemory.tensor(elements, dtype, shape);
    }

    /// A tensor without axes holding one number of the given type.
    public static Tensor scalar(double value, DType dtype) {
        return full(value, dtype);
    }

    /// Elements of unspecified value.
    public static Tensor empty(DType dtype, long... shape) {
        return tensor(options(dtype), options -> torch.empty(shape, options, NO_FORMAT));
    }

    /// Elements of unspecified value on a device. On [Device#META] there are none: only shapes are
    /// worked out.
    public static Tensor empty(Device device, DType dtype, long... shape) {
        try (var place = device.at();
                var optional = new DeviceOptional(place);
                var type = options(dtype)) {
            return tensor(type.device(optional), options -> torch.empty(shape, options, NO_FORMAT));
        }
    }

    /// F32 zeros.
    public static Tensor zeros(long... shape) {
        return zeros(DType.F32, shape);
    }

    /// Zeros.
    public static Tensor zeros(DType dtype, long... shape) {
        return tensor(options(dtype), options -> torch.zeros(shape, options));
    }

    /// F32 ones.
    public static Tensor ones(long... shape) {
        return ones(DType.F32, shape);
    }

    /// Ones.
    public static Tensor ones(DType dtype, long... shape) {
        return tensor(options(dtype), options -> torch.ones(shape, options));
    }

    /// One value everywhere, F32.
    public static Tensor full(double value, long... shape) {
        return full(value, DType.F32, shape);
    }

    /// One value everywhere.
    public static Tensor full(double value, DType dtype, long... shape) {
        try (var fill = number(value)) {
            return tensor(options(dtype), options -> torch.full(shape, fill, options));
        }
    }

    /// Zeros with the shape, type and device of another.
    public static Tensor zerosLike(Tensor other) {
        return tensor(() -> torch.zeros_like(at(other)));
    }

    /// Ones with the shape, type and device of another.
    public static Tensor onesLike(Tensor other) {
        return tensor(() -> torch.ones_like(at(other)));
    }

    /// The I64 numbers from 0 to `end` exclusive.
    public static Tensor arange(long end) {
        return arange(0, end);
    }

    /// The I64 numbers from `start` to `end` exclusive.
    public static Tensor arange(long start, long end) {
        try (var first = number(start);
                var last = number(end)) {
            return tensor(options(DType.I64), options -> torch.arange(first, last, options));
        }
    }

    /// F32 numbers from `start` to before `end`, `step` apart.
    public static Tensor arange(double start, double end, double step) {
        try (var first = number(start);
                var last = number(end);
                var by = number(step)) {
            return tensor(options(DType.F32), options -> torch.arange(first, last, by, options));
        }
    }

    /// `count` F32 numbers from `start` to `end` inclusive, evenly apart.
    public static Tensor linspace(double start, double end, long count) {
        try (var first = number(start);
                var last = number(end)) {
            return tensor(() -> torch.linspace(first, last, count));
        }
    }

    /// The F32 identity matrix.
    public static Tensor eye(long size) {
        return tensor(() -> torch.eye(size));
    }

    /// Tensors joined along an axis they have.
    public static Tensor cat(List<Tensor> parts, long axis) {
        return tensor(vector(parts), list -> torch.cat(list, axis));
    }

    /// Tensors of one shape joined along a new axis.
    public static Tensor stack(List<Tensor> parts, long axis) {
        return tensor(vector(parts), list -> torch.stack(list, axis));
    }

    /// Elements of `yes` where the condition holds, else of `no`.
    public static Tensor where(Tensor condition, Tensor yes, Tensor no) {
        return tensor(() -> torch.where(at(condition), at(yes), at(no)));
    }

    /// Sums of products named by letters, as in `bhqd,bhkd->bhqk`.
    public static Tensor einsum(String equation, Tensor... operands) {
        return tensor(vector(List.of(operands)), list -> torch.einsum(equation, list));
    }

    // ---- what it is

    /// Lengths of the axes.
    public long[] shape() {
        return Natives.get(() -> shape(at(this)));
    }

    /// Length of one axis; negative counts from the last.
    public long size(int axis) {
        return Natives.get(() -> at(this).size(axis));
    }

    /// Number of axes.
    public int rank() {
        return Natives.get(() -> (int) at(this).dim());
    }

    /// Number of elements.
    public long numel() {
        return Natives.get(() -> at(this).numel());
    }

    /// Element type.
    public DType dtype() {
        return Natives.get(() -> DType.of(at(this).scalar_type()));
    }

    /// Where the elements lie.
    public Device device() {
        try (var device = Natives.get(() -> at(this).device())) {
            return Device.of(device);
        }
    }

    /// Whether elements lie in row-major order without gaps.
    public boolean isContiguous() {
        return Natives.get(() -> at(this).is_contiguous());
    }

    // ---- type, place and layout

    /// This tensor with another element type; the same memory if it already has it.
    public Tensor to(DType dtype) {
        return tensor(() -> at(this).to(dtype.scalar()));
    }

    /// This tensor on another device; the same memory if it is already there.
    public Tensor to(Device device) {
        try (var type = new ScalarTypeOptional();
                var layout = new LayoutOptional();
                var place = device.at();
                var pinned = new BoolOptional()) {
            return tensor(
                    new DeviceOptional(place),
                    where -> at(this).to(type, layout, where, pinned, false, false, NO_FORMAT));
        }
    }

    /// A copy with memory of its own, recorded for gradients.
    public Tensor copy() {
        return tensor(() -> torch.clone(at(this)));
    }

    /// Axes split, merged and reordered by name, as in `b t s d -> (b t) s d`.
    ///
    /// @param pattern axis names left and right of `->`; parentheses merge axes, `1` is a new or
    ///   vanishing axis of length 1
    /// @param axes lengths that the shape alone does not determine
    public Tensor rearrange(String pattern, Axis... axes) {
        return Pattern.of(pattern).apply(this, axes);
    }

    // ---- lifetime

    /// Frees the memory; using the tensor afterwards is an error. Further calls do nothing.
    ///
    /// A tensor that several threads have used is freed once it is garbage, as one of them may be
    /// in the middle of an operation.
    @Override
    public void close() {
        if (closed) return;
        if (scope != null && Thread.currentThread() != home) useElsewhere();
        recall();
        closed = true;
        gone = Trace.here("closed");
        Trace.owned(made);
        scope = null;
        if (cleanable == null) at.close();
        else if (!shared && Thread.currentThread() == home) cleanable.clean();
    }

    /// Whether it has been closed, by itself or by its scope.
    public boolean isClosed() {
        return closed;
    }

    /// Type and shape, as in `F32[2, 3]`.
    @Override
    public String toString() {
        return closed ? "closed tensor" : describe();
    }

    private String describe() {
        return DType.of(at.scalar_type()) + Arrays.toString(shape(at));
    }

    @Nullable TensorScope scope() {
        return scope;
    }

    void moveTo(@Nullable TensorScope owner) {
        scope = owner;
        Trace.owned(made);
        if (owner == null && cleanable == null) cleanable = CLEANER.register(this, at::close);
    }

    /// A view of its memory that ends with the tensor, and until then keeps it from being garbage.
    @SuppressWarnings("restricted")
    synchronized MemorySegment lend(MemorySegment memory) {
        if (memory.byteSize() == 0) return memory;
        if (lent == null) lent = Arena.ofShared();
        return memory.reinterpret(lent, _ -> Reference.reachabilityFence(this));
    }

    private synchronized void recall() {
        if (lent == null) return;
        lent.close();
        lent = null;
    }

    /// A second thread may use a tensor only while no scope owns it. The order of the writes and
    /// reads of `shared` and `closed`, here and in `close`, makes one of both threads see the
    /// other.
    private void useElsewhere() {
        if (scope != null) {
            throw Trace.fault(
                    "tensor %s belongs to a scope of thread '%s'; keep or release it before thread '%s' uses it"
                            .formatted(
                                    describe(), home.getName(), Thread.currentThread().getName()),
                    made);
        }
        if (!shared) shared = true;
    }

    // ---- for this package

    static Tensor wrap(org.bytedeco.pytorch.Tensor at) {
        return new Tensor(at);
    }

    /// The native tensor, valid while the facade is reachable: use it only in a call through
    /// [Natives].
    static org.bytedeco.pytorch.Tensor at(Object object) {
        var tensor = (Tensor) object;
        if (Thread.currentThread() != tensor.home) tensor.useElsewhere();
        if (tensor.closed) {
            throw Trace.fault(
                    "tensor used after it was closed; keep it with scope.keep(...) or close it later",
                    tensor.made,
                    tensor.gone);
        }
        return tensor.at;
    }

    private static long[] shape(org.bytedeco.pytorch.Tensor at) {
        var shape = new long[(int) at.dim()];
        for (int i = 0; i < shape.length; i++) shape[i] = at.size(i);
        return shape;
    }

    private static TensorOptions options(DType dtype) {
        return new TensorOptions(dtype.scalar());
    }

    private static Tensor copyOf(MemorySegment elements, DType dtype, long[] shape) {
        checkFilled(elements, dtype, shape);
        var tensor = empty(dtype, shape);
        Natives.run(() -> Natives.memory(at(tensor), elements.byteSize()).copyFrom(elements));
        return tensor;
    }

    private static void checkFilled(MemorySegment elements, DType dtype, long[] shape) {
        long wanted = 1;
        for (long length : shape) wanted = Math.multiplyExact(wanted, length);
        if (wanted * dtype.bytes() != elements.byteSize()) {
            throw new IllegalArgumentException(
                    "%d bytes do not fill %s%s, which has %d elements of %d bytes"
                            .formatted(
                                    elements.byteSize(),
                                    dtype,
                                    Arrays.toString(shape),
                                    wanted,
                                    dtype.bytes()));
        }
    }
}
