package dev.orrery.data.clips;

import dev.orrery.data.DatasetException;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Frames as tokens, as the 1X World Model Challenge stores them: `metadata.json`, `video.bin` with
/// `num_images` × s × s tokens, `segment_ids.bin` with the number of the recording of each frame.
///
/// Files are mapped, not read. Source: the 1xgpt repository.
public final class TokenDump implements Closeable {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int MOST_METADATA = 1 << 20;

    private final Path folder;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment tokens;
    private final int frames, side, width;
    private final int[] segments;

    private TokenDump(Path folder, JsonNode metadata) throws IOException {
        this.folder = folder;
        var where = folder.resolve("metadata.json");
        frames = number(where, metadata, "num_images", Integer.MAX_VALUE - 8);
        side = number(where, metadata, "s", 1024);
        var type = metadata.path("token_dtype").asString("uint32");
        width =
                switch (type) {
                    case "uint8" -> 1;
                    case "uint16" -> 2;
                    case "uint32", "int32" -> 4;
                    default ->
                            throw DatasetException.at(
                                    where,
                                    "token_dtype '%s'; tokens are uint8, uint16, uint32 or int32"
                                            .formatted(type));
                };
        tokens = map(folder.resolve("video.bin"), (long) frames * side * side * width);
        segments = segments();
    }

    /// Opens a folder.
    ///
    /// @throws DatasetException if a file is missing, or has not the size that the metadata say
    public static TokenDump open(Path folder) {
        var where = folder.resolve("metadata.json");
        try {
            if (Files.size(where) > MOST_METADATA) throw DatasetException.at(where, "is too large");
            return new TokenDump(folder, JSON.readTree(Files.readAllBytes(where)));
        } catch (java.nio.file.NoSuchFileException e) {
            throw DatasetException.at(Path.of(e.getFile()), "there is no such file", e);
        } catch (IOException | JacksonException e) {
            throw DatasetException.at(where, "cannot be read", e);
        }
    }

    /// Whether a folder looks like one.
    public static boolean isOne(Path folder) {
        return Files.isRegularFile(folder.resolve("metadata.json"))
                && Files.isRegularFile(folder.resolve("video.bin"));
    }

    private static int number(Path where, JsonNode metadata, String key, int most) {
        var value = metadata.path(key);
        if (!value.canConvertToInt() || value.asInt() < 1 || value.asInt() > most) {
            throw DatasetException.at(
                    where, "%s is %s; it is a whole number from 1 on".formatted(key, value));
        }
        return value.asInt();
    }

    private MemorySegment map(Path file, long bytes) throws IOException {
        try (var channel = FileChannel.open(file)) {
            if (channel.size() != bytes) {
                throw DatasetException.at(
                        file,
                        "has %,d bytes; %,d frames need %,d"
                                .formatted(channel.size(), frames, bytes));
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes, arena);
        }
    }

    private int[] segments() throws IOException {
        var file = folder.resolve("segment_ids.bin");
        if (!Files.exists(file)) return new int[frames];
        return map(file, 4L * frames)
                .toArray(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN));
    }

    /// The number of frames.
    public int frames() {
        return frames;
    }

    /// Tokens in each row and column of a frame; S = side².
    public int side() {
        return side;
    }

    /// The recording that a frame belongs to; 0 for all if the folder does not say.
    public int segment(int frame) {
        return segments[frame];
    }

    /// The first frames of all windows that lie within one recording.
    ///
    /// @param count frames T of a window
    /// @param stride frames from one of the window to the next
    /// @throws IllegalArgumentException if there are none
    public int[] windows(int count, int stride) {
        if (count < 1 || stride < 1) {
            throw new IllegalArgumentException(
                    "windows of %d frames, every %d; choose at least 1".formatted(count, stride));
        }
        long span = (count - 1L) * stride;
        var firsts = new int[frames];
        int found = 0, until = 0;
        for (int first = 0; first < frames; first++) {
            if (until <= first) until = first;
            while (until + 1 < frames && segments[until + 1] == segments[first]) until++;
            if (first + span <= until) firsts[found++] = first;
        }
        if (found == 0) {
            throw new IllegalArgumentException(
                    "%s: no recording has %d frames, every %d".formatted(folder, count, stride));
        }
        return Arrays.copyOf(firsts, found);
    }

    /// Tokens of a window, `i64 (T, side, side)`.
    ///
    /// @throws IllegalArgumentException if there are no such frames
    public long[] window(int first, int count, int stride) {
        if (first < 0 || count < 1 || stride < 1 || first + (count - 1L) * stride >= frames) {
            throw new IllegalArgumentException(
                    "%s has frames 0 to %d; wanted are %d from %d on, every %d"
                            .formatted(folder, frames - 1, count, first, stride));
        }
        int size = side * side;
        var out = new long[Math.multiplyExact(count, size)];
        for (int t = 0; t < count; t++) {
            long from = (long) (first + t * stride) * size;
            for (int i = 0; i < size; i++) out[t * size + i] = token(from + i);
        }
        return out;
    }

    private long token(long index) {
        return switch (width) {
            case 1 -> tokens.get(ValueLayout.JAVA_BYTE, index) & 0xff;
            case 2 ->
                    tokens.get(
                                    ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(
                                            ByteOrder.LITTLE_ENDIAN),
                                    2 * index)
                            & 0xffff;
            default ->
                    tokens.get(
                                    ValueLayout.JAVA_INT_UNALIGNED.withOrder(
                                            ByteOrder.LITTLE_ENDIAN),
                                    4 * index)
                            & 0xffffffffL;
        };
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) arena.close();
    }
}
