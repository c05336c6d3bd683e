package dev.orrery.serve;

import dev.orrery.data.wire.MsgPack;
import dev.orrery.data.wire.RefusedException;
import dev.orrery.data.wire.RefusedException.Reason;
import dev.orrery.data.wire.Value.Fields;
import dev.orrery.serve.ServerFigures.Outcome;
import dev.orrery.serve.ServerFigures.Protocol;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.UnauthorizedResponse;
import io.javalin.util.JavalinBindException;
import io.javalin.websocket.WsBinaryMessageContext;
import io.javalin.websocket.WsContext;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.websocket.api.Callback;

/// A running server in openpi's protocol: metadata first, then an answer to every question, with
/// `server_timing` (milliseconds) in it. `POST /act` speaks OpenVLA's protocol ([ActRoute]), `GET
/// /healthz` answers `OK`, `GET /metrics` what Prometheus reads.
///
/// A question that is declined, such as one whose deadline passed, is answered with the reason's
/// name ([RefusedException]) and the connection goes on. An error is sent as text, with where it
/// happened, before the connection ends with code 1011. Too many callers are sent away with code
/// 1013, too large messages end a connection with code 1009. Pages in a browser are refused, as any
/// site could call a server on its reader's machine. Closing answers the questions that are there,
/// then ends the connections with code 1001.
///
/// Source: Physical-Intelligence/openpi, `websocket_policy_server`.
public final class WireServer implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(WireServer.class.getName());
    private static final int GOING_AWAY = 1001, INTERNAL_ERROR = 1011, TRY_AGAIN_LATER = 1013;
    private static final Duration IDLE = Duration.ofMinutes(10), LAST = Duration.ofSeconds(10);
    private static final long PING_SECONDS = 30, SEND_SECONDS = 30;

    private final Service service;
    private final ServeOptions options;
    private final Semaphore places;
    private final AtomicLong callers = new AtomicLong();
    private final ConcurrentHashMap<String, Caller> open = new ConcurrentHashMap<>();
    private final InFlight flights = new InFlight();
    private final Javalin server;

    private WireServer(Service service, ServeOptions options) {
        this.service = service;
        this.options = options;
        places = new Semaphore(options.sessions());
        server = Javalin.create(this::settle);
    }

    /// One connection.
    private static final class Caller {
        final WsContext page;
        final Service.Conversation conversation;
        Optional<Double> lastTotal = Optional.empty();

        Caller(WsContext page, Service.Conversation conversation) {
            this.page = page;
            this.conversation = conversation;
        }
    }

    /// Starts a server; it closes the service when it is closed.
    ///
    /// @throws IllegalArgumentException if the port is taken or not allowed
    public static WireServer start(Service service, ServeOptions options) {
        requireFree(options); // Javalin would log a taken port with a stack
        var started = new WireServer(service, options);
        try {
            started.server.start(options.host(), options.port());
        } catch (JavalinBindException _) {
            throw taken(options.port());
        }
        return started;
    }

    private static void requireFree(ServeOptions options) {
        try (var probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(options.host(), options.port()));
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("in use")) throw taken(options.port());
            throw new IllegalArgumentException(
                    "cannot listen at %s, port %d: %s; choose another --host or --port"
                            .formatted(options.host(), options.port(), e.getMessage()),
                    e);
        }
    }

    private static IllegalArgumentException taken(int port) {
        return new IllegalArgumentException(
                "port %d is in use by another program; choose another with --port, or --port 0 for any free one"
                        .formatted(port));
    }

    private void settle(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.concurrency.useVirtualThreads = true;
        config.jetty.modifyWebSocketServletFactory(sockets -> {
            sockets.setMaxBinaryMessageSize(options.largest());
            sockets.setIdleTimeout(IDLE);
        });
        config.routes.get("/healthz", this::health);
        config.routes.get(
                "/metrics",
                page -> {
                    admit(page);
                    page.contentType(ServerFigures.TYPE).result(service.figures().text());
                });
        var act = new ActRoute(service, options, flights);
        config.routes.post(
                "/act",
                page -> {
                    admit(page);
                    act.answer(page);
                });
        config.routes.get(
                "/",
                page -> page.status(426).result("Connect by WebSocket, as openpi's clients do.\n"));
        config.routes.wsBeforeUpgrade(this::admit);
        config.routes.ws(
                "/",
                socket -> {
                    socket.onConnect(this::enter);
                    socket.onBinaryMessage(this::answer);
                    socket.onMessage(page ->
                            fail(
                                    page,
                                    new IllegalArgumentException(
                                            "a text came in; send MessagePack")));
                    socket.onClose(this::leave);
                    socket.onError(this::leave);
                });
    }

    private void health(Context page) {
        page.status(flights.closed() ? 503 : 200).result(flights.closed() ? "ending\n" : "OK\n");
    }

    private void admit(Context request) {
        if (options.token().isPresent()) {
            var shown = Optional.ofNullable(request.header("Authorization")).orElse("");
            var wanted = "Api-Key " + options.token().get();
            if (!MessageDigest.isEqual(bytes(shown), bytes(wanted))) {
                throw new UnauthorizedResponse("show the token as Authorization: Api-Key …");
            }
        } else if (request.header("Origin") != null) {
            throw new ForbiddenResponse("pages in a browser are not served without a token");
        }
    }

    private void enter(WsContext page) {
        if (flights.closed()) {
            page.closeSession(GOING_AWAY, "the server ends");
            return;
        }
        if (!places.tryAcquire()) {
            service.figures().refused(Reason.TOO_MANY_REQUESTS.wire());
            page.closeSession(
                    TRY_AGAIN_LATER,
                    "%d callers are connected already".formatted(options.sessions()));
            return;
        }
        try {
            page.enableAutomaticPings(PING_SECONDS, TimeUnit.SECONDS);
            var caller = new Caller(page, service.open(callers.getAndIncrement()));
            open.put(page.sessionId(), caller);
            service.figures().sessions(1);
            send(page, service.metadata());
        } catch (RuntimeException e) {
            if (!open.containsKey(page.sessionId())) {
                places.release();
            }
            fail(page, e);
        }
    }

    private void answer(WsBinaryMessageContext page) {
        var caller = open.get(page.sessionId());
        if (caller == null) {
            return;
        }
        long start = System.nanoTime();
        var outcome = Outcome.FAILED;
        try {
            flights.begin();
            try {
                answer(page, caller, start);
                outcome = Outcome.ANSWERED;
            } finally {
                flights.end();
            }
        } catch (RefusedException e) {
            outcome = Outcome.REFUSED;
            service.figures().refused(e.reason().wire());
            send(page, e.fields());
        } catch (RuntimeException e) {
            fail(page, e);
        } finally {
            service.figures().asked(Protocol.WEBSOCKET, outcome, System.nanoTime() - start);
        }
    }

    private static void answer(WsBinaryMessageContext page, Caller caller, long start) {
        var question = MsgPack.readFields(content(page.data()));
        long asked = System.nanoTime();
        var answer = caller.conversation.answer(question);
        var timing = Fields.empty().with("infer_ms", millisSince(asked));
        if (caller.lastTotal.isPresent()) {
            timing = timing.with("prev_total_ms", caller.lastTotal.get());
        }
        send(page, answer.with("server_timing", timing));
        caller.lastTotal = Optional.of(millisSince(start));
    }

    private static double millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e6;
    }

    private static byte[] content(ByteBuffer data) {
        var bytes = new byte[data.remaining()];
        data.get(bytes);
        return bytes;
    }

    private static void send(WsContext page, Fields message) {
        var sent = new Callback.Completable();
        page.session.sendBinary(ByteBuffer.wrap(MsgPack.write(message)), sent);
        await(page, sent);
    }

    /// A caller who does not read is let go.
    private static void await(WsContext page, Callback.Completable sent) {
        try {
            sent.get(SEND_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException _) {
            page.session.disconnect();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Tells the caller what went wrong and where, and ends the connection.
    private static void fail(WsContext page, RuntimeException problem) {
        LOG.log(Level.WARNING, "a question could not be answered: " + problem.getMessage());
        LOG.log(Level.DEBUG, "where it happened", problem);
        var trace = new StringWriter();
        problem.printStackTrace(new PrintWriter(trace));
        var sent = new Callback.Completable();
        page.session.sendText(trace.toString(), sent);
        await(page, sent);
        page.closeSession(INTERNAL_ERROR, "the text before this says what went wrong");
    }

    private void leave(WsContext page) {
        Optional.ofNullable(open.remove(page.sessionId()))
                .ifPresent(caller -> {
                    places.release();
                    service.figures().sessions(-1);
                    caller.conversation.close();
                });
    }

    /// The port that it listens on.
    public int port() {
        return server.port();
    }

    /// The address for clients.
    public String address() {
        var host = options.host().contains(":") ? "[" + options.host() + "]" : options.host();
        return "ws://%s:%d".formatted(host, port());
    }

    @Override
    public void close() {
        if (!flights.close(LAST)) {
            LOG.log(Level.WARNING, "questions were not answered within {0}", LAST);
        }
        open.values().forEach(caller -> caller.page.closeSession(GOING_AWAY, "the server ends"));
        server.stop();
        open.values().forEach(caller -> caller.conversation.close());
        open.clear();
        service.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
