package dev.orrery.data.clips;

import dev.orrery.data.DatasetException;
import java.util.ArrayList;
import java.util.List;

/// Episodes packed in memory.
///
/// Frames of few colours take a small part of their size: those of the platformer about a
/// hundredth.
public final class MemoryClips extends PackedClips {

    private final List<byte[]> blocks;
    private final List<Episode> packed;
    private final List<Clip> episodes;
    private final long bytes;

    private MemoryClips(Head head, List<byte[]> blocks, List<Episode> packed, long bytes) {
        super(head);
        this.blocks = blocks;
        this.packed = packed;
        this.episodes = packed.stream().map(Episode::clip).toList();
        this.bytes = bytes;
    }

    /// Begins to gather episodes.
    ///
    /// @param fps frames a second; 0 if unknown
    /// @param actionNames what the actions are called; empty if there will be none
    /// @param budget how many bytes may be used at most
    public static Gathering gather(
            int height, int width, double fps, List<String> actionNames, long budget) {
        return new Gathering(new Head(height, width, fps, actionNames, "clips"), budget);
    }

    /// Begins to gather episodes, of any number of bytes.
    public static Gathering gather(int height, int width, double fps, List<String> actionNames) {
        return gather(height, width, fps, actionNames, Long.MAX_VALUE);
    }

    /// Packs episodes that are added; [#done] gives them.
    public static final class Gathering extends PackingSink {

        private final long budget;
        private final List<byte[]> blocks = new ArrayList<>();
        private final List<Episode> episodes = new ArrayList<>();
        private long bytes;
        private int kept;

        private Gathering(Head head, long budget) {
            super(head);
            this.budget = budget;
        }

        @Override
        long put(byte[] block) {
            grow(block.length + 24L);
            blocks.add(block);
            return blocks.size() - 1L;
        }

        @Override
        void put(Episode episode) {
            grow(episode.bytes());
            episodes.add(episode);
            kept = blocks.size();
        }

        private void grow(long more) {
            bytes += more;
            if (bytes > budget) {
                throw new DatasetException(
                        "clips: %d frames packed already need more than %,d bytes of memory; give more, take smaller or fewer frames, or put them on disk with `orrery data clips convert`"
                                .formatted(
                                        episodes.stream().mapToLong(e -> e.clip().frames()).sum(),
                                        budget));
            }
        }

        @Override
        void forget() {
            while (blocks.size() > kept) bytes -= blocks.removeLast().length + 24L;
        }

        /// The bytes used so far.
        public long bytes() {
            return bytes;
        }

        /// What was gathered.
        ///
        /// @throws IllegalStateException if an episode has not ended
        /// @throws IllegalArgumentException if there is none
        public MemoryClips done() {
            if (isOpen()) throw new IllegalStateException("clips: an episode has not ended");
            if (episodes.isEmpty()) throw new IllegalArgumentException("clips: no episode");
            return new MemoryClips(head(), List.copyOf(blocks), List.copyOf(episodes), bytes);
        }
    }

    @Override
    Episode episode(int number) {
        return packed.get(number);
    }

    @Override
    byte[] block(int episode, int block) {
        return blocks.get(Math.toIntExact(packed.get(episode).places()[block]));
    }

    @Override
    public List<Clip> episodes() {
        return episodes;
    }

    @Override
    public long bytes() {
        return bytes + cached();
    }

    @Override
    public void close() {}
}
