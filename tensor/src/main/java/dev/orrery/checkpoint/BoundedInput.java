package dev.orrery.checkpoint;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// The first `left` bytes of another stream.
final class BoundedInput extends FilterInputStream {

    private long left;

    BoundedInput(InputStream in, long left) {
        super(in);
        this.left = left;
    }

    @Override
    public int read() throws IOException {
        if (left <= 0) return -1;
        int value = super.read();
        if (value >= 0) left--;
        return value;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (left <= 0) return -1;
        int count = super.read(into, offset, (int) Math.min(length, left));
        if (count > 0) left -= count;
        return count;
    }

    @Override
    public long skip(long count) throws IOException {
        long skipped = super.skip(Math.min(count, left));
        left -= skipped;
        return skipped;
    }
}
