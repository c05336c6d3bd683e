package dev.orrery.tensor;

import static dev.orrery.tensor.Tensor.at;
import static dev.orrery.tensor.Tensor.scalar;
import static dev.orrery.tensor.Tensor.wrap;

import org.bytedeco.pytorch.LongOptional;

/// Picking and placing elements. Index tensors are I64.
public sealed interface Indexing permits Tensor {

    /// A view of `length` positions from `start`.
    default Tensor narrow(long axis, long start, long length) {
        var a = at(this);
        return wrap(a.narrow(axis, start, length));
    }

    /// A view of one position; the axis disappears.
    default Tensor select(long axis, long index) {
        var a = at(this);
        return wrap(a.select(axis, index));
    }

    /// Elements picked along an axis, one for each entry of `index`.
    default Tensor gather(long axis, Tensor index) {
        var a = at(this);
        return wrap(a.gather(axis, at(index)));
    }

    /// Elements picked along an axis, one for each entry of `index`.
    default Tensor takeAlongDim(Tensor index, long axis) {
        var a = at(this);
        return wrap(a.gather(axis, at(index)));
    }

    /// Whole slices picked along an axis.
    default Tensor indexSelect(long axis, Tensor index) {
        var a = at(this);
        return wrap(a.index_select(axis, at(index)));
    }

    /// A copy with `source` written to the indexed positions.
    default Tensor scatter(long axis, Tensor index, Tensor source) {
        var a = at(this);
        return wrap(a.scatter(axis, at(index), at(source)));
    }

    /// A copy with `source` added at the indexed positions.
    default Tensor scatterAdd(long axis, Tensor index, Tensor source) {
        var a = at(this);
        return wrap(a.scatter_add(axis, at(index), at(source)));
    }

    /// A copy with slices of `source` added at the indexed slices.
    default Tensor indexAdd(long axis, Tensor index, Tensor source) {
        var a = at(this);
        return wrap(a.index_add(axis, at(index), at(source)));
    }

    /// A copy with slices replaced by those of `source`.
    default Tensor indexCopy(long axis, Tensor index, Tensor source) {
        var a = at(this);
        return wrap(a.index_copy(axis, at(index), at(source)));
    }

    /// A copy with `value` where the mask is true.
    default Tensor maskedFill(Tensor mask, Tensor value) {
        var a = at(this);
        return wrap(a.masked_fill(at(mask), at(value)));
    }

    /// The elements where the mask is true, in one axis.
    default Tensor maskedSelect(Tensor mask) {
        var a = at(this);
        return wrap(a.masked_select(at(mask)));
    }

    /// The positions of non-zero elements, one row each.
    default Tensor nonzero() {
        var a = at(this);
        return wrap(a.nonzero());
    }

    /// A view of positions `start` to before `end`, every `step`th.
    default Tensor slice(long axis, long start, long end, long step) {
        var a = at(this);
        try (var s = new LongOptional(start);
                var e = new LongOptional(end)) {
            return wrap(a.slice(axis, s, e, step));
        }
    }

    /// A view of positions `start` to before `end`; negative counts from the end.
    default Tensor slice(long axis, long start, long end) {
        var a = at(this);
        try (var s = new LongOptional(start);
                var e = new LongOptional(end)) {
            return wrap(a.slice(axis, s, e, 1));
        }
    }

    /// A copy with one value where the mask is true.
    default Tensor maskedFill(Tensor mask, double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.masked_fill(at(mask), s));
        }
    }

    /// A copy with one value at the indexed positions.
    default Tensor scatter(long axis, Tensor index, double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.scatter(axis, at(index), s));
        }
    }

    /// Sets one value where the mask is true, in place.
    default Tensor maskedFill_(Tensor mask, double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            a.masked_fill_(at(mask), s);
            return (Tensor) this;
        }
    }

    /// Sets one value at the indexed positions, in place.
    default Tensor scatter_(long axis, Tensor index, double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            a.scatter_(axis, at(index), s);
            return (Tensor) this;
        }
    }

    /// As without the underscore, in place.
    default Tensor scatter_(long axis, Tensor index, Tensor source) {
        var a = at(this);
        a.scatter_(axis, at(index), at(source));
        return (Tensor) this;
    }

    /// As without the underscore, in place.
    default Tensor scatterAdd_(long axis, Tensor index, Tensor source) {
        var a = at(this);
        a.scatter_add_(axis, at(index), at(source));
        return (Tensor) this;
    }

    /// As without the underscore, in place.
    default Tensor indexAdd_(long axis, Tensor index, Tensor source) {
        var a = at(this);
        a.index_add_(axis, at(index), at(source));
        return (Tensor) this;
    }

    /// As without the underscore, in place.
    default Tensor indexCopy_(long axis, Tensor index, Tensor source) {
        var a = at(this);
        a.index_copy_(axis, at(index), at(source));
        return (Tensor) this;
    }

    /// Slices at the indexed positions set to one value, in place.
    default Tensor indexFill_(long axis, Tensor index, double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            a.index_fill_(axis, at(index), s);
            return (Tensor) this;
        }
    }
}
