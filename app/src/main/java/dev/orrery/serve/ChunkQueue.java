package dev.orrery.serve;

import dev.orrery.data.wire.RefusedException;
import dev.orrery.data.wire.RefusedException.Reason;
import dev.orrery.policy.ChunkPolicy.Question;
import dev.orrery.policy.Plays;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// Questions of several robots, answered together: one thread owns the policy, and what comes in
/// within a few milliseconds goes through the network in one pass.
///
/// Nobody is waited for who cannot come: a robot that is alone is answered at once. A question
/// whose deadline passes is refused at that time, and dropped or its answer thrown away. Where a
/// pass fails, its questions are answered one by one, so that only the wrong one fails.
final class ChunkQueue implements AutoCloseable {

    private record Waiting(
            Question question, Deadline deadline, CompletableFuture<float[][]> answer) {}

    private final Passes passes;
    private final ServerFigures figures;
    private final AtomicInteger callers = new AtomicInteger();
    private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();
    private final CompletableFuture<Plays.Ready> opened = new CompletableFuture<>();
    private final Thread thread;
    private volatile boolean closing;

    private ChunkQueue(Supplier<Plays.Ready> open, Passes passes, ServerFigures figures) {
        this.passes = passes;
        this.figures = figures;
        thread = Thread.ofPlatform().daemon().name("policy").start(() -> work(open));
    }

    /// Opens a policy, on the thread that will use it.
    static ChunkQueue open(Supplier<Plays.Ready> policy, Passes passes, ServerFigures figures) {
        var queue = new ChunkQueue(policy, passes, figures);
        await(queue.opened, Deadline.NONE);
        return queue;
    }

    /// The policy, for what it says about itself.
    Plays.Ready policy() {
        return await(opened, Deadline.NONE);
    }

    /// One more robot may ask.
    void join() {
        callers.incrementAndGet();
    }

    /// One robot less.
    void leave() {
        callers.decrementAndGet();
    }

    /// The chunk that answers a question.
    ///
    /// @throws RefusedException if it is not there by the deadline, or the queue is closed
    float[][] ask(Question question, Deadline deadline) {
        var asked = new Waiting(question, deadline, new CompletableFuture<>());
        waiting.add(asked);
        if (closing) {
            refuseAll();
        }
        var chunk = await(asked.answer(), deadline);
        if (deadline.passed()) {
            throw deadline.refusal();
        }
        return chunk;
    }

    private void work(Supplier<Plays.Ready> open) {
        try {
            opened.complete(open.get());
        } catch (Throwable e) {
            opened.completeExceptionally(e);
            return;
        }
        try {
            while (!closing || !waiting.isEmpty()) {
                var first = waiting.poll(50, TimeUnit.MILLISECONDS);
                if (first != null) {
                    answer(together(first));
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            closing = true;
            refuseAll();
            policy().close().run();
        }
    }

    private List<Waiting> together(Waiting first) throws InterruptedException {
        var pass = new ArrayList<>(List.of(first));
        long end = System.nanoTime() + passes.window().toNanos();
        while (pass.size() < passes.most()) {
            long left = pass.size() < callers.get() ? end - System.nanoTime() : 0;
            var next = waiting.poll(Math.max(0, left), TimeUnit.NANOSECONDS);
            if (next == null) {
                break;
            }
            pass.add(next);
        }
        return pass;
    }

    private void answer(List<Waiting> pass) {
        var live = new ArrayList<Waiting>();
        for (var asked : pass) {
            if (asked.deadline().passed()) {
                asked.answer().completeExceptionally(asked.deadline().refusal());
            } else {
                live.add(asked);
            }
        }
        if (live.isEmpty()) {
            return;
        }
        long start = System.nanoTime();
        try {
            var questions = live.stream().map(Waiting::question).toList();
            var chunks = policy().policy().chunks(questions);
            for (int i = 0; i < live.size(); i++) {
                live.get(i).answer().complete(chunks.get(i));
            }
            figures.passed(live.size(), System.nanoTime() - start);
        } catch (Throwable e) {
            if (live.size() == 1) {
                live.getFirst().answer().completeExceptionally(e);
            } else {
                live.forEach(asked -> answer(List.of(asked)));
            }
        }
    }

    private void refuseAll() {
        for (var left = waiting.poll(); left != null; left = waiting.poll()) {
            left.answer()
                    .completeExceptionally(
                            new RefusedException(
                                    Reason.SHUTTING_DOWN, "the server ends; ask another one"));
        }
    }

    /// The result, or the cause of its absence as it is.
    private static <T> T await(CompletableFuture<T> result, Deadline deadline) {
        try {
            return result.get(deadline.left(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            throw deadline.refusal();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException known -> throw known;
                case Error severe -> throw severe;
                case Throwable other -> throw new IllegalStateException(other);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the policy was thinking", e);
        }
    }

    /// Answers what is waiting, then frees the policy.
    @Override
    public void close() {
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
