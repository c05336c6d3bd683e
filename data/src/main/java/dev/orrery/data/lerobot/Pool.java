package dev.orrery.data.lerobot;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.function.Function;

/// Open files, of which only the ones used last are kept open.
final class Pool<T extends Closeable> implements Closeable {

    private final int most;
    private final Function<Path, T> opener;
    private final LinkedHashMap<Path, T> open = new LinkedHashMap<>(16, 0.75f, true);
    private boolean closed;

    Pool(int most, Function<Path, T> opener) {
        this.most = most;
        this.opener = opener;
    }

    /// Hands an open file to `work`; it stays open for as long as that takes.
    synchronized <R> R use(Path path, Function<T, R> work) {
        if (closed) throw new IllegalStateException("the data set is closed");
        var file = open.get(path);
        if (file == null) {
            file = opener.apply(path);
            open.put(path, file);
            if (open.size() > most) shut(open.pollFirstEntry().getValue());
        }
        return work.apply(file);
    }

    private void shut(T file) {
        try {
            file.close();
        } catch (IOException _) {
            // A file that was only read has nothing to lose.
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        open.values().forEach(this::shut);
        open.clear();
    }
}
