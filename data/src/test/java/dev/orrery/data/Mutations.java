package dev.orrery.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/// Damages files, and checks how their readers take it.
public final class Mutations {

    private static final long MOST_BYTES = 64L << 20;
    private static final Pattern VALUE =
            Pattern.compile("-?\\d[\\d.eE+-]*|\"[^\"]*\"|true|false|null|\\[|]|\\{|}");
    private static final String[] STRANGE = {
        "-1",
        "0",
        "1e308",
        "99999999999999999999",
        "2147483648",
        "NaN",
        "null",
        "\"\"",
        "\"x\"",
        "\"../..\"",
        "\"a\\nb\"",
        "[]",
        "{}",
        "[[[[1]]]]",
        "true",
        ""
    };

    private final long seed;
    private final SplittableRandom random;
    private int refused;

    /// @param seed is told with every failure
    public Mutations(long seed) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
    }

    /// Cuts bytes off, or flips and overwrites some, mostly near the start or the end.
    public byte[] bytes(byte[] good) {
        if (random.nextInt(5) == 0) return Arrays.copyOf(good, random.nextInt(good.length));
        var out = good.clone();
        for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
            int edge = Math.min(out.length, 512);
            int at =
                    switch (random.nextInt(3)) {
                        case 0 -> random.nextInt(edge);
                        case 1 -> out.length - 1 - random.nextInt(edge);
                        default -> random.nextInt(out.length);
                    };
            out[at] =
                    random.nextBoolean()
                            ? (byte) (out[at] ^ 1 << random.nextInt(8))
                            : (byte) random.nextInt();
        }
        return out;
    }

    /// Puts strange values in place of one to three values or brackets of a JSON text.
    public byte[] json(byte[] good) {
        if (random.nextInt(4) == 0) return bytes(good);
        var text = new String(good, StandardCharsets.UTF_8);
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            var found = VALUE.matcher(text).results().toList();
            if (found.isEmpty()) break;
            var one = found.get(random.nextInt(found.size()));
            var strange = STRANGE[random.nextInt(STRANGE.length)];
            text = text.substring(0, one.start()) + strange + text.substring(one.end());
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// Runs a reader, which must end well or in a [DatasetException] of one line, and allocate
    /// little.
    public void read(Runnable reader, int round) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        try {
            reader.run();
        } catch (DatasetException e) {
            refused++;
            assertThat(e.getMessage())
                    .as("seed %d, round %d", seed, round)
                    .isNotBlank()
                    .doesNotContain("\n", "\r")
                    .hasSizeLessThan(5000);
        } catch (RuntimeException | StackOverflowError e) {
            throw new AssertionError("seed %d, round %d".formatted(seed, round), e);
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                .as("bytes allocated, seed %d, round %d", seed, round)
                .isLessThan(MOST_BYTES);
    }

    /// How many reads ended in a [DatasetException].
    public int refused() {
        return refused;
    }
}
