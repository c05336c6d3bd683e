package dev.orrery.studio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
    record Update(boolean fresh, Map<String, Points> points) {}

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
            for (int i = 1; i < kept.steps().size(); i++) {
                kept.steps().remove(i);
                kept.values().remove(i);
            }
            stride *= 2;
            return true;
        }
    }

    private final Path file;
    private final Map<String, Series> series = new LinkedHashMap<>();
    private byte[] rest = new byte[0];
    private long place;
    private boolean fresh = true;

    CurveReader(Path file) {
        this.file = file;
    }

    /// What was logged since the last call, if anything was. Lines that are not JSON are left out.
    Optional<Update> poll() throws IOException {
        long size = Files.exists(file) ? Files.size(file) : 0;
        if (size < place) {
            series.clear();
            rest = new byte[0];
            place = 0;
            fresh = true;
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
            return news.isEmpty() ? Optional.empty() : Optional.of(new Update(false, news));
        }
        var whole = new LinkedHashMap<String, Points>();
        series.forEach((name, one) -> whole.put(name, one.kept));
        return Optional.of(new Update(true, whole));
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
        try {
            var entry = Json.read(new String(text, StandardCharsets.UTF_8));
            long step = entry.path("step").asLong(-1);
            if (step < 0) {
                return;
            }
            for (var value : entry.properties()) {
                boolean number = value.getValue().isNumber();
                if (number && !value.getKey().equals("step") && !value.getKey().equals("time")) {
                    add(value.getKey(), step, value.getValue().asDouble(), news);
                }
            }
        } catch (JacksonException _) {
            return;
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
