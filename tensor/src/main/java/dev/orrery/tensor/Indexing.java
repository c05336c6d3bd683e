package dev.orrery.tensor;

import static dev.orrery.tensor.Natives.number;
import static dev.orrery.tensor.Natives.tensor;
import static dev.orrery.tensor.Natives.update;
import static dev.orrery.tensor.Tensor.at;

import org.bytedeco.pytorch.LongOptional;

/// Picking and placing elements. Index tensors are I64.
public sealed interface Indexing permits Tensor {

    /// A view of `length` positions from `start`.
    default Tensor narrow(long axis, long start, long length) {
        return tensor(() -> at(this).narrow(axis, start, length));
    }

    /// A view of one position; the axis disappears.
    default Tensor select(long axis, long index) {
        return tensor(() -> at(this).select(axis, index));
    }

    /// Elements picked along an axis, one for each entry of `index`.
    default Tensor gather(long axis, Tensor index) {
        return tensor(() -> at(this).gather(axis, at(index)));
    }

    /// Elements picked along an axis, one for each entry of `index`.
    default Tensor takeAlongDim(Tensor index, long axis) {
        return tensor(() -> at(this).gather(axis, at(index)));
    }

    /// Whole slices picked along an axis.
    default Tensor indexSelect(long axis, Tensor index) {
        return tensor(() -> at(this).index_select(axis, at(index)));
    }

    /// A copy with `source` written to the indexed positions.
    default Tensor scatter(long axis, Tensor index, Tensor source) {
        return tensor(() -> at(this).scatter(axis, at(index), at(source)));
    }

    /// A copy with `source` added at the indexed positions.
    default Tensor scatterAdd(long axis, Tensor index, Tensor source) {
        return tensor(() -> at(this).scatter_add(axis, at(index), at(source)));
    }

    /// A copy with slices of `source` added at the indexed slices.
    default Tensor indexAdd(long axis, Tensor index, Tensor source) {
        return tensor(() -> at(this).index_add(axis, at(index), at(source)));
    }

    /// A copy with slices replaced by those of `source`.
    default Tensor indexCopy(long axis, Tensor index, Tensor source) {
        return tensor(() -> at(this).index_copy(axis, at(index), at(source)));
    }

    /// A copy with `value` where the mask is true.
    default Tensor maskedFill(Tensor mask, Tensor value) {
        return tensor(() -> at(this).masked_fill(at(mask), at(value)));
    }

    /// The elements where the mask is true, in one axis.
    default Tensor maskedSelect(Tensor mask) {
        return tensor(() -> at(this).masked_select(at(mask)));
    }

    /// The positions of non-zero elements, one row each.
    default Tensor nonzero() {
        return tensor(() -> at(this).nonzero());
    }

    /// A view of positions `start` to before `end`, every `step`th.
    default Tensor slice(long axis, long start, long end, long step) {
        return tensor(() -> {
            try (var s = new LongOptional(start);
                    var e = new LongOptional(end)) {
                return at(this).slice(axis, s, e, step);
            }
        });
    }

    /// A view of positions `start` to before `end`; negative counts from the end.
    default Tensor slice(long axis, long start, long end) {
        return tensor(() -> {
            try (var s = new LongOptional(start);
                    var e = new LongOptional(end)) {
                return at(this).slice(axis, s, e, 1);
            }
        });
    }

    /// A copy with one value where the mask is true.
    default Tensor maskedFill(Tensor mask, double value) {
        return tensor(number(value), s -> at(this).masked_fill(at(mask), s));
    }

    /// A copy with one value at the indexed positions.
    default Tensor scatter(long axis, Tensor index, double value) {
        return tensor(number(value), s -> at(this).scatter(axis, at(index), s));
    }

    /// Sets one value where the mask is true, in place.
    default Tensor maskedFill_(Tensor mask, double value) {
        return update(this, number(value), s -> at(this).masked_fill_(at(mask), s));
    }

    /// Sets one value at the indexed positions, in place.
    default Tensor scatter_(long axis, Tensor index, double value) {
        return update(this, number(value), s -> at(this).scatter_(axis, at(index), s));
    }

    /// As without the underscore, in place.
    default Tensor scatter_(long axis, Tensor index, Tensor source) {
        return update(this, () -> at(this).scatter_(axis, at(index), at(source)));
    }

    /// As without the underscore, in place.
    default Tensor scatterAdd_(long axis, Tensor index, Tensor source) {
        return update(this, () -> at(this).scatter_add_(axis, at(index), at(source)));
    }

    /// As without the underscore, in place.
    default Tensor indexAdd_(long axis, Tensor index, Tensor source) {
        return update(this, () -> at(this).index_add_(axis, at(index), at(source)));
    }

    /// As without the underscore, in place.
    default Tensor indexCopy_(long axis, Tensor index, Tensor source) {
        return update(this, () -> at(this).index_copy_(axis, at(index), at(source)));
    }

    /// Slices at the indexed positions set to one value, in place.
    default Tensor indexFill_(long axis, Tensor index, double value) {
        return update(this, number(value), s -> at(this).index_fill_(axis, at(index), s));
    }
}
