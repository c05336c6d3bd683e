package dev.orrery.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// An array of numbers with a shape, an element type, a device and, if asked for, a gradient.
///
/// Methods have PyTorch's names in camelCase and PyTorch's meaning; a trailing underscore changes
/// the tensor in place. A tensor belongs to the [TensorScope] that was open when it was made; made
/// outside any scope it lives until [#close()] or until it is garbage.
public final class Tensor
        implements Arithmetic,
                Comparison,
                Pointwise,
                Reduction,
                Shaping,
                Indexing,
                LinearAlgebra,
                AutoCloseable {

    static {
        Engine.start();
    }

    private final org.bytedeco.pytorch.Tensor at;
    private @Nullable TensorScope scope;

    private Tensor(org.bytedeco.pytorch.Tensor at) {
        this.at = at;
        TensorScope.own(this);
    }

    // ---- creation

    /// An F32 tensor of these values, row-major.
    public static Tensor of(float[] values, long... shape) {
        return copyOf(MemorySegment.ofArray(values), values.length, DType.F32, shape);
    }

    /// An F64 tensor of these values, row-major.
    public static Tensor of(double[] values, long... shape) {
        return copyOf(MemorySegment.ofArray(values), values.length, DType.F64, shape);
    }

    /// An I64 tensor of these values, row-major.
    public static Tensor of(long[] values, long... shape) {
        return copyOf(MemorySegment.ofArray(values), values.length, DType.I64, shape);
    }

    /// An I32 tensor of these values, row-major.
    public static Tensor of(int[] values, long... shape) {
        return copyOf(MemorySegment.ofArray(values), values.length, DType.I32, shape);
    }

    /// A U8 tensor of these bytes, row-major.
    public static Tensor of(byte[] values, long... shape) {
        return copyOf(MemorySegment.ofArray(values), values.length, DType.U8, shape);
    }

    /// A BOOL tensor of these values, row-major.
    public static Tensor of(boolean[] values, long... shape) {
        var bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (values[i] ? 1 : 0);
        return copyOf(MemorySegment.ofArray(bytes), values.length, DType.BOOL, shape);
    }

    /// A tensor with a copy of raw row-major elements in the machine's byte order.
    public static Tensor of(MemorySegment elements, DType dtype, long... shape) {
        return copyOf(elements, elements.byteSize() / dtype.bytes(), dtype, shape);
    }

    /// A tensor over memory that is shared, not copied; the memory is kept as long as this tensor
    /// or any view of it lives. In-place changes write to it, so it must be writable.
    ///
    /// @param elements native memory of exactly the shape's elements, row-major
    public static Tensor mapped(MemorySegment elements, DType dtype, long... shape) {
        long wanted = dtype.bytes();
        for (long length : shape) wanted = Math.multiplyExact(wanted, length);
        if (!elements.isNative() || wanted != elements.byteSize()) {
            throw new IllegalArgumentException(
                    "%s%s needs %d bytes of native memory, got %s"
                            .formatted(dtype, Arrays.toString(shape), wanted, elements));
        }
        return ForeignMemory.tensor(elements, dtype, shape);
    }

    /// A tensor without axes holding one number of the given type.
    public static Tensor scalar(double value, DType dtype) {
        return full(value, dtype);
    }

    /// Elements of unspecified value.
    public static Tensor empty(DType dtype, long... shape) {
        try (var options = options(dtype)) {
            return wrap(
                    torch.empty(shape, options, new org.bytedeco.pytorch.MemoryFormatOptional()));
        }
    }

    /// Elements of unspecified value on a device. On [Device#META] there are none: only shapes are
    /// worked out.
    public static Tensor empty(Device device, DType dtype, long... shape) {
        try (var place = device.at();
                var optional = new DeviceOptional(place);
                var type = options(dtype);
                var options = type.device(optional);
                var format = new org.bytedeco.pytorch.MemoryFormatOptional()) {
            return wrap(torch.empty(shape, options, format));
        }
    }

    /// F32 zeros.
    public static Tensor zeros(long... shape) {
        return zeros(DType.F32, shape);
    }

    /// Zeros.
    public static Tensor zeros(DType dtype, long... shape) {
        try (var options = options(dtype)) {
            return wrap(torch.zeros(shape, options));
        }
    }

    /// F32 ones.
    public static Tensor ones(long... shape) {
        return ones(DType.F32, shape);
    }

    /// Ones.
    public static Tensor ones(DType dtype, long... shape) {
        try (var options = options(dtype)) {
            return wrap(torch.ones(shape, options));
        }
    }

    /// One value everywhere, F32.
    public static Tensor full(double value, long... shape) {
        return full(value, DType.F32, shape);
    }

    /// One value everywhere.
    public static Tensor full(double value, DType dtype, long... shape) {
        try (var options = options(dtype);
                var s = scalar(value)) {
            return wrap(torch.full(shape, s, options));
        }
    }

    /// Zeros with the shape, type and device of another.
    public static Tensor zerosLike(Tensor other) {
        return wrap(torch.zeros_like(at(other)));
    }

    /// Ones with the shape, type and device of another.
    public static Tensor onesLike(Tensor other) {
        return wrap(torch.ones_like(at(other)));
    }

    /// The I64 numbers from 0 to `end` exclusive.
    public static Tensor arange(long end) {
        return arange(0, end);
    }

    /// The I64 numbers from `start` to `end` exclusive.
    public static Tensor arange(long start, long end) {
        try (var s = scalar(start);
                var e = scalar(end);
                var options = options(DType.I64)) {
            return wrap(torch.arange(s, e, options));
        }
    }

    /// F32 numbers from `start` to before `end`, `step` apart.
    public static Tensor arange(double start, double end, double step) {
        try (var s = scalar(start);
                var e = scalar(end);
                var d = scalar(step);
                var options = options(DType.F32)) {
            return wrap(torch.arange(s, e, d, options));
        }
    }

    /// `count` F32 numbers from `start` to `end` inclusive, evenly apart.
    public static Tensor linspace(double start, double end, long count) {
        try (var s = scalar(start);
                var e = scalar(end)) {
            return wrap(torch.linspace(s, e, count));
        }
    }

    /// The F32 identity matrix.
    public static Tensor eye(long size) {
        return wrap(torch.eye(size));
    }

    /// Tensors joined along an axis they have.
    public static Tensor cat(List<Tensor> parts, long axis) {
        try (var vector = vector(parts)) {
            return wrap(torch.cat(vector, axis));
        }
    }

    /// Tensors of one shape joined along a new axis.
    public static Tensor stack(List<Tensor> parts, long axis) {
        try (var vector = vector(parts)) {
            return wrap(torch.stack(vector, axis));
        }
    }

    /// Elements of `yes` where the condition holds, else of `no`.
    public static Tensor where(Tensor condition, Tensor yes, Tensor no) {
        return wrap(torch.where(at(condition), at(yes), at(no)));
    }

    /// Sums of products named by letters, as in `bhqd,bhkd->bhqk`.
    public static Tensor einsum(String equation, Tensor... operands) {
        try (var vector = vector(List.of(operands))) {
            return wrap(torch.einsum(equation, vector));
        }
    }

    // ---- what it is

    /// Lengths of the axes.
    public long[] shape() {
        var shape = new long[rank()];
        for (int i = 0; i < shape.length; i++) shape[i] = at(this).size(i);
        return shape;
    }

    /// Length of one axis; negative counts from the last.
    public long size(int axis) {
        return at(this).size(axis);
    }

    /// Number of axes.
    public int rank() {
        return (int) at(this).dim();
    }

    /// Number of elements.
    public long numel() {
        return at(this).numel();
    }

    /// Element type.
    public DType dtype() {
        return DType.of(at(this).scalar_type());
    }

    /// Where the elements lie.
    public Device device() {
        try (var device = at(this).device()) {
            return Device.of(device);
        }
    }

    /// Whether elements lie in row-major order without gaps.
    public boolean isContiguous() {
        return at(this).is_contiguous();
    }

    // ---- reading

    /// The elements as floats, row-major; other types are converted.
    public float[] toFloats() {
        try (var segment = read(DType.F32)) {
            return segment.bytes.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    /// The elements as doubles, row-major; other types are converted.
    public double[] toDoubles() {
        try (var segment = read(DType.F64)) {
            return segment.bytes.toArray(ValueLayout.JAVA_DOUBLE);
        }
    }

    /// The elements as longs, row-major; other types are converted.
    public long[] toLongs() {
        try (var segment = read(DType.I64)) {
            return segment.bytes.toArray(ValueLayout.JAVA_LONG);
        }
    }

    /// The elements as ints, row-major; other types are converted.
    public int[] toInts() {
        try (var segment = read(DType.I32)) {
            return segment.bytes.toArray(ValueLayout.JAVA_INT);
        }
    }

    /// The elements as unsigned bytes, row-major; other types are converted.
    public byte[] toBytes() {
        try (var segment = read(DType.U8)) {
            return segment.bytes.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /// The elements as truth values, row-major; non-zero is true.
    public boolean[] toBooleans() {
        try (var segment = read(DType.BOOL)) {
            var values = new boolean[(int) segment.bytes.byteSize()];
            for (int i = 0; i < values.length; i++) {
                values[i] = segment.bytes.get(ValueLayout.JAVA_BYTE, i) != 0;
            }
            return values;
        }
    }

    /// The only element.
    public double item() {
        return at(this).item_double();
    }

    /// The raw elements, row-major, valid while this tensor lives. Needs a contiguous CPU tensor.
    public MemorySegment segment() {
        if (!isContiguous()) {
            throw new IllegalStateException(
                    "tensor %s is not contiguous; call contiguous() first".formatted(this));
        }
        return memory(at(this), numel() * dtype().bytes());
    }

    // ---- type and place

    /// This tensor with another element type; itself if it already has it.
    public Tensor to(DType dtype) {
        return wrap(at(this).to(dtype.scalar()));
    }

    /// This tensor on another device; itself if it is already there.
    public Tensor to(Device device) {
        try (var type = new ScalarTypeOptional();
                var layout = new org.bytedeco.pytorch.LayoutOptional();
                var d = device.at();
                var place = new DeviceOptional(d);
                var pinned = new BoolOptional();
                var format = new org.bytedeco.pytorch.MemoryFormatOptional()) {
            return wrap(at(this).to(type, layout, place, pinned, false, false, format));
        }
    }

    /// A copy with memory of its own, recorded for gradients.
    public Tensor copy() {
        return wrap(torch.clone(at(this)));
    }

    /// Axes split, merged and reordered by name, as in `b t s d -> (b t) s d`.
    ///
    /// @param pattern axis names left and right of `->`; parentheses merge axes, `1` is a new or
    ///   vanishing axis of length 1
    /// @param axes lengths that the shape alone does not determine
    public Tensor rearrange(String pattern, Axis... axes) {
        return Pattern.of(pattern).apply(this, axes);
    }

    // ---- gradients

    /// Asks for gradients of this tensor; returns it.
    public Tensor requiresGrad_(boolean on) {
        at(this).set_requires_grad(on);
        return this;
    }

    /// Whether gradients are tracked for this tensor.
    public boolean requiresGrad() {
        return at(this).requires_grad();
    }

    /// Adds the gradients of this scalar to every tensor that asked for them.
    public void backward() {
        at(this).backward();
    }

    /// Adds gradients, weighted by `gradient`, to every tensor that asked for them.
    public void backward(Tensor gradient) {
        try (var keep = new BoolOptional();
                var inputs = new TensorArrayRefOptional()) {
            at(this).backward(at(gradient), keep, false, inputs);
        }
    }

    /// Whether a gradient has been computed.
    public boolean hasGrad() {
        try (var grad = at(this).grad()) {
            return grad.defined();
        }
    }

    /// The gradient; fails if none has been computed.
    public Tensor grad() {
        var grad = at(this).grad();
        if (!grad.defined()) {
            grad.close();
            throw new IllegalStateException(
                    "tensor %s has no gradient; call requiresGrad_(true) and backward() first"
                            .formatted(this));
        }
        return wrap(grad);
    }

    /// Forgets the gradient.
    public void clearGrad() {
        try (var grad = new org.bytedeco.pytorch.Tensor()) {
            at(this).mutable_grad().put(grad);
        }
    }

    /// A view that gradients do not flow through.
    public Tensor detach() {
        return wrap(at(this).detach());
    }

    /// Makes this tensor the other's twin: same memory, type and shape, while staying the leaf that
    /// gradients are gathered on. Returns this.
    public Tensor setData_(Tensor other) {
        at(this).__dispatch_set_data(at(other));
        return this;
    }

    // ---- lifetime

    /// Frees the memory; using the tensor afterwards is an error.
    @Override
    public void close() {
        at.close();
        scope = null;
    }

    /// Whether it has been freed.
    public boolean isClosed() {
        return at.isNull();
    }

    /// Type and shape, as in `F32[2, 3]`.
    @Override
    public String toString() {
        return isClosed() ? "closed tensor" : dtype() + Arrays.toString(shape());
    }

    @Nullable TensorScope scope() {
        return scope;
    }

    void scope(@Nullable TensorScope owner) {
        scope = owner;
    }

    // ---- for this package

    static Tensor wrap(org.bytedeco.pytorch.Tensor at) {
        return new Tensor(at);
    }

    static org.bytedeco.pytorch.Tensor at(Object tensor) {
        var at = ((Tensor) tensor).at;
        if (at.isNull()) {
            throw new IllegalStateException(
                    "tensor used after it was freed; keep it with scope.keep(...)");
        }
        return at;
    }

    static List<Tensor> unpack(TensorVector vector) {
        try (vector) {
            var list = new ArrayList<Tensor>();
            for (long i = 0; i < vector.size(); i++) {
                list.add(wrap(new org.bytedeco.pytorch.Tensor(vector.get(i))));
            }
            return List.copyOf(list);
        }
    }

    static TensorVector vector(List<Tensor> parts) {
        var natives = new org.bytedeco.pytorch.Tensor[parts.size()];
        for (int i = 0; i < natives.length; i++) natives[i] = at(parts.get(i));
        return new TensorVector(natives);
    }

    static TensorOptional optional(@Nullable Tensor tensor) {
        return tensor == null ? new TensorOptional() : new TensorOptional(at(tensor));
    }

    static Scalar scalar(double value) {
        return new Scalar(value);
    }

    static Scalar scalar(long value) {
        return new Scalar(value);
    }

    private static TensorOptions options(DType dtype) {
        return new TensorOptions(dtype.scalar());
    }

    private static Tensor copyOf(MemorySegment values, long count, DType dtype, long[] shape) {
        long wanted = 1;
        for (long length : shape) wanted = Math.multiplyExact(wanted, length);
        if (wanted != count) {
            throw new IllegalArgumentException(
                    "%d values do not fill shape %s, which has %d elements"
                            .formatted(count, Arrays.toString(shape), wanted));
        }
        var tensor = empty(dtype, shape);
        memory(tensor.at, count * dtype.bytes()).copyFrom(values);
        return tensor;
    }

    @SuppressWarnings("restricted")
    private static MemorySegment memory(org.bytedeco.pytorch.Tensor at, long bytes) {
        return bytes == 0
                ? MemorySegment.NULL
                : MemorySegment.ofAddress(at.data_ptr().address()).reinterpret(bytes);
    }

    private record Elements(MemorySegment bytes, List<org.bytedeco.pytorch.Tensor> temporary)
            implements AutoCloseable {
        @Override
        public void close() {
            temporary.forEach(org.bytedeco.pytorch.Tensor::close);
        }
    }

    private Elements read(DType dtype) {
        var source = at(this);
        var detached = source.detach();
        var host = detached.cpu();
        var typed = host.to(dtype.scalar());
        var flat = typed.contiguous();
        return new Elements(
                memory(flat, numel() * dtype.bytes()), List.of(detached, host, typed, flat));
    }
}
