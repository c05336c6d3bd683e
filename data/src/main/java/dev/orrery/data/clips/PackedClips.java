package dev.orrery.data.clips;

import dev.orrery.data.DatasetException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;

/// Episodes packed by [FramePacker], wherever their blocks are.
abstract class PackedClips implements Clips {

    private static final long CACHE = 16L << 20;

    /// @param head size, rate and names that all episodes share
    /// @param where what to call it in errors
    record Head(int height, int width, double fps, List<String> actionNames, String where) {

        private static final int LARGEST = ClipOptions.LARGEST, MOST_ACTIONS = 65_535;

        Head {
            if (height < 1 || width < 1 || height > LARGEST || width > LARGEST) {
                throw new IllegalArgumentException(
                        "%s: frames of %d x %d; choose up to %d"
                                .formatted(where, height, width, LARGEST));
            }
            if (!(fps >= 0 && fps <= 1e6)) {
                throw new IllegalArgumentException("%s: %s frames a second".formatted(where, fps));
            }
            if (actionNames.size() > MOST_ACTIONS) {
                throw new IllegalArgumentException(
                        "%s: %d kinds of action; at most %d"
                                .formatted(where, actionNames.size(), MOST_ACTIONS));
            }
            actionNames = List.copyOf(actionNames);
        }
    }

    /// @param palette three bytes a colour
    /// @param places where each block is
    /// @param actions one a frame
    record Episode(Clip clip, byte[] palette, long[] places, int[] actions) {

        int framesIn(int block) {
            return Math.min(FramePacker.BLOCK, clip.frames() - block * FramePacker.BLOCK);
        }

        long bytes() {
            return 128L
                    + 2L * clip.name().length()
                    + palette.length
                    + 8L * places.length
                    + 4L * actions.length;
        }
    }

    private record Key(int episode, int block) {}

    private final Head head;
    private final int most;
    private final Map<Key, byte[]> recent = new LinkedHashMap<>(16, 0.75f, true);

    PackedClips(Head head) {
        this.head = head;
        long block = (long) FramePacker.BLOCK * head.height * head.width * 3;
        most = (int) Math.max(1, CACHE / block);
    }

    abstract Episode episode(int number);

    /// A block's bytes.
    ///
    /// @throws DatasetException if it cannot be read or is damaged
    abstract byte[] block(int episode, int block);

    @Override
    public int height() {
        return head.height;
    }

    @Override
    public int width() {
        return head.width;
    }

    @Override
    public double fps() {
        return head.fps;
    }

    @Override
    public List<String> actionNames() {
        return head.actionNames;
    }

    private Episode known(int number) {
        if (number < 0 || number >= episodes().size()) {
            throw new IllegalArgumentException(
                    "%s has episodes 0 to %d, not %d"
                            .formatted(head.where, episodes().size() - 1, number));
        }
        return episode(number);
    }

    @Override
    public int[] actions(int episode) {
        return known(episode).actions.clone();
    }

    @Override
    public void read(int number, int first, int count, byte[] into, int at) {
        var episode = known(number);
        int length = episode.clip.frames(), size = frameBytes();
        if (first < 0 || count < 0 || count > length - first) {
            throw new IllegalArgumentException(
                    "%s: frames %d to %d of '%s', which has %d"
                            .formatted(
                                    head.where,
                                    first,
                                    (long) first + count - 1,
                                    episode.clip.name(),
                                    length));
        }
        if (at < 0 || (long) count * size > into.length - (long) at) {
            throw new IllegalArgumentException(
                    "%d frames need %d bytes from %d on, there are %d"
                            .formatted(count, (long) count * size, at, into.length));
        }
        for (int done = 0; done < count; ) {
            int frame = first + done, block = frame / FramePacker.BLOCK;
            int inside = frame % FramePacker.BLOCK;
            int n = Math.min(count - done, episode.framesIn(block) - inside);
            var frames = unpacked(number, episode, block);
            System.arraycopy(frames, inside * size, into, at + done * size, n * size);
            done += n;
        }
    }

    private byte[] unpacked(int number, Episode episode, int block) {
        var key = new Key(number, block);
        synchronized (recent) {
            var known = recent.get(key);
            if (known != null) return known;
        }
        try {
            var frames =
                    FramePacker.unpack(
                            block(number, block),
                            episode.framesIn(block),
                            head.height * head.width,
                            episode.palette);
            synchronized (recent) {
                recent.put(key, frames);
                if (recent.size() > most) recent.remove(recent.keySet().iterator().next());
            }
            return frames;
        } catch (DataFormatException e) {
            throw new DatasetException(
                    "%s: episode '%s', frames from %d on are damaged (%s)"
                            .formatted(
                                    head.where,
                                    episode.clip.name(),
                                    block * FramePacker.BLOCK,
                                    e.getMessage()),
                    e);
        }
    }

    /// Bytes of the unpacked blocks that are kept at most.
    final long cached() {
        return (long) most * FramePacker.BLOCK * frameBytes();
    }
}
