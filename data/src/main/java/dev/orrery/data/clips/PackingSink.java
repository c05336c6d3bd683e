package dev.orrery.data.clips;

import java.util.ArrayList;
import java.util.Arrays;

/// A sink that packs frames and hands on blocks and episodes.
abstract class PackingSink implements ClipSink {

    private static final int LONGEST_NAME = 1000;

    private final PackedClips.Head head;
    private final FramePacker packer;
    private final ArrayList<Long> places = new ArrayList<>();
    private String name = "";
    private boolean open;
    private int frames;

    PackingSink(PackedClips.Head head) {
        this.head = head;
        packer = new FramePacker(head.height() * head.width());
    }

    /// Keeps a block.
    ///
    /// @return where it is
    abstract long put(byte[] block);

    /// Keeps an episode whose blocks have been kept.
    abstract void put(PackedClips.Episode episode);

    /// Lets go of the blocks of the episode that is dropped.
    abstract void forget();

    final PackedClips.Head head() {
        return head;
    }

    final boolean isOpen() {
        return open;
    }

    @Override
    public void begin(String name) {
        if (open) {
            throw new IllegalStateException(
                    "%s: '%s' has not ended".formatted(head.where(), this.name));
        }
        this.name = name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) : name;
        open = true;
        frames = 0;
        places.clear();
        packer.begin();
    }

    @Override
    public void frame(byte[] rgb) {
        needOpen();
        if (rgb.length != head.height() * head.width() * 3) {
            throw new IllegalArgumentException(
                    "%s: '%s', a frame of %d bytes; %d x %d has %d"
                            .formatted(
                                    head.where(),
                                    name,
                                    rgb.length,
                                    head.height(),
                                    head.width(),
                                    head.height() * head.width() * 3));
        }
        frames = Math.incrementExact(frames);
        if (packer.add(rgb)) places.add(put(packer.take()));
    }

    @Override
    public void end(int[] actions) {
        needOpen();
        var all = actions(actions);
        if (packer.waiting() > 0) places.add(put(packer.take()));
        open = false;
        put(
                new PackedClips.Episode(
                        new Clip(name, frames),
                        packer.palette(),
                        places.stream().mapToLong(Long::longValue).toArray(),
                        all));
    }

    private int[] actions(int[] actions) {
        if (frames == 0) {
            throw new IllegalArgumentException(
                    "%s: episode '%s' has no frames".formatted(head.where(), name));
        }
        if (actions.length != 0 && actions.length != frames && actions.length != frames - 1) {
            throw new IllegalArgumentException(
                    "%s: '%s' has %d frames and %d actions; give one a frame, or one between each two"
                            .formatted(head.where(), name, frames, actions.length));
        }
        var all = Arrays.copyOf(actions, frames);
        Arrays.fill(all, actions.length, frames, Clips.UNKNOWN);
        for (int action : all) {
            if (action != Clips.UNKNOWN && (action < 0 || action >= head.actionNames().size())) {
                throw new IllegalArgumentException(
                        "%s: '%s' has action %d; there are %d, %s"
                                .formatted(
                                        head.where(),
                                        name,
                                        action,
                                        head.actionNames().size(),
                                        head.actionNames()));
            }
        }
        return all;
    }

    @Override
    public void drop() {
        needOpen();
        open = false;
        forget();
    }

    private void needOpen() {
        if (!open) {
            throw new IllegalStateException(head.where() + ": no episode has begun");
        }
    }
}
