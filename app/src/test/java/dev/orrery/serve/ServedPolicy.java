package dev.orrery.serve;

import dev.orrery.env.Observation;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.Plays;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;

/// A policy whose answers say what it was asked: row 0 is the state, row 1 the seed and what was
/// held. It can be made to wait, and keeps count of its passes.
final class ServedPolicy implements ChunkPolicy {

    final List<Integer> passes = new CopyOnWriteArrayList<>();
    final CountDownLatch closed = new CountDownLatch(1);
    private final Semaphore gate = new Semaphore(0);
    private volatile boolean gated;
    private final boolean continues;

    ServedPolicy(boolean continues) {
        this.continues = continues;
    }

    Plays.Ready ready() {
        return new Plays.Ready(this, 2, closed::countDown);
    }

    /// From now on passes wait until they are let through.
    void stop() {
        gate.drainPermits();
        gated = true;
    }

    /// Lets all passes through.
    void go() {
        gated = false;
        gate.release(1000);
    }

    @Override
    public boolean continues() {
        return continues;
    }

    @Override
    public float[][] chunk(Observation seen, Held held) {
        throw new AssertionError("asked alone");
    }

    @Override
    public List<float[][]> chunks(List<Question> questions) {
        passes.add(questions.size());
        if (gated) {
            gate.acquireUninterruptibly();
        }
        var answers = new ArrayList<float[][]>();
        for (var question : questions) {
            var seen = question.observation();
            if (seen.text().equals("break")) {
                throw new IllegalArgumentException("this instruction breaks the pass");
            }
            float seed = (question.seed() & 0xff) / 256f;
            var held = question.held();
            float first = held.actions().length == 0 ? 0 : held.actions()[0][0];
            answers.add(
                    new float[][] {
                        seen.state().length == 4 ? seen.state() : new float[4],
                        {seed, held.frozen() / 10f, held.actions().length / 10f, first},
                        {.1f, .2f, .3f, .4f}
                    });
        }
        return answers;
    }
}
