package dev.orrery.studio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/// Follows a `metrics.jsonl` while it grows.
///
/// Series stay short however long the log: when one has [#MOST] points, every second is dropped and
/// from then on only every second is taken. A log that becomes shorter (a resumed run rewrites it)
/// is read again from its start.
final class CurveReader {

    static final int MOST = 2000;

    private static final int BLOCK = 1 << 20, LONGEST_LINE = 1 << 20, MOST_SERIES = 400;

    /// Points of one series.
    ///
    /// @param steps where
    /// @param values what, null where it was not finite
    record Points(List<Long> steps, List<@Nullable Double> values) {
        Points() {
            this(new ArrayList<>(), new ArrayList<>());
        }

        private void add(long step, double value) {
            steps.add(step);
            values.add(Json.number(value));
        }
    }

    /// What is new.
    ///
    /// @param fresh whether `points` replace what was told before, rather than follow it
    /// @param problem a sentence about lines that had to be left out; empty if there is none
    record Update(boolean fresh, Map<String, Points> points, String problem) {}

    private static final class Series {
        final Points kept = new Points();
        long stride = 1, seen;

        /// Whether the point is taken; halves the series when it is full.
        boolean add(long step, double value) {
            if (seen++ % stride != 0) {
                return false;
            }
            kept.add(step, value);
            return true;
        }

        boolean halve() {
            if (kept.steps().size() < MOST) {
                return false;
            }
            thin(kept.steps());
            thin(kept.values());
            stride *= 2;
            return true;
        }
    }

    private static <T> void thin(List<T> values) {
        int left = 0;
        for (int i = 0; i < values.size(); i += 2) {
            values.set(left++, values.get(i));
        }
        values.subList(left, values.size()).clear();
    }

    private final String run;
    private final Path file;
    private final Map<String, Series> series = new LinkedHashMap<>();
    private byte[] rest = new byte[0];
    private long place;
    private boolean fresh = true;
    private @Nullable Object key;
    private long line, damaged, firstDamaged, told;

    /// @param run its name, for the reader of a problem
    CurveReader(String run, Path file) {
        this.run = run;
        this.file = file;
    }

    /// What was logged since the last call, if anything was. Lines that are not a step's numbers
    /// are left out and counted.
    Optional<Update> poll() throws IOException {
        long size = size();
        if (size < place) {
            begin();
        }
        if (size == place && !fresh) {
            return Optional.empty();
        }
        var news = new LinkedHashMap<String, Points>();
        read(size, news);
        boolean all = fresh;
        for (var one : series.values()) {
            all |= one.halve();
        }
        fresh = false;
        if (!all) {
            boolean nothing = news.isEmpty() && damaged == told;
            told = damaged;
            return nothing ? Optional.empty() : Optional.of(new Update(false, news, problem()));
        }
        var whole = new LinkedHashMap<String, Points>();
        series.forEach((name, one) -> whole.put(name, one.kept));
        return Optional.of(new Update(true, whole, problem()));
    }

    private void begin() {
        series.clear();
        rest = new byte[0];
        place = 0;
        fresh = true;
        line = damaged = firstDamaged = 0;
    }

    /// The file's size; begins anew if another file has taken its place, as when a run is resumed.
    private long size() throws IOException {
        try {
            var now = Files.readAttributes(file, BasicFileAttributes.class);
            if (key != null && !key.equals(now.fileKey())) {
                begin();
            }
            key = now.fileKey();
            return now.size();
        } catch (NoSuchFileException _) {
            return 0;
        }
    }

    private String problem() {
        if (!Files.exists(file.toAbsolutePath().getParent())) {
            return "The folder of run %s is gone; it was deleted or renamed.".formatted(run);
        }
        return damaged == 0
                ? ""
                : "%d %s of %s of run %s cannot be read and %s left out, the first is line %d."
                        .formatted(
                                damaged,
                                damaged == 1 ? "line" : "lines",
                                file.getFileName(),
                                run,
                                damaged == 1 ? "was" : "were",
                                firstDamaged);
    }

    private void read(long size, Map<String, Points> news) throws IOException {
        if (size == 0) {
            return;
        }
        try (var channel = FileChannel.open(file)) {
            var block = ByteBuffer.allocate((int) Math.min(BLOCK, Math.max(1, size - place)));
            while (place < size) {
                block.clear();
                int count = channel.read(block, place);
                if (count <= 0) {
                    return;
                }
                place += count;
                lines(block.array(), count, news);
            }
        }
    }

    private void lines(byte[] block, int count, Map<String, Points> news) {
        int start = 0;
        for (int i = 0; i < count; i++) {
            if (block[i] == '\n') {
                line(joined(block, start, i), news);
                rest = new byte[0];
                start = i + 1;
            }
        }
        var tail = joined(block, start, count);
        rest = tail.length > LONGEST_LINE ? new byte[0] : tail;
    }

    private byte[] joined(byte[] block, int from, int to) {
        var all = java.util.Arrays.copyOf(rest, rest.length + to - from);
        System.arraycopy(block, from, all, rest.length, to - from);
        return all;
    }

    private void line(byte[] text, Map<String, Points> news) {
        line++;
        if (!numbers(text, news) && text.length > 0) {
            firstDamaged = damaged++ == 0 ? line : firstDamaged;
        }
    }

    /// Takes the numbers of a line; false if it is none of a step.
    private boolean numbers(byte[] text, Map<String, Points> news) {
        try {
            var entry = Json.read(new String(text, StandardCharsets.UTF_8));
            long step = entry.path("step").asLong(-1);
            if (step < 0) {
                return false;
            }
            for (var value : entry.properties()) {
                boolean number = value.getValue().isNumber();
                if (number && !value.getKey().equals("step") && !value.getKey().equals("time")) {
                    add(value.getKey(), step, value.getValue().asDouble(), news);
                }
            }
            return true;
        } catch (JacksonException _) {
            return false;
        }
    }

    private void add(String name, long step, double value, Map<String, Points> news) {
        if (series.size() >= MOST_SERIES && !series.containsKey(name)) {
            return;
        }
        var one = series.computeIfAbsent(name, _ -> new Series());
        if (one.add(step, value)) {
            news.computeIfAbsent(name, _ -> new Points()).add(step, value);
        }
        if (one.kept.steps().size() >= 2 * MOST) {
            fresh |= one.halve();
        }
    }
}
