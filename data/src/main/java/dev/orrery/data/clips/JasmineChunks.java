package dev.orrery.data.clips;

import dev.orrery.data.DatasetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// Videos as jasmine stores them: ArrayRecord files of pickled dictionaries with `raw_video` (u8
/// `(T, H, W, 3)`), `sequence_length` and, if known, `actions`. Each record becomes an episode.
///
/// The records do not say H and W. Source: the p-doom/jasmine repository.
public final class JasmineChunks {

    private final List<Path> files;
    private final int height, width;
    private final int episodes, kinds;
    private final long frames;

    private record Record(byte[] video, int length, int[] actions) {}

    private JasmineChunks(Path path, int height, int width) {
        files = files(path);
        if (files.isEmpty()) throw DatasetException.at(path, "holds no .array_record files");
        long[] counts = new long[3];
        int[] size = {height, width};
        for (var file : files) {
            each(
                    file,
                    record -> {
                        if (size[0] == 0) size[0] = size[1] = side(file, record);
                        counts[0]++;
                        counts[1] += record.length;
                        for (int action : record.actions)
                            counts[2] = Math.max(counts[2], action + 1L);
                    });
        }
        this.height = size[0];
        this.width = size[1];
        if (counts[0] == 0) throw DatasetException.at(path, "holds no records");
        episodes = Math.toIntExact(counts[0]);
        frames = counts[1];
        kinds = (int) counts[2];
    }

    /// Reads all records once, to count them.
    ///
    /// @param path a file, or a folder of them
    /// @param height rows H; 0 if frames are square, which is then worked out
    /// @throws DatasetException if there are none, or one is damaged or of a kind that is not read
    public static JasmineChunks survey(Path path, int height, int width) {
        return new JasmineChunks(path, height, width);
    }

    /// Whether a path is such a file or a folder with one in it.
    public static boolean isOne(Path path) {
        return !files(path).isEmpty();
    }

    private static List<Path> files(Path path) {
        if (Files.isRegularFile(path)) return isFile(path) ? List.of(path) : List.of();
        if (!Files.isDirectory(path)) return List.of();
        try (var list = Files.list(path)) {
            var order = new NaturalOrder();
            return list.filter(JasmineChunks::isFile)
                    .sorted((a, b) -> order.compare(a.toString(), b.toString()))
                    .toList();
        } catch (IOException e) {
            throw DatasetException.at(path, "cannot be listed", e);
        }
    }

    private static boolean isFile(Path path) {
        return path.getFileName().toString().contains(".array_record");
    }

    private static int side(Path file, Record record) {
        long pixels = record.video.length / 3L / record.length;
        int side = (int) Math.round(Math.sqrt(pixels));
        if (3L * side * side * record.length != record.video.length) {
            throw DatasetException.at(
                    file,
                    "frames of %d pixels are not square; say height and width (--size HxW)"
                            .formatted(pixels));
        }
        return side;
    }

    private interface Taker {
        void take(Record record);
    }

    private static void each(Path file, Taker taker) {
        int number = 0;
        try (var records = ArrayRecordFile.open(file)) {
            for (var some = records.next(); !some.isEmpty(); some = records.next()) {
                for (var bytes : some) {
                    taker.take(record(file, number, bytes));
                    number++;
                }
            }
        }
    }

    private static Record record(Path file, int number, byte[] bytes) {
        Object value;
        try {
            value = Pickle.read(bytes);
        } catch (DatasetException e) {
            throw DatasetException.at(file, "record %d: %s".formatted(number, e.getMessage()), e);
        }
        if (value instanceof Map<?, ?> map
                && map.get("raw_video") instanceof byte[] video
                && map.get("sequence_length") instanceof Long length
                && length >= 1
                && length <= video.length) {
            return new Record(video, length.intValue(), actions(file, number, map));
        }
        throw DatasetException.at(
                file,
                "record %d is no dictionary with raw_video (bytes) and sequence_length"
                        .formatted(number));
    }

    private static int[] actions(Path file, int number, Map<?, ?> map) {
        if (!(map.get("actions") instanceof List<?> list)) return new int[0];
        return list.stream()
                .mapToInt(action -> {
                    if (action instanceof Long one && one >= 0 && one < 65_535) {
                        return one.intValue();
                    }
                    throw DatasetException.at(
                            file,
                            "record %d has action %s; actions are whole numbers from 0 on"
                                    .formatted(number, action));
                })
                .toArray();
    }

    /// Rows H.
    public int height() {
        return height;
    }

    /// Columns W.
    public int width() {
        return width;
    }

    /// Records.
    public int episodes() {
        return episodes;
    }

    /// Frames of all records.
    public long frames() {
        return frames;
    }

    /// Names of actions: their numbers.
    public List<String> actionNames() {
        return IntStream.range(0, kinds).mapToObj(String::valueOf).toList();
    }

    /// Hands all records on.
    ///
    /// @param progress told the episodes done
    /// @throws DatasetException if a record has another size
    public void write(ClipSink sink, Consumer<Integer> progress) {
        var done = new int[1];
        for (var file : files) {
            each(
                    file,
                    record -> {
                        write(file, record, sink, done[0]);
                        progress.accept(++done[0]);
                    });
        }
    }

    private void write(Path file, Record record, ClipSink sink, int number) {
        int size = height * width * 3;
        if ((long) record.length * size != record.video.length) {
            throw DatasetException.at(
                    file,
                    "episode %d has %d frames in %d bytes, which is not %d x %d"
                            .formatted(number, record.length, record.video.length, height, width));
        }
        sink.begin(file.getFileName() + "#" + number);
        var frame = new byte[size];
        for (int t = 0; t < record.length; t++) {
            System.arraycopy(record.video, t * size, frame, 0, size);
            sink.frame(frame);
        }
        sink.end(record.actions);
    }
}
