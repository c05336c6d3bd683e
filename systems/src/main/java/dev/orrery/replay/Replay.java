package dev.orrery.replay;

import dev.orrery.tensor.Seed;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;

/// Steps of several streams within limits of number and bytes, drawn as sequences.
///
/// The oldest chunks leave first: from memory to disk, then altogether. Belongs to one thread.
public final class Replay {

    /// @param length steps of a sequence, context included
    /// @param context first steps of it that are not trained on
    /// @param online whether each fresh sequence is drawn once before any other, in order, fresh
    ///   ones not overlapping beyond their context
    /// @param limits what may be kept
    public record Settings(int length, int context, boolean online, Limits limits) {
        public Settings {
            if (context < 0 || length <= context)
                throw new IllegalArgumentException(
                        "sequences of %d steps with %d of context; the length must be greater"
                                .formatted(length, context));
        }
    }

    /// @param steps kept at most
    /// @param memory bytes in memory
    /// @param disk bytes on disk, 0 for none
    public record Limits(long steps, long memory, long disk) {
        public Limits {
            if (steps < 1 || memory < 1 || disk < 0)
                throw new IllegalArgumentException(
                        "replay limits of %d steps, %d bytes of memory, %d of disk; the first two must be positive"
                                .formatted(steps, memory, disk));
        }
    }

    /// The chunks of one stream, all but the last full.
    static final class Stream {
        final ArrayDeque<Chunk> chunks = new ArrayDeque<>();
        private final List<Chunk> indexed = new ArrayList<>();
        long steps, queued;

        long first() {
            return chunks.isEmpty() ? steps : chunks.getFirst().start();
        }

        void add(Chunk chunk) {
            chunks.add(chunk);
            indexed.add(chunk);
        }

        void dropFirst() {
            chunks.removeFirst();
            indexed.removeFirst();
        }

        Chunk holding(long step) {
            return indexed.get((int) ((step - first()) / Chunk.STEPS));
        }
    }

    private final Schema schema;
    private final Settings settings;
    private final Path folder;
    private final List<Stream> streams = new ArrayList<>();
    private final Queue<Sample.Slot> fresh = new ArrayDeque<>();
    private long serial, memory, disk, steps;

    /// @param streams how many worlds write into it
    /// @param folder where chunks go that leave memory
    public Replay(Schema schema, Settings settings, int streams, Path folder) {
        this.schema = schema;
        this.settings = settings;
        this.folder = folder;
        for (int i = 0; i < streams; i++) this.streams.add(new Stream());
    }

    /// What a step consists of.
    public Schema schema() {
        return schema;
    }

    /// Steps kept now.
    public long size() {
        return steps;
    }

    /// Bytes in memory, and bytes on disk.
    public long[] bytes() {
        return new long[] {memory, disk};
    }

    /// What the limits come to, for people.
    public String estimate() {
        long wanted = settings.limits().steps() * schema.rowBytes();
        long held = Math.min(wanted, settings.limits().memory() + settings.limits().disk());
        return "replay: %d bytes a step, %.0f MB for %d steps, of which %.0f MB in memory and %.0f MB on disk; keeps the last %d steps"
                .formatted(
                        schema.rowBytes(),
                        wanted / 1e6,
                        settings.limits().steps(),
                        Math.min(wanted, settings.limits().memory()) / 1e6,
                        Math.max(0, held - settings.limits().memory()) / 1e6,
                        held / schema.rowBytes());
    }

    /// Stores a stream's next step.
    public void append(int number, Row row) {
        var stream = streams.get(number);
        if (stream.chunks.isEmpty() || stream.chunks.getLast().full()) open(stream);
        stream.chunks.getLast().append(row);
        stream.steps++;
        steps++;
        enqueue(number, stream);
    }

    private void open(Stream stream) {
        var chunk = new Chunk(schema, serial++, stream.steps);
        memory += chunk.bytes();
        stream.add(chunk);
        shrink();
    }

    private void enqueue(int number, Stream stream) {
        if (!settings.online()) return;
        long start = stream.queued;
        if (stream.steps - start < settings.length()) return;
        fresh.add(new Sample.Slot(number, start));
        stream.queued = start + settings.length() - settings.context();
    }

    private void shrink() {
        while (memory > settings.limits().memory() && oldest(false) instanceof Stream stream) {
            var chunk = stream.chunks.stream().filter(c -> !c.isMapped()).findFirst().orElseThrow();
            if (settings.limits().disk() == 0) {
                drop(stream);
                continue;
            }
            chunk.spill(ReplayFolder.file(folder, chunk));
            memory -= chunk.bytes();
            disk += chunk.bytes();
        }
        while (disk > settings.limits().disk() && oldest(true) instanceof Stream stream)
            drop(stream);
        while (steps > settings.limits().steps() && oldestOfAll() instanceof Stream stream)
            drop(stream);
    }

