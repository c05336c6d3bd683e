package dev.orrery.studio;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What is to be sent to one page. Of frames only the newest waits, of other messages a bounded
/// number, so that a slow reader neither blocks the world nor fills the memory.
final class Outbox {

    private static final int MOST = 64;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final ArrayDeque<String> messages = new ArrayDeque<>();
    private @Nullable String frame;
    private boolean closed;

    /// Replaces the frame that waits.
    void frame(String text) {
        put(() -> frame = text);
    }

    /// Adds a message; the oldest goes if too many wait.
    void message(String text) {
        put(() -> {
            if (messages.size() == MOST) {
                messages.removeFirst();
            }
            messages.addLast(text);
        });
    }

    void close() {
        put(() -> closed = true);
    }

    private void put(Runnable change) {
        lock.lock();
        try {
            change.run();
            filled.signal();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for the next text to send; null once it is closed.
    @Nullable String take() throws InterruptedException {
        lock.lock();
        try {
            while (messages.isEmpty() && frame == null && !closed) {
                filled.await(1, TimeUnit.MINUTES);
            }
            if (closed) {
                return null;
            }
            if (!messages.isEmpty()) {
                return messages.removeFirst();
            }
            var newest = frame;
            frame = null;
            return newest;
        } finally {
            lock.unlock();
        }
    }
}
