package dev.orrery.data.clips;

import dev.orrery.data.DatasetException;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// Writes an `.orv` file, episode by episode; a block of frames is all it holds in memory.
///
/// The file appears under its name when [#finish] is called; until then it has the ending `.part`,
/// and [#close] without it deletes that.
public final class OrvWriter extends PackingSink implements Closeable {

    private final Path path, part;
    private final OutputStream out;
    private final ByteArrayOutputStream episodes = new ByteArrayOutputStream();
    private final List<int[]> blocks = new ArrayList<>();
    private long at = OrvLayout.HEAD;
    private long frames;
    private int count;
    private boolean closed;

    private OrvWriter(PackedClips.Head head, Path path, Path part) throws IOException {
        super(head);
        this.path = path;
        this.part = part;
        out = new BufferedOutputStream(Files.newOutputStream(part, StandardOpenOption.CREATE_NEW));
        out.write(OrvLayout.head(head));
    }

    /// Begins a file.
    ///
    /// @param fps frames a second; 0 if unknown
    /// @param actionNames what the actions are called; empty if there will be none
    /// @throws DatasetException if the file exists or cannot be created
    public static OrvWriter create(
            Path path, int height, int width, double fps, List<String> actionNames) {
        var head = new PackedClips.Head(height, width, fps, actionNames, path.toString());
        var part = path.resolveSibling(path.getFileName() + ".part");
        if (Files.exists(path)) {
            throw DatasetException.at(path, "there is such a file; choose another name");
        }
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            return new OrvWriter(head, path, part);
        } catch (FileAlreadyExistsException e) {
            throw DatasetException.at(
                    part, "another writer is at it, or was stopped; delete it if so", e);
        } catch (IOException e) {
            throw DatasetException.at(path, "cannot be created", e);
        }
    }

    @Override
    long put(byte[] block) {
        try {
            out.write(block);
        } catch (IOException e) {
            throw DatasetException.at(part, "cannot be written", e);
        }
        blocks.add(new int[] {block.length, OrvLayout.crc(block)});
        long where = at;
        at += block.length;
        return where;
    }

    @Override
    void put(PackedClips.Episode episode) {
        var name = episode.clip().name().getBytes(StandardCharsets.UTF_8);
        boolean acted = !head().actionNames().isEmpty();
        var actions = episode.actions();
        var entry =
                OrvLayout.little(
                        2
                                + name.length
                                + 4
                                + 8
                                + 2
                                + episode.palette().length
                                + 8 * blocks.size()
                                + (acted ? 2 * actions.length : 0));
        entry.putShort((short) name.length).put(name);
        entry.putInt(episode.clip().frames()).putLong(episode.places()[0]);
        entry.putShort((short) (episode.palette().length / 3)).put(episode.palette());
        for (var block : blocks) entry.putInt(block[0]).putInt(block[1]);
        if (acted) for (int action : actions) entry.putShort((short) action);
        episodes.writeBytes(entry.array());
        blocks.clear();
        frames += episode.clip().frames();
        count++;
    }

    /// What was written of the episode stays in the file and is never read.
    @Override
    void forget() {
        blocks.clear();
    }

    /// Frames of the episodes that have ended.
    public long frames() {
        return frames;
    }

    /// Episodes that have ended.
    public int count() {
        return count;
    }

    /// Completes the file and gives it its name.
    ///
    /// @throws IllegalStateException if an episode has not ended
    /// @throws IllegalArgumentException if there is none
    /// @throws DatasetException if it cannot be written
    public void finish() {
        if (isOpen()) throw new IllegalStateException(path + ": an episode has not ended");
        if (count == 0) throw new IllegalArgumentException(path + ": no episode");
        try {
            var index = index();
            out.write(index);
            out.write(OrvLayout.tail(at, OrvLayout.head(head()), index));
            out.close();
            closed = true;
            Files.move(part, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw DatasetException.at(path, "cannot be finished", e);
        }
    }

    private byte[] index() throws IOException {
        var bytes = new ByteArrayOutputStream();
        var index = new DataOutputStream(bytes);
        index.write(OrvLayout.little(4).putInt(head().actionNames().size()).array());
        for (var name : head().actionNames()) {
            var text = name.getBytes(StandardCharsets.UTF_8);
            index.write(OrvLayout.little(2).putShort((short) text.length).array());
            index.write(text);
        }
        index.write(OrvLayout.little(4).putInt(count).array());
        episodes.writeTo(index);
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        if (closed) return;
        closed = true;
        try {
            out.close();
            Files.deleteIfExists(part);
        } catch (IOException e) {
            throw DatasetException.at(part, "cannot be deleted", e);
        }
    }
}
