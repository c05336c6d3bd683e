package dev.orrery.replay;

import dev.orrery.checkpoint.AtomicFile;
import dev.orrery.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Saved states of a [Replay]: `.npz` files of its chunks, and one `state-STEP.txt` a saved step
/// that lists them.
///
/// A file is never changed once a state names it, so a kill at any moment leaves the earlier states
/// whole. Only chunks that changed since they were last written are written.
public final class ReplayFolder {

    private static final String STATE = "state-%08d.txt";

    private final Path folder;

    public ReplayFolder(Path folder) {
        this.folder = folder;
    }

    static Path file(Path folder, Chunk chunk) {
        return folder.resolve("chunk-%06d.npz".formatted(chunk.serial()));
    }

    /// Saves everything after this many training steps.
    public void save(Replay replay, long step) {
        var text = new StringBuilder("orrery replay 1\n");
        var streams = replay.streams();
        for (int s = 0; s < streams.size(); s++) {
            text.append("stream %d %d\n".formatted(s, streams.get(s).queued));
            for (var chunk : streams.get(s).chunks) {
                if (chunk.isChanged())
                    chunk.save(
                            folder.resolve("chunk-%06d-%08d.npz".formatted(chunk.serial(), step)));
                text.append(
                        "chunk %d %d %d %s %s\n"
                                .formatted(
                                        s,
                                        chunk.serial(),
                                        chunk.start(),
                                        chunk.isMapped() ? "disk" : "memory",
                                        chunk.file().orElseThrow().getFileName()));
            }
        }
        for (var slot : replay.queue())
            text.append("fresh %d %d\n".formatted(slot.stream(), slot.start()));
        var bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(
                state(step), bytes.length, channel -> channel.write(ByteBuffer.wrap(bytes)));
    }

    /// Restores what was saved after this many training steps into an empty replay.
    ///
    /// @throws CheckpointException if it is missing or does not fit
    public void load(Replay replay, long step) {
        var streams = replay.streams();
        for (var line : lines(state(step))) {
            var words = line.split(" ");
            switch (words[0]) {
                case "stream" -> {
                    int number = Integer.parseInt(words[1]);
                    if (number >= streams.size())
                        throw new CheckpointException(
                                state(step),
                                line,
                                "has more streams than the %d worlds".formatted(streams.size()),
                                "use as many worlds as the run was begun with");
                    streams.get(number).queued = Long.parseLong(words[2]);
                }
                case "chunk" ->
                        replay.restore(
                                Integer.parseInt(words[1]),
                                Chunk.read(
                                        replay.schema(),
                                        Long.parseLong(words[2]),
                                        Long.parseLong(words[3]),
                                        folder.resolve(words[5]),
                                        words[4].equals("disk")));
                case "fresh" ->
                        replay.queue()
                                .add(
                                        new Sample.Slot(
                                                Integer.parseInt(words[1]),
                                                Long.parseLong(words[2])));
                default -> {}
            }
        }
    }

    /// Deletes states of other steps than these, and files that no remaining state names.
    public void keepOnly(Replay replay, List<Long> steps) {
        var kept = new HashSet<Path>();
        for (long step : steps) {
            var state = state(step);
            if (!Files.exists(state)) continue;
            kept.add(state);
            for (var line : lines(state))
                if (line.startsWith("chunk ")) kept.add(folder.resolve(line.split(" ")[5]));
        }
        for (var stream : replay.streams())
            for (var chunk : stream.chunks) chunk.file().ifPresent(kept::add);
        delete(kept);
    }

    private void delete(Set<Path> kept) {
        try (var files = Files.list(folder)) {
            for (var file : new ArrayList<>(files.sorted(Comparator.naturalOrder()).toList()))
                if (!kept.contains(file)) Files.deleteIfExists(file);
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    private Path state(long step) {
        return folder.resolve(STATE.formatted(step));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private static CheckpointException failed(Path file, IOException e) {
        return new CheckpointException(
                file,
                "",
                "cannot be read: " + e.getMessage(),
                "start a new run, or restore the file",
                e);
    }
}
