package dev.orrery.tensor;

import static dev.orrery.tensor.Tensor.at;
import static dev.orrery.tensor.Tensor.unpack;
import static dev.orrery.tensor.Tensor.wrap;

import java.util.List;
import org.bytedeco.pytorch.LongOptional;

/// Views and copies with another shape. Views share memory with their source.
public sealed interface Shaping permits Tensor {

    /// The same elements in another shape; one length may be -1. A view where possible.
    default Tensor reshape(long... shape) {
        var a = at(this);
        return wrap(a.reshape(shape));
    }

    /// A view with another shape; fails where a copy would be needed.
    default Tensor view(long... shape) {
        var a = at(this);
        return wrap(a.view(shape));
    }

    /// A view with the axes in another order.
    default Tensor permute(long... axes) {
        var a = at(this);
        return wrap(a.permute(axes));
    }

    /// A view with two axes swapped.
    default Tensor transpose(long first, long second) {
        var a = at(this);
        return wrap(a.transpose(first, second));
    }

    /// A view of a matrix with rows and columns swapped.
    default Tensor t() {
        var a = at(this);
        return wrap(a.t());
    }

    /// A view with the last two axes swapped.
    default Tensor mT() {
        var a = at(this);
        return wrap(a.mT());
    }

    /// A view with one axis moved.
    default Tensor movedim(long from, long to) {
        var a = at(this);
        return wrap(a.movedim(from, to));
    }

    /// A view without the axis if its length is 1.
    default Tensor squeeze(long axis) {
        var a = at(this);
        return wrap(a.squeeze(axis));
    }

    /// A view without axes of length 1.
    default Tensor squeeze() {
        var a = at(this);
        return wrap(a.squeeze());
    }

    /// A view with a new axis of length 1.
    default Tensor unsqueeze(long axis) {
        var a = at(this);
        return wrap(a.unsqueeze(axis));
    }

    /// Axes `first` to `last` merged into one.
    default Tensor flatten(long first, long last) {
        var a = at(this);
        return wrap(a.flatten(first, last));
    }

    /// One axis of all elements.
    default Tensor flatten() {
        var a = at(this);
        return wrap(a.flatten());
    }

    /// One axis split into several.
    default Tensor unflatten(long axis, long... lengths) {
        var a = at(this);
        return wrap(a.unflatten(axis, lengths));
    }

    /// A view with axes of length 1 repeated; -1 keeps a length.
    default Tensor expand(long... shape) {
        var a = at(this);
        return wrap(a.expand(shape));
    }

    /// A view expanded to the shape of the other.
    default Tensor expandAs(Tensor other) {
        var a = at(this);
        return wrap(a.expand_as(at(other)));
    }

    /// A copy tiled so often along each axis.
    default Tensor repeat(long... times) {
        var a = at(this);
        return wrap(a.repeat(times));
    }

    /// This, or a copy with its elements in row-major order.
    default Tensor contiguous() {
        var a = at(this);
        return wrap(a.contiguous());
    }

    /// A copy with the axes reversed.
    default Tensor flip(long... axes) {
        var a = at(this);
        return wrap(a.flip(axes));
    }

    /// A copy rotated along an axis.
    default Tensor roll(long shift, long axis) {
        var a = at(this);
        return wrap(a.roll(new long[] {shift}, axis));
    }

    /// The lower triangle; the rest is zero.
    default Tensor tril(long diagonal) {
        var a = at(this);
        return wrap(a.tril(diagonal));
    }

    /// The upper triangle; the rest is zero.
    default Tensor triu(long diagonal) {
        var a = at(this);
        return wrap(a.triu(diagonal));
    }

    /// A view of the main diagonal.
    default Tensor diagonal() {
        var a = at(this);
        return wrap(a.diagonal());
    }

    /// The diagonal of a matrix, or a matrix with this diagonal.
    default Tensor diag() {
        var a = at(this);
        return wrap(a.diag());
    }

    /// A view of sliding windows along an axis; the window becomes the last axis.
    default Tensor unfold(long axis, long size, long step) {
        var a = at(this);
        return wrap(a.unfold(axis, size, step));
    }

    /// A view by explicit strides, counted in elements.
    default Tensor asStrided(long[] shape, long[] strides) {
        var a = at(this);
        return wrap(a.as_strided(shape, strides));
    }

    /// Each slice along an axis repeated so often.
    default Tensor repeatInterleave(long times, long axis) {
        var a = at(this);
        try (var o = new LongOptional(axis);
                var none = new LongOptional()) {
            return wrap(a.repeat_interleave(times, o, none));
        }
    }

    /// Views of `length` along an axis; the last may be shorter.
    default List<Tensor> split(long length, long axis) {
        var a = at(this);
        return unpack(a.split(length, axis));
    }

    /// Views of the given lengths along an axis.
    default List<Tensor> split(long[] lengths, long axis) {
        var a = at(this);
        return unpack(a.split_with_sizes(lengths, axis));
    }

    /// That many views along an axis, of equal length where it divides.
    default List<Tensor> chunk(long parts, long axis) {
        var a = at(this);
        return unpack(a.chunk(parts, axis));
    }

    /// One view for each position along an axis.
    default List<Tensor> unbind(long axis) {
        var a = at(this);
        return unpack(a.unbind(axis));
    }
}
