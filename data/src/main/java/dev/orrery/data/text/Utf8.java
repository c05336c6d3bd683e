package dev.orrery.data.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Characters in UTF-8.
final class Utf8 {

    /// SentencePiece's sign for a space, `▁`.
    static final byte[] MARK = "▁".getBytes(StandardCharsets.UTF_8);

    private Utf8() {}

    /// Whether a text goes on with [#MARK].
    static boolean isMark(byte[] text, int at) {
        return text.length - at >= MARK.length
                && Arrays.equals(text, at, at + MARK.length, MARK, 0, MARK.length);
    }

    /// The bytes of the character that begins at a place, as its first byte says, and not past the
    /// end.
    static int length(byte[] text, int at) {
        int left = text.length - at;
        if (left == 0) return 0;
        int lead = text[at] & 0xff;
        return Math.min(left, lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4);
    }

    /// Bytes as text, where each byte that is part of no character becomes one `�`; Java makes one
    /// of several.
    static String text(byte[] bytes) {
        var out = new StringBuilder();
        for (int at = 0; at < bytes.length; ) {
            var one = Arrays.copyOfRange(bytes, at, at + length(bytes, at));
            var text = new String(one, StandardCharsets.UTF_8);
            boolean whole = Arrays.equals(text.getBytes(StandardCharsets.UTF_8), one);
            out.append(whole ? text : "�");
            at += whole ? one.length : 1;
        }
        return out.toString();
    }
}
