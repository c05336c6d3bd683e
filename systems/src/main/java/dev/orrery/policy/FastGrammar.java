package dev.orrery.policy;

/// Which FAST tokens may follow one another in a chunk: those after which there are not too many
/// coefficients, and no character that cannot become whole.
public final class FastGrammar {

    private static final int STATES = 4;

    private final int letters;
    private final int[][] after;

    /// @param bytes what each token writes
    /// @param letters coefficients of a chunk
    FastGrammar(byte[][] bytes, int letters) {
        this.letters = letters;
        after = new int[bytes.length][STATES];
        for (int token = 0; token < bytes.length; token++) {
            for (int open = 0; open < STATES; open++) {
                after[token][open] = walk(bytes[token], open);
            }
        }
    }

    /// Reads bytes of UTF-8 when `open` more are needed for the present character.
    ///
    /// @return characters completed, times four, plus the bytes then needed; -1 if impossible
    private static int walk(byte[] bytes, int open) {
        int complete = 0;
        for (byte b : bytes) {
            int high = b & 0xff;
            boolean continues = (high & 0xc0) == 0x80;
            if (continues != open > 0) {
                return -1;
            }
            if (continues) {
                open--;
            } else {
                open = high < 0x80 ? 0 : high < 0xe0 ? 1 : high < 0xf0 ? 2 : 3;
            }
            complete += open == 0 ? 1 : 0;
        }
        return bytes.length == 0 ? -1 : STATES * complete + open;
    }

    /// The number of tokens.
    public int size() {
        return after.length;
    }

    /// A chunk that nothing was written of yet.
    public Progress start() {
        return new Progress();
    }

    /// How much of a chunk is written.
    public final class Progress {

        private int written, open;

        private Progress() {}

        /// Whether all coefficients are written.
        public boolean complete() {
            return written == letters;
        }

        /// Whether a token may come next.
        public boolean allows(int token) {
            int then = after[token][open];
            if (then < 0) {
                return false;
            }
            int all = written + then / STATES;
            return then % STATES == 0 ? all <= letters : all < letters;
        }

        /// Writes a token.
        ///
        /// @throws IllegalArgumentException if it may not come next
        public void take(int token) {
            if (!allows(token)) {
                throw new IllegalArgumentException(
                        "FAST token %d cannot follow: %d of %d coefficients are written"
                                .formatted(token, written, letters));
            }
            int then = after[token][open];
            written += then / STATES;
            open = then % STATES;
        }
    }
}