    private void drop(Stream stream) {
        var chunk = stream.chunks.getFirst();
        stream.dropFirst();
        if (chunk.isMapped()) disk -= chunk.bytes();
        else memory -= chunk.bytes();
        steps -= chunk.steps();
    }

    /// The stream whose first full chunk of the kind is the oldest; null if there is none.
    private @org.jspecify.annotations.Nullable Stream oldest(boolean mapped) {
        return streams.stream()
                .filter(s -> s.chunks.stream().anyMatch(c -> c.isMapped() == mapped && c.full()))
                .min(Comparator.comparingLong(s -> serial(s, mapped)))
                .orElse(null);
    }

    private static long serial(Stream stream, boolean mapped) {
        return stream.chunks.stream()
                .filter(c -> c.isMapped() == mapped)
                .findFirst()
                .orElseThrow()
                .serial();
    }

    private @org.jspecify.annotations.Nullable Stream oldestOfAll() {
        return streams.stream()
                .filter(s -> s.chunks.size() > 1)
                .min(Comparator.comparingLong(s -> s.chunks.getFirst().serial()))
                .orElse(null);
    }

    /// Whether a sequence can be drawn yet.
    public boolean ready() {
        return starts() > 0;
    }

    private long starts() {
        return streams.stream().mapToLong(this::starts).sum();
    }

    private long starts(Stream stream) {
        return Math.max(0, stream.steps - stream.first() - settings.length() + 1);
    }

    /// Draws sequences: fresh ones if there are any and they are wanted, then uniformly over all
    /// first steps.
    ///
    /// @throws IllegalStateException if no stream holds a whole sequence
    public Sample sample(int batch, Seed seed) {
        long starts = starts();
        if (starts == 0)
            throw new IllegalStateException(
                    "no stream holds %d steps in a row, the longest %d; collect more before training or use shorter sequences"
                            .formatted(
                                    settings.length(),
                                    streams.stream()
                                            .mapToLong(s -> s.steps - s.first())
                                            .max()
                                            .orElse(0)));
        var slots = new Sample.Slot[batch];
        var drawn = seed.integers(starts, batch).toLongs();
        for (int b = 0; b < batch; b++) {
            var next = nextFresh();
            slots[b] = next.isEmpty() ? place(drawn[b]) : next.getFirst();
        }
        var chunks = new Chunk[settings.length() * batch];
        for (int b = 0; b < batch; b++) {
            var stream = streams.get(slots[b].stream());
            for (int t = 0; t < settings.length(); t++)
                chunks[t * batch + b] = stream.holding(slots[b].start() + t);
        }
        return new Sample(schema, settings.length(), slots, chunks);
    }

    private List<Sample.Slot> nextFresh() {
        while (!fresh.isEmpty()) {
            var slot = fresh.remove();
            if (slot.start() >= streams.get(slot.stream()).first()) return List.of(slot);
        }
        return List.of();
    }

    private Sample.Slot place(long number) {
        for (int s = 0; s < streams.size(); s++) {
            long here = starts(streams.get(s));
            if (number < here) return new Sample.Slot(s, streams.get(s).first() + number);
            number -= here;
        }
        throw new IllegalStateException("no place for start %d".formatted(number));
    }

    /// Writes numbers of drawn steps back.
    ///
    /// @param name a column
    /// @param from step of the sequences that the first values belong to
    /// @param rows one [Row] of which the column is taken, for each `(t, b)`
    public void rewrite(Sample sample, String name, int from, RowSource rows) {
        int column = schema.place(name);
        for (int t = from; t < sample.length(); t++)
            for (int b = 0; b < sample.batch(); b++) {
                var slot = sample.slot(b);
                var stream = streams.get(slot.stream());
                long step = slot.start() + t;
                if (step < stream.first()) continue;
                var row = rows.row(t - from, b);
                var chunk = stream.holding(step);
                chunk.rewrite(column, (int) (step - chunk.start()), row.values(), row.base(column));
            }
    }

    /// Gives the values to be written back.
    @FunctionalInterface
    public interface RowSource {
        Row row(int t, int b);
    }

    // ---- for saving

    List<Stream> streams() {
        return streams;
    }

    Queue<Sample.Slot> queue() {
        return fresh;
    }

    /// Puts a saved chunk at the end of a stream.
    void restore(int stream, Chunk chunk) {
        var into = streams.get(stream);
        into.add(chunk);
        into.steps = chunk.start() + chunk.steps();
        steps += chunk.steps();
        serial = Math.max(serial, chunk.serial() + 1);
        if (chunk.isMapped()) disk += chunk.bytes();
        else memory += chunk.bytes();
    }
}
