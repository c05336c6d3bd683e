package dev.orrery.spacetime;

import dev.orrery.nn.KvCache;
import java.util.ArrayList;
import java.util.List;

/// What later frames need of earlier ones: keys and values of each block's temporal attention, for
/// each position.
///
/// Activations of a frame do not depend on later frames, so they are computed once. When the window
/// slides, every frame gets another place in time and its activations change: [#clear] and append
/// the frames that stay. For inference only, by one thread; lives until closed.
public final class TemporalCache implements AutoCloseable {

    private final List<KvCache> layers = new ArrayList<>();
    private int frames;

    TemporalCache(int blocks, int context) {
        for (int i = 0; i < blocks; i++) {
            layers.add(new KvCache(context));
        }
    }

    /// Frames held.
    public int frames() {
        return frames;
    }

    /// Forgets all frames from `count` on.
    public void truncate(int count) {
        layers.stream().filter(layer -> layer.length() > count).forEach(l -> l.truncate(count));
        frames = count;
    }

    /// Forgets all frames.
    public void clear() {
        truncate(0);
    }

    KvCache layer(int block) {
        return layers.get(block);
    }

    void grow(int more) {
        frames += more;
    }

    @Override
    public void close() {
        layers.forEach(KvCache::close);
        frames = 0;
    }
}
