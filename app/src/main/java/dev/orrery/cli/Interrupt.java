package dev.orrery.cli;

import dev.orrery.run.Run;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Lets Ctrl-C end a run gracefully: it finishes its step, saves, and says how to go on.
final class Interrupt implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 120;
    private static volatile boolean happening;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook;

    private Interrupt(Run run) {
        hook =
                new Thread(
                        () -> {
                            happening = true;
                            run.requestStop();
                            run.progress().note("stopping after this step, saving…");
                            await();
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

    @Override
    public void close() {
        ended.countDown();
        if (!happening) {
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }

    private void await() {
        try {
            if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("orrery: the step did not end; what was saved before is intact");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
