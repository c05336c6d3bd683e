package dev.orrery.data.text;

import java.util.Arrays;

/// What SentencePiece does to a text before it is cut: characters are replaced, spaces collapsed,
/// put in front or behind, and marked.
final class TextNormalizer {

    private final SentencePiece.Normalisation how;
    private final Charsmap charsmap;
    private final PieceTrie kept;
    private final byte[] space;

    /// @param kept strings that are left as they are
    /// @throws IllegalArgumentException if the replacements are damaged
    TextNormalizer(SentencePiece.Normalisation how, PieceTrie kept) {
        this.how = how;
        this.charsmap = new Charsmap(how.charsmap());
        this.kept = kept;
        this.space = how.markSpaces() ? Utf8.MARK : new byte[] {' '};
    }

    /// A text in UTF-8 after that.
    ///
    /// @param origins where in the text each byte is from, and one more where the text ends
    record Normal(byte[] bytes, int[] origins) {}

    Normal normalize(byte[] text) {
        int start = 0;
        if (how.collapseSpaces())
            for (var step = step(text, start); isSpace(step); step = step(text, start))
                start += step.length();
        var out = new Out(text.length);
        if (start == text.length) return out.end(start);
        if (how.extraSpace() && !how.spaceLast()) out.add(space, start);
        boolean afterSpace = how.collapseSpaces();
        for (int at = start; at < text.length; ) {
            var step = step(text, at);
            int from = step.from();
            while (afterSpace && from < step.to() && step.bytes()[from] == ' ') from++;
            for (int i = from; i < step.to(); i++) {
                if (step.bytes()[i] == ' ') out.add(space, at);
                else out.add(step.bytes()[i], at);
            }
            if (from < step.to())
                afterSpace = how.collapseSpaces() && step.bytes()[step.to() - 1] == ' ';
            at += step.length();
        }
        int end = text.length;
        while (how.collapseSpaces() && out.endsWith(space)) end = out.drop(space.length);
        if (how.extraSpace() && how.spaceLast()) out.add(space, end);
        return out.end(end);
    }

    private static boolean isSpace(Charsmap.Step step) {
        return step.to() - step.from() == 1 && step.bytes()[step.from()] == ' ';
    }

    /// What the next characters become; past the end of the text, nothing.
    private Charsmap.Step step(byte[] text, int at) {
        int same = kept.longest(text, at);
        if (same == 0) {
            var replaced = charsmap.step(text, at);
            if (replaced.length() > 0) return replaced;
            same = Utf8.length(text, at);
        }
        return new Charsmap.Step(text, at, at + same, same);
    }

    /// Bytes with their origins.
    private static final class Out {

        private byte[] bytes;
        private int[] origins;
        private int size;

        Out(int expected) {
            bytes = new byte[expected + 16];
            origins = new int[expected + 16];
        }

        void add(byte[] all, int origin) {
            for (byte b : all) add(b, origin);
        }

        void add(byte b, int origin) {
            // one more place, for the origin of the end
            if (size + 1 == bytes.length) {
                bytes = Arrays.copyOf(bytes, 2 * size);
                origins = Arrays.copyOf(origins, 2 * size);
            }
            bytes[size] = b;
            origins[size++] = origin;
        }

        boolean endsWith(byte[] tail) {
            return size >= tail.length
                    && Arrays.equals(bytes, size - tail.length, size, tail, 0, tail.length);
        }

        /// Takes the last bytes away, and says where they were from.
        int drop(int length) {
            size -= length;
            return origins[size];
        }

        Normal end(int origin) {
            origins[size] = origin;
            return new Normal(Arrays.copyOf(bytes, size), Arrays.copyOf(origins, size + 1));
        }
    }
}
