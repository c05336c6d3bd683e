package dev.orrery.data.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Replacements of characters as SentencePiece compiles them: a double-array trie of what is
/// replaced, then the replacements, each ended by a zero byte.
///
/// A unit of the trie holds a label (bits 0-7), whether a string ends there (8) and how far its
/// children are (10-30, times 256 if bit 9 is set). Where a string ends, the first child has the
/// top bit and the place of the replacement.
final class Charsmap {

    /// A stretch of bytes that stands for the next `length` bytes of a text.
    record Step(byte[] bytes, int from, int to, int length) {}

    private final int[] units;
    private final byte[] texts;

    /// @param compiled as in a model file, possibly empty
    /// @throws IllegalArgumentException if it is damaged
    Charsmap(byte[] compiled) {
        if (compiled.length == 0) {
            units = new int[0];
            texts = new byte[0];
            return;
        }
        var in = ByteBuffer.wrap(compiled).order(ByteOrder.LITTLE_ENDIAN);
        int size = compiled.length < 4 ? -1 : in.getInt();
        if (size < 4 || size % 4 != 0 || size >= in.remaining())
            throw new IllegalArgumentException("its table of characters is cut off");
        units = new int[size / 4];
        in.slice(4, size).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(units);
        texts = new byte[in.remaining() - size];
        in.get(4 + size, texts);
        for (int at = 0; at < units.length; at++)
            if (!leadsInside(at))
                throw new IllegalArgumentException("its table of characters is damaged");
    }

    private boolean leadsInside(int at) {
        if (units[at] < 0) return true;
        int children = at ^ offset(units[at]);
        if ((children | 0xff) >= units.length) return false;
        return !ends(units[at]) || place(units[children]) < texts.length;
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >>> 6);
    }

    private static boolean ends(int unit) {
        return (unit & 1 << 8) != 0;
    }

    private static int place(int unit) {
        return unit & Integer.MAX_VALUE;
    }

    /// The replacement of the longest string that begins at a place of a text, of length 0 if none
    /// does.
    Step step(byte[] text, int from) {
        int longest = 0, place = 0;
        int node = units.length == 0 ? 0 : offset(units[0]);
        for (int at = from; at < text.length && units.length > 0; at++) {
            node ^= text[at] & 0xff;
            int unit = units[node];
            if ((unit & (1 << 31 | 0xff)) != (text[at] & 0xff)) break;
            node ^= offset(unit);
            if (!ends(unit)) continue;
            longest = at + 1 - from;
            place = place(units[node]);
        }
        int end = place;
        while (longest > 0 && end < texts.length && texts[end] != 0) end++;
        return new Step(texts, place, end, longest);
    }
}
