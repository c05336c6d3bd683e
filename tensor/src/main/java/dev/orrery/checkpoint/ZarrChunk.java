package dev.orrery.checkpoint;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// Where the bytes of a chunk belong in an array in C order, in the order in which they come.
final class ZarrChunk {

    private static final int PIECE = 1 << 20;

    /// Places that follow each other.
    ///
    /// @param size how many there are
    /// @param inside how many of them belong to the array
    /// @param step bytes from one to the next in the array
    /// @param bytes bytes of one in the chunk
    private record Axis(long size, long inside, long step, long bytes) {}

    private final List<Axis> axes;
    private final long start;
    private final byte[] piece;

    /// @param shape of the array, in numbers
    /// @param item bytes of a number
    /// @param order which axis of the chunk each of the stored axes is
    /// @param origin where the chunk's first number belongs
    /// @param chunk the sizes of its axes
    ZarrChunk(long[] shape, int item, List<Integer> order, long[] origin, long[] chunk) {
        var step = new long[shape.length];
        long bytes = item, first = 0;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            step[axis] = bytes;
            first += origin[axis] * bytes;
            bytes *= shape[axis];
        }
        start = first;
        var joined = new ArrayDeque<Axis>();
        joined.push(new Axis(item, item, 1, 1));
        for (int axis : order.reversed())
            join(
                    joined,
                    chunk[axis],
                    Math.min(chunk[axis], shape[axis] - origin[axis]),
                    step[axis]);
        axes = List.copyOf(joined);
        piece = new byte[(int) Math.min(PIECE, axes.getLast().inside)];
    }

    /// Puts an axis around those inside it; they are one where the array has no gap between them.
    private static void join(Deque<Axis> inner, long size, long inside, long step) {
        var next = inner.peek();
        long bytes = next.size * next.bytes;
        if (size == 1) return;
        if (next.inside == next.size && step == next.step * next.size) {
            inner.pop();
            inner.push(new Axis(size * next.size, inside * next.size, next.step, next.bytes));
        } else {
            inner.push(new Axis(size, inside, step, bytes));
        }
    }

    /// Copies the chunk's numbers.
    ///
    /// @throws IOException if there are more or fewer than belong to it
    void copy(InputStream in, MemorySegment into) throws IOException {
        try {
            copy(in, into, 0, start);
        } catch (EOFException _) {
            throw new IOException("it ends too early");
        }
        if (in.read() >= 0) throw new IOException("it goes on after its last number");
    }

    private void copy(InputStream in, MemorySegment into, int depth, long at) throws IOException {
        var axis = axes.get(depth);
        if (depth == axes.size() - 1) {
            run(in, into, at, axis.inside);
        } else {
            for (long i = 0; i < axis.inside; i++) copy(in, into, depth + 1, at + i * axis.step);
        }
        in.skipNBytes((axis.size - axis.inside) * axis.bytes);
    }

    private void run(InputStream in, MemorySegment into, long at, long bytes) throws IOException {
        for (long done = 0; done < bytes; ) {
            int length = (int) Math.min(piece.length, bytes - done);
            if (in.readNBytes(piece, 0, length) < length) throw new EOFException();
            MemorySegment.copy(MemorySegment.ofArray(piece), 0, into, at + done, length);
            done += length;
        }
    }
}
