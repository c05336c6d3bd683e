package dev.orrery.data.clips;

import dev.orrery.data.DatasetException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// An `.orv` file, mapped into memory; [OrvWriter] writes them.
///
/// Opening reads the index only. Files that are cut off, damaged or made up are answered with a
/// [DatasetException]; nothing is allocated that the file's size does not warrant.
public final class OrvClips extends PackedClips {

    private static final int MOST_EPISODES = 10_000_000;

    /// @param checks checksum of each block
    /// @param sizes bytes of each block
    private record Stored(Episode episode, int[] sizes, int[] checks) {}

    private record Contents(Head head, List<Stored> episodes) {}

    private final Path path;
    private final Arena arena;
    private final MemorySegment file;
    private final List<Stored> stored;
    private final List<Clip> episodes;

    private OrvClips(Path path, Arena arena, MemorySegment file, Contents contents) {
        super(contents.head);
        this.path = path;
        this.arena = arena;
        this.file = file;
        stored = contents.episodes;
        episodes = stored.stream().map(s -> s.episode.clip()).toList();
    }

    /// Opens a file.
    ///
    /// @throws DatasetException if it is missing, cut off, damaged or of a later version
    public static OrvClips open(Path path) {
        if (!Files.isRegularFile(path)) throw DatasetException.at(path, "there is no such file");
        var arena = Arena.ofShared();
        try (var channel = FileChannel.open(path)) {
            var file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return new OrvClips(path, arena, file, contents(path, file));
        } catch (IOException e) {
            arena.close();
            throw DatasetException.at(path, "cannot be read", e);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private static Contents contents(Path path, MemorySegment file) {
        long size = file.byteSize();
        if (size < OrvLayout.HEAD + OrvLayout.TAIL) {
            throw DatasetException.at(path, "%d bytes are no .orv file".formatted(size));
        }
        var head = buffer(file, 0, OrvLayout.HEAD);
        if (!Arrays.equals(bytes(head, 8), OrvLayout.BEGIN)) {
            throw DatasetException.at(path, "is no .orv file: it does not begin with ORVCLIPS");
        }
        int version = head.getShort(8) & 0xffff, block = head.getShort(10) & 0xffff;
        if (version != OrvLayout.VERSION || block != FramePacker.BLOCK) {
            throw DatasetException.at(
                    path,
                    "has version %d with blocks of %d frames; this release reads version %d with %d"
                            .formatted(version, block, OrvLayout.VERSION, FramePacker.BLOCK));
        }
        var tail = buffer(file, size - OrvLayout.TAIL, OrvLayout.TAIL);
        long at = tail.getLong(), length = tail.getLong();
        int crc = tail.getInt();
        if (!Arrays.equals(bytes(tail.position(24), 8), OrvLayout.END)) {
            throw DatasetException.at(
                    path, "is cut off: it does not end with ORVINDEX; copy or convert it again");
        }
        if (at < OrvLayout.HEAD
                || length < 8
                || length > Integer.MAX_VALUE - 64
                || at != size - OrvLayout.TAIL - length) {
            throw DatasetException.at(
                    path, "its index cannot be at %d with %d bytes".formatted(at, length));
        }
        var index = buffer(file, at, (int) length);
        if (OrvLayout.crc(head.array(), index.array()) != crc) {
            throw DatasetException.at(path, "its index fails its checksum; copy it again");
        }
        return contents(path, head, index, at);
    }

    private static Contents contents(Path path, ByteBuffer head, ByteBuffer index, long end) {
        try {
            var names = new ArrayList<String>();
            int kinds = index.getInt();
            if (kinds < 0 || kinds > index.remaining() / 2) throw lies(path, kinds + " actions");
            for (int i = 0; i < kinds; i++) names.add(text(index));
            var all =
                    new Head(
                            head.getShort(12) & 0xffff,
                            head.getShort(14) & 0xffff,
                            head.getDouble(16),
                            names,
                            path.toString());
            int count = index.getInt();
            if (count < 1 || count > MOST_EPISODES || count > index.remaining() / 16) {
                throw lies(path, count + " episodes");
            }
            var episodes = new ArrayList<Stored>(count);
            for (int i = 0; i < count; i++) episodes.add(episode(path, i, index, all, end));
            if (index.hasRemaining()) throw lies(path, index.remaining() + " bytes too many");
            return new Contents(all, episodes);
        } catch (BufferUnderflowException e) {
            throw DatasetException.at(path, "its index ends too early", e);
        } catch (IllegalArgumentException e) {
            throw new DatasetException(e.getMessage(), e);
        }
    }

    private static DatasetException lies(Path path, String what) {
        return DatasetException.at(path, "its index cannot be: " + what);
    }

    private static Stored episode(Path path, int number, ByteBuffer in, Head head, long end) {
        var name = text(in);
        int frames = in.getInt();
        long at = in.getLong();
        int colours = in.getShort() & 0xffff;
        if (frames < 1 || colours > FramePacker.MOST_COLOURS) {
            throw lies(
                    path,
                    "episode %d has %d frames, %d colours".formatted(number, frames, colours));
        }
        var palette = bytes(in, 3 * colours);
        int blocks = Math.ceilDiv(frames, FramePacker.BLOCK);
        if (blocks > in.remaining() / 8) throw lies(path, blocks + " blocks");
        var places = new long[blocks];
        int[] sizes = new int[blocks], checks = new int[blocks];
        for (int b = 0; b < blocks; b++) {
            places[b] = at;
            sizes[b] = in.getInt();
            checks[b] = in.getInt();
            if (at < OrvLayout.HEAD || sizes[b] < 1 || sizes[b] > end - at) {
                throw lies(
                        path,
                        "block %d of episode %d at %d with %d bytes"
                                .formatted(b, number, at, sizes[b]));
            }
            at += sizes[b];
        }
        var actions = actions(path, number, in, frames, head.actionNames().size());
        return new Stored(
                new Episode(new Clip(name, frames), palette, places, actions), sizes, checks);
    }

    private static int[] actions(Path path, int number, ByteBuffer in, int frames, int kinds) {
        if (kinds > 0 && frames > in.remaining() / 2) throw lies(path, frames + " actions");
        var actions = new int[frames];
        Arrays.fill(actions, UNKNOWN);
        for (int t = 0; kinds > 0 && t < frames; t++) {
            int action = in.getShort() & 0xffff;
            if (action == OrvLayout.NO_ACTION) continue;
            if (action >= kinds) {
                throw lies(path, "episode %d has action %d of %d".formatted(number, action, kinds));
            }
            actions[t] = action;
        }
        return actions;
    }

    private static String text(ByteBuffer in) {
        return new String(bytes(in, in.getShort() & 0xffff), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(ByteBuffer in, int count) {
        if (count > in.remaining()) throw new BufferUnderflowException();
        var out = new byte[count];
        in.get(out);
        return out;
    }

    private static ByteBuffer buffer(MemorySegment file, long at, int length) {
        return ByteBuffer.wrap(file.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    Episode episode(int number) {
        return stored.get(number).episode;
    }

    @Override
    byte[] block(int number, int block) {
        var where = stored.get(number);
        var episode = where.episode;
        try {
            var bytes =
                    file.asSlice(episode.places()[block], where.sizes[block])
                            .toArray(ValueLayout.JAVA_BYTE);
            if (OrvLayout.crc(bytes) == where.checks[block]) return bytes;
        } catch (InternalError e) {
            throw DatasetException.at(path, "became shorter while it was read", e);
        }
        throw DatasetException.at(
                path,
                "episode '%s', frames from %d on fail their checksum; copy the file again"
                        .formatted(episode.clip().name(), block * FramePacker.BLOCK));
    }

    @Override
    public List<Clip> episodes() {
        return episodes;
    }

    @Override
    public long bytes() {
        return cached()
                + stored.stream().mapToLong(s -> s.episode.bytes() + 8L * s.sizes.length).sum();
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) arena.close();
    }
}
