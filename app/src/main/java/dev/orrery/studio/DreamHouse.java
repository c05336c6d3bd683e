package dev.orrery.studio;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// The dreams that are being played: a bounded number, of which those that nobody plays end.
final class DreamHouse implements AutoCloseable {

    private final Dreaming limits;
    private final Map<String, DreamRoom> rooms = new LinkedHashMap<>();
    private final AtomicInteger count = new AtomicInteger();
    private final Thread caretaker;
    private volatile boolean closed;

    DreamHouse(Dreaming limits) {
        this.limits = limits;
        caretaker = Thread.ofVirtual().name("dreams").start(this::sweep);
    }

    /// A room that was opened, and its name.
    record Opened(String id, DreamRoom room) {}

    /// Opens a model for somebody.
    ///
    /// @throws Refusal if too many are open
    synchronized Opened open(String model) {
        rooms.values().removeIf(DreamRoom::ended);
        if (closed || rooms.size() >= limits.sessions()) {
            throw Refusal.busy(
                    "%d dreams are being played already, and no more at once; close the page of another, or wait: one in which nothing is pressed ends after %s"
                            .formatted(limits.sessions(), words(limits.idle())));
        }
        var id = "dream-" + count.incrementAndGet();
        var room = new DreamRoom(id, () -> limits.source().open(model));
        rooms.put(id, room);
        return new Opened(id, room);
    }

    private static String words(Duration time) {
        return time.toMinutes() > 0
                ? time.toMinutes() + " minutes"
                : "%.1f seconds".formatted(time.toMillis() / 1e3);
    }

    /// The room of this name.
    ///
    /// @throws Refusal if there is none, or it has ended
    synchronized DreamRoom find(String id) {
        return Optional.ofNullable(rooms.get(id))
                .filter(room -> !room.ended())
                .orElseThrow(() ->
                        Refusal.missing(
                                "there is no session '%s'; it may have ended, as one in which nothing is pressed does after %s; POST /session begins another"
                                        .formatted(id, words(limits.idle()))));
    }

    /// Ends a dream and waits until its memory is free.
    void leave(Opened opened) throws InterruptedException {
        synchronized (this) {
            rooms.remove(opened.id());
        }
        opened.room().close();
        opened.room().join();
    }

    private void sweep() {
        long pause = Math.clamp(limits.idle().toMillis() / 4, 20, 5000);
        try {
            while (!closed) {
                Thread.sleep(pause);
                endIdle();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void endIdle() {
        rooms.values()
                .removeIf(room -> {
                    boolean idle = room.ended() || room.idleFor(limits.idle().toNanos());
                    if (idle) {
                        room.close();
                    }
                    return idle;
                });
    }

    @Override
    public synchronized void close() {
        closed = true;
        caretaker.interrupt();
        rooms.values().forEach(DreamRoom::close);
        rooms.clear();
    }
}
