package dev.orrery.studio;

import io.javalin.config.RoutesConfig;
import io.javalin.websocket.WsConnectContext;
import io.javalin.websocket.WsContext;
import io.javalin.websocket.WsMessageContext;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.websocket.api.Callback;
import tools.jackson.core.JacksonException;

/// Where pages come in to the live tabletop: a socket each, a bounded number of them.
final class TabletopDoor implements AutoCloseable {

    static final int MOST_SESSIONS = 8;

    private static final int TRY_AGAIN_LATER = 1013;
    private static final long PATIENCE_SECONDS = 10;

    private record Visit(TableSession session, Outbox outbox) {}

    private final PolicySource policies;
    private final TakeShelf takes;
    private final Instructions instructions = new Instructions();
    private final ConcurrentHashMap<String, Visit> visits = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    TabletopDoor(StudioOptions options) {
        policies = options.policies();
        takes = new TakeShelf(options.data());
    }

    void serve(RoutesConfig routes) {
        routes.ws(
                "/api/tabletop",
                socket -> {
                    socket.onConnect(this::enter);
                    socket.onMessage(this::hear);
                    socket.onClose(this::leave);
                    socket.onError(this::leave);
                });
    }

    private void enter(WsConnectContext page) {
        if (visits.size() >= MOST_SESSIONS) {
            page.closeSession(
                    TRY_AGAIN_LATER,
                    "%d tables are open already; close another Tabletop page and reload"
                            .formatted(MOST_SESSIONS));
            return;
        }
        page.enableAutomaticPings(PATIENCE_SECONDS, TimeUnit.SECONDS);
        var outbox = new Outbox();
        var name = "tabletop-" + count.incrementAndGet();
        var session = new TableSession(name, outbox, policies, instructions, takes);
        visits.put(page.sessionId(), new Visit(session, outbox));
        Thread.ofVirtual().name(name + "-post").start(() -> post(page, outbox));
        session.start();
    }

    /// Sends what lies in the outbox, one after the other; each waits until the last is written.
    private void post(WsContext page, Outbox outbox) {
        try {
            for (var text = outbox.take(); text != null; text = outbox.take()) {
                var sent = new Callback.Completable();
                page.session.sendText(text, sent);
                sent.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (ExecutionException | TimeoutException _) {
            leave(page);
            page.closeSession();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void hear(WsMessageContext page) {
        var visit = Optional.ofNullable(visits.get(page.sessionId()));
        visit.ifPresent(v -> {
            try {
                v.session().offer(TableCommand.parse(Json.read(page.message())));
            } catch (IllegalArgumentException | JacksonException e) {
                v.outbox()
                        .message(
                                Json.write(
                                        Map.of(
                                                "type",
                                                "notice",
                                                "level",
                                                "bad",
                                                "text",
                                                String.valueOf(e.getMessage()))));
            }
        });
    }

    private void leave(WsContext page) {
        Optional.ofNullable(visits.remove(page.sessionId())).ifPresent(v -> v.session().close());
    }

    @Override
    public void close() {
        visits.values().forEach(v -> v.session().close());
        visits.clear();
    }
}
