package dev.orrery.studio;

import dev.orrery.env.Image;
import dev.orrery.worldmodel.play.DreamControls;
import dev.orrery.worldmodel.play.DreamPrompt;
import dev.orrery.worldmodel.play.DreamSession;
import dev.orrery.worldmodel.play.DreamTruth;
import dev.orrery.worldmodel.play.KeyScript;
import dev.orrery.worldmodel.play.Sampling;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// One dream that is played over the network. A thread of its own opens the model, uses it and
/// closes it; whoever asks gets a promise. Of keys only the newest waits: one that came before it
/// and was not yet taken is answered with nothing.
final class DreamRoom implements AutoCloseable {

    /// Frames that a dream may have, an hour of them, and the newest that a film shows, a minute.
    static final int LONGEST = 36_000, FILM = 600;

    private static final System.Logger LOG = System.getLogger(DreamRoom.class.getName());

    /// A frame and how it came about.
    ///
    /// @param number frames since the prompt, which is 0
    /// @param code what was pressed; the idle code for the prompt
    /// @param truth what the world itself shows, empty if none goes along
    /// @param over whether the world's episode has ended
    /// @param millis how long it took
    record Shown(
            int number,
            int code,
            Image picture,
            Optional<Image> truth,
            boolean over,
            double millis) {}

    /// What a frame was made of, so that it can be made again.
    record Moment(int code, Sampling sampling, int[] ids) {}

    /// A dream so far.
    ///
    /// @param first the tokens of the prompt
    record Trajectory(DreamPrompt prompt, long seed, int[] first, List<Moment> moments) {}

    private sealed interface Ask {
        CompletableFuture<Optional<Shown>> answer();

        record Begin(DreamPrompt prompt, long seed, CompletableFuture<Optional<Shown>> answer)
                implements Ask {}

        record Step(String key, Sampling sampling, CompletableFuture<Optional<Shown>> answer)
                implements Ask {}
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition asked = lock.newCondition();
    private final CompletableFuture<DreamControls> controls = new CompletableFuture<>();
    private final Thread thread;
    private Optional<Ask.Begin> begin = Optional.empty();
    private Optional<Ask.Step> step = Optional.empty();
    private boolean closed;
    private volatile long lastAsked = System.nanoTime();

    private final ArrayDeque<Shown> film = new ArrayDeque<>();
    private final List<Moment> moments = new ArrayList<>();
    private Optional<DreamTruth> truth = Optional.empty();
    private DreamPrompt prompt = new DreamPrompt.Recorded(0);
    private long seed;
    private int[] first = {};

    /// @param open opens the model, on the thread of this room
    DreamRoom(String name, Supplier<DreamSession> open) {
        thread = Thread.ofPlatform().daemon().name(name).unstarted(() -> live(open));
        thread.start();
    }

    /// What can be pressed, once the model is open.
    CompletableFuture<DreamControls> controls() {
        return controls;
    }

    /// Begins anew. A key that waits is dropped.
    CompletableFuture<Optional<Shown>> begin(DreamPrompt from, long seed) {
        var ask = new Ask.Begin(from, seed, new CompletableFuture<>());
        return put(
                ask,
                () -> {
                    begin.ifPresent(DreamRoom::supersede);
                    step.ifPresent(DreamRoom::supersede);
                    step = Optional.empty();
                    begin = Optional.of(ask);
                });
    }

    /// Presses a key: a code, or an action in words. The answer is empty if a newer one came first.
    CompletableFuture<Optional<Shown>> step(String key, Sampling sampling) {
        var ask = new Ask.Step(key, sampling, new CompletableFuture<>());
        return put(
                ask,
                () -> {
                    step.ifPresent(DreamRoom::supersede);
                    step = Optional.of(ask);
                });
    }

    private static void supersede(Ask older) {
        older.answer().complete(Optional.empty());
    }

    private CompletableFuture<Optional<Shown>> put(Ask ask, Runnable change) {
        touch();
        lock.lock();
        try {
            if (closed) {
                ask.answer().completeExceptionally(gone());
            } else {
                change.run();
                asked.signal();
            }
        } finally {
            lock.unlock();
        }
        return ask.answer();
    }

    private static Refusal gone() {
        return Refusal.missing("this dream has ended; begin another");
    }

