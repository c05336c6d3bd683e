package dev.orrery.tensor;

import static dev.orrery.tensor.Natives.tensor;
import static dev.orrery.tensor.Natives.tensors;
import static dev.orrery.tensor.Tensor.at;

import java.util.List;
import org.bytedeco.pytorch.LongOptional;

/// Views and copies with another shape. Views share memory with their source.
public sealed interface Shaping permits Tensor {

    /// The same elements in another shape; one length may be -1. A view where possible.
    default Tensor reshape(long... shape) {
        return tensor(() -> at(this).reshape(shape));
    }

    /// A view with another shape; fails where a copy would be needed.
    default Tensor view(long... shape) {
        return tensor(() -> at(this).view(shape));
    }

    /// A view with the axes in another order.
    default Tensor permute(long... axes) {
        return tensor(() -> at(this).permute(axes));
    }

    /// A view with two axes swapped.
    default Tensor transpose(long first, long second) {
        return tensor(() -> at(this).transpose(first, second));
    }

    /// A view of a matrix with rows and columns swapped.
    default Tensor t() {
        return tensor(() -> at(this).t());
    }

    /// A view with the last two axes swapped.
    default Tensor mT() {
        return tensor(() -> at(this).mT());
    }

    /// A view with one axis moved.
    default Tensor movedim(long from, long to) {
        return tensor(() -> at(this).movedim(from, to));
    }

    /// A view without the axis if its length is 1.
    default Tensor squeeze(long axis) {
        return tensor(() -> at(this).squeeze(axis));
    }

    /// A view without axes of length 1.
    default Tensor squeeze() {
        return tensor(() -> at(this).squeeze());
    }

    /// A view with a new axis of length 1.
    default Tensor unsqueeze(long axis) {
        return tensor(() -> at(this).unsqueeze(axis));
    }

    /// Axes `first` to `last` merged into one.
    default Tensor flatten(long first, long last) {
        return tensor(() -> at(this).flatten(first, last));
    }

    /// One axis of all elements.
    default Tensor flatten() {
        return tensor(() -> at(this).flatten());
    }

    /// One axis split into several.
    default Tensor unflatten(long axis, long... lengths) {
        return tensor(() -> at(this).unflatten(axis, lengths));
    }

    /// A view with axes of length 1 repeated; -1 keeps a length.
    default Tensor expand(long... shape) {
        return tensor(() -> at(this).expand(shape));
    }

    /// A view expanded to the shape of the other.
    default Tensor expandAs(Tensor other) {
        return tensor(() -> at(this).expand_as(at(other)));
    }

    /// A copy tiled so often along each axis.
    default Tensor repeat(long... times) {
        return tensor(() -> at(this).repeat(times));
    }

    /// This, or a copy with its elements in row-major order.
    default Tensor contiguous() {
        return tensor(() -> at(this).contiguous());
    }

    /// A copy with the axes reversed.
    default Tensor flip(long... axes) {
        return tensor(() -> at(this).flip(axes));
    }

    /// A copy rotated along an axis.
    default Tensor roll(long shift, long axis) {
        return tensor(() -> at(this).roll(new long[] {shift}, axis));
    }

    /// The lower triangle; the rest is zero.
    default Tensor tril(long diagonal) {
        return tensor(() -> at(this).tril(diagonal));
    }

    /// The upper triangle; the rest is zero.
    default Tensor triu(long diagonal) {
        return tensor(() -> at(this).triu(diagonal));
    }

    /// A view of the main diagonal.
    default Tensor diagonal() {
        return tensor(() -> at(this).diagonal());
    }

    /// The diagonal of a matrix, or a matrix with this diagonal.
    default Tensor diag() {
        return tensor(() -> at(this).diag());
    }

    /// A view of sliding windows along an axis; the window becomes the last axis.
    default Tensor unfold(long axis, long size, long step) {
        return tensor(() -> at(this).unfold(axis, size, step));
    }

    /// A view by explicit strides, counted in elements.
    default Tensor asStrided(long[] shape, long[] strides) {
        return tensor(() -> at(this).as_strided(shape, strides));
    }

    /// Each slice along an axis repeated so often.
    default Tensor repeatInterleave(long times, long axis) {
        return tensor(() -> {
            try (var o = new LongOptional(axis);
                    var none = new LongOptional()) {
                return at(this).repeat_interleave(times, o, none);
            }
        });
    }

    /// Views of `length` along an axis; the last may be shorter.
    default List<Tensor> split(long length, long axis) {
        return tensors(() -> at(this).split(length, axis));
    }

    /// Views of the given lengths along an axis.
    default List<Tensor> split(long[] lengths, long axis) {
        return tensors(() -> at(this).split_with_sizes(lengths, axis));
    }

    /// That many views along an axis, of equal length where it divides.
    default List<Tensor> chunk(long parts, long axis) {
        return tensors(() -> at(this).chunk(parts, axis));
    }

    /// One view for each position along an axis.
    default List<Tensor> unbind(long axis) {
        return tensors(() -> at(this).unbind(axis));
    }
}
