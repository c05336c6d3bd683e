package dev.orrery.data.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// The letters that byte-level vocabularies write bytes with: printable Latin-1 as itself, the
/// others, in order, from U+0100 on.
///
/// Source: GPT-2's encoder.
final class ByteAlphabet {

    private static final int[] BYTES = new int[0x100 + 0x44];

    static {
        java.util.Arrays.fill(BYTES, -1);
        int next = 0x100;
        for (int b = 0; b < 0x100; b++) {
            boolean printable = b > 0x20 && b < 0x7f || b > 0xa0 && b != 0xad;
            BYTES[printable ? b : next++] = b;
        }
    }

    private ByteAlphabet() {}

    /// The bytes of a token; letters outside the alphabet stand for themselves.
    static byte[] bytes(String token) {
        var out = new ByteArrayOutputStream();
        token.codePoints()
                .forEach(letter -> {
                    if (letter < BYTES.length && BYTES[letter] >= 0) out.write(BYTES[letter]);
                    else
                        out.writeBytes(Character.toString(letter).getBytes(StandardCharsets.UTF_8));
                });
        return out.toByteArray();
    }
}