    private void live(Supplier<DreamSession> open) {
        try (var dream = open.get()) {
            controls.complete(dream.controls());
            for (var ask = take(); ask.isPresent(); ask = take()) {
                answer(ask.get(), dream);
            }
        } catch (IllegalArgumentException e) {
            controls.completeExceptionally(e);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "a dream ended", e);
            controls.completeExceptionally(e);
        } finally {
            controls.completeExceptionally(gone());
            close();
        }
    }

    private Optional<Ask> take() {
        lock.lock();
        try {
            while (!closed && begin.isEmpty() && step.isEmpty()) {
                asked.awaitUninterruptibly();
            }
            if (closed) {
                return Optional.empty();
            }
            if (begin.isPresent()) {
                Optional<Ask> taken = begin.map(b -> b);
                begin = Optional.empty();
                return taken;
            }
            Optional<Ask> taken = step.map(s -> s);
            step = Optional.empty();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private void answer(Ask ask, DreamSession dream) {
        try {
            long before = System.nanoTime();
            ask.answer()
                    .complete(
                            Optional.of(
                                    switch (ask) {
                                        case Ask.Begin b -> begun(b, dream, before);
                                        case Ask.Step s -> stepped(s, dream, before);
                                    }));
        } catch (RuntimeException e) {
            ask.answer().completeExceptionally(e);
        } catch (Error e) {
            ask.answer().completeExceptionally(e);
            throw e;
        }
    }

    private Shown begun(Ask.Begin wanted, DreamSession dream, long before) {
        var picture = dream.begin(wanted.prompt(), wanted.seed());
        var ids = dream.ids();
        truth = dream.truth();
        lock.lock();
        try {
            prompt = wanted.prompt();
            seed = wanted.seed();
            first = ids;
            moments.clear();
            film.clear();
            return show(0, dream.controls().idle(), picture, before);
        } finally {
            lock.unlock();
        }
    }

    private Shown stepped(Ask.Step wanted, DreamSession dream, long before) {
        int number = moments.size() + 1;
        if (number > LONGEST) {
            throw Refusal.wrong("a dream ends after %,d frames; begin it again".formatted(LONGEST));
        }
        int code = KeyScript.code(wanted.key(), dream.controls());
        var picture = dream.step(code, wanted.sampling());
        var ids = dream.ids();
        truth.ifPresent(world -> follow(world, wanted.key(), code, dream.controls()));
        lock.lock();
        try {
            moments.add(new Moment(code, wanted.sampling(), ids));
            return show(number, code, picture, before);
        } finally {
            lock.unlock();
        }
    }

    /// The world itself takes the action that was pressed, or the one that the code stands for.
    private static void follow(DreamTruth world, String key, int code, DreamControls controls) {
        var known = world.actions();
        var action =
                known.contains(key)
                        ? key
                        : controls.action(code).filter(known::contains).orElse(known.getFirst());
        world.step(action);
    }

    private Shown show(int number, int code, Image picture, long before) {
        var shown =
                new Shown(
                        number,
                        code,
                        picture,
                        truth.map(DreamTruth::frame),
                        truth.map(DreamTruth::over).orElse(false),
                        (System.nanoTime() - before) / 1e6);
        if (film.size() == FILM) {
            film.removeFirst();
        }
        film.addLast(shown);
        return shown;
    }

    /// What was pressed since the dream began, and what came of it.
    Trajectory trajectory() {
        lock.lock();
        try {
            return new Trajectory(prompt, seed, first, List.copyOf(moments));
        } finally {
            lock.unlock();
        }
    }

    /// The newest frames, the oldest first.
    List<Shown> film() {
        lock.lock();
        try {
            return List.copyOf(film);
        } finally {
            lock.unlock();
        }
    }

    /// Somebody is there.
    void touch() {
        lastAsked = System.nanoTime();
    }

    boolean idleFor(long nanos) {
        return System.nanoTime() - lastAsked > nanos;
    }

    boolean ended() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until the model is closed.
    void join() throws InterruptedException {
        thread.join(TimeUnit.SECONDS.toMillis(10));
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            begin.ifPresent(b -> b.answer().completeExceptionally(gone()));
            step.ifPresent(s -> s.answer().completeExceptionally(gone()));
            begin = Optional.empty();
            step = Optional.empty();
            asked.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
