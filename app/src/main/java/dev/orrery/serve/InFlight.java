package dev.orrery.serve;

import dev.orrery.data.wire.RefusedException;
import dev.orrery.data.wire.RefusedException.Reason;
import java.time.Duration;

/// Questions that are being answered, so that a server can end when the last one is.
final class InFlight {

    private int flying;
    private boolean closed;

    /// A question begins.
    ///
    /// @throws RefusedException if the server ends
    synchronized void begin() {
        if (closed) {
            throw new RefusedException(
                    Reason.SHUTTING_DOWN, "the server ends; ask another one, or this one later");
        }
        flying++;
    }

    /// A question was answered or refused.
    synchronized void end() {
        flying--;
        notifyAll();
    }

    /// Whether no further question begins.
    synchronized boolean closed() {
        return closed;
    }

    /// Lets no further question begin and waits for those that fly.
    ///
    /// @return whether all of them landed in time
    synchronized boolean close(Duration patience) {
        closed = true;
        long end = System.nanoTime() + patience.toNanos();
        try {
            while (flying > 0 && System.nanoTime() < end) {
                wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return flying == 0;
    }
}
