package dev.orrery.cli;

import dev.orrery.run.Run;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Lets Ctrl-C end a run gracefully: it finishes its step, saves, and says how to go on.
final class Interrupt implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 30;
    private static final CountDownLatch ENDED = new CountDownLatch(1);
    private static volatile boolean happening;

    private final Thread hook;

    private Interrupt(Run run) {
        hook =
                new Thread(
                        () -> {
                            happening = true;
                            run.requestStop();
                            run.progress().note("stopping after this step…");
                            awaitEnd();
                        },
                        "stop");
    }

    /// Stops `run` when the process is told to end, until closed.
    static Interrupt stops(Run run) {
        var interrupt = new Interrupt(run);
        Runtime.getRuntime().addShutdownHook(interrupt.hook);
        return interrupt;
    }

    /// Whether the process is ending because it was told to.
    static boolean happening() {
        return happening;
    }

    /// Says that the command has printed its last word, so that the process may end.
    static void ended() {
        ENDED.countDown();
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The process is ending already; the hook waits for the last word.
        }
    }

    private static void awaitEnd() {
        try {
            if (!ENDED.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                System.err.println(
                        "orrery: ended in the middle of a step; what was saved before is intact");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
