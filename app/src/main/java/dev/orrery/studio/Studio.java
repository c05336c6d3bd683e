package dev.orrery.studio;

import dev.orrery.worldmodel.play.Sampling;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.util.JavalinBindException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/// A running studio. It listens on 127.0.0.1 only, until it is closed.
public final class Studio implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Studio.class.getName());
    private static final String HOST = "127.0.0.1";
    private static final long LARGEST_REQUEST = 64 * 1024;

    private final Javalin server;
    private final TabletopDoor tabletop;
    private final RunPages runs;
    private final DataShelf data;
    private final DreamPages dreams;

    private Studio(
            Javalin server,
            TabletopDoor tabletop,
            RunPages runs,
            DataShelf data,
            DreamPages dreams) {
        this.server = server;
        this.data = data;
        this.tabletop = tabletop;
        this.runs = runs;
        this.dreams = dreams;
    }

    /// Starts a studio.
    ///
    /// @throws IllegalArgumentException if the port is taken; the message names a free one
    public static Studio start(StudioOptions options) {
        if (options.port() != 0 && !free(options.port())) {
            throw taken(options.port());
        }
        var data = new DataShelf(options);
        var tabletop = new TabletopDoor(options);
        var runs = new RunPages(new RunShelf(options.runs()), options.policies());
        var dreams = new DreamPages(options.dreams());
        var server =
                Javalin.create(config -> {
                    settle(config);
                    Pages.serve(config);
                    runs.serve(config.routes);
                    new DataPages(data).serve(config.routes);
                    tabletop.serve(config.routes);
                    dreams.serve(config.routes);
                });
        try {
            server.start(HOST, options.port());
        } catch (JavalinBindException _) {
            dreams.close();
            throw taken(options.port());
        }
        return new Studio(server, tabletop, runs, data, dreams);
    }

    private static void settle(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.concurrency.useVirtualThreads = true;
        config.http.maxRequestSize = LARGEST_REQUEST;
        config.routes.before(LoopbackGuard::check);
        config.routes.wsBeforeUpgrade(LoopbackGuard::check);
        config.routes.exception(
                Refusal.class,
                (refusal, page) ->
                        page.status(refusal.status())
                                .contentType("application/json")
                                .result(Json.write(Map.of("error", refusal.getMessage()))));
        config.routes.exception(
                Exception.class,
                (failure, page) -> {
                    LOG.log(Level.ERROR, "studio: " + page.path(), failure);
                    page.status(500)
                            .contentType("application/json")
                            .result(
                                    Json.write(
                                            Map.of(
                                                    "error",
                                                    "the studio failed on this (%s); its terminal shows more"
                                                            .formatted(failure))));
                });
        config.routes.error(
                404,
                page -> {
                    if (isService(page.path()) && !isJson(page)) {
                        page.contentType("application/json")
                                .result(Json.write(Map.of("error", "there is no " + page.path())));
                    }
                });
    }

    private static boolean isService(String path) {
        return path.startsWith("/api/") || path.startsWith("/session");
    }

    private static boolean isJson(Context page) {
        return String.valueOf(page.res().getContentType()).startsWith("application/json");
    }

    /// The port that it listens on.
    public int port() {
        return server.port();
    }

    /// The address to open in a browser.
    public String address() {
        return "http://%s:%d/".formatted(HOST, port());
    }

    /// The address of the tabletop where a policy of the source already acts.
    ///
    /// @param policy its id, see [PolicySource.Choice]
    public String address(String policy) {
        return address() + "#/tabletop?policy=" + URLEncoder.encode(policy, StandardCharsets.UTF_8);
    }

    /// The address of the page on which a model of the dreams can be played.
    ///
    /// @param model its id, see [DreamSource.Choice]
    public String dreamAddress(String model, Sampling sampling) {
        return address()
                + "#/dream?run=%s&steps=%d&tau=%s"
                        .formatted(
                                URLEncoder.encode(model, StandardCharsets.UTF_8),
                                sampling.steps(),
                                sampling.tau());
    }

    /// The address where the world model of a run shows what it foresees.
    ///
    /// @param run its name
    public String imagination(String run) {
        return address()
                + "#/runs?run="
                + URLEncoder.encode(run, StandardCharsets.UTF_8)
                + "&view=imagination";
    }

    @Override
    public void close() {
        tabletop.close();
        dreams.close();
        runs.close();
        server.stop();
        data.close();
    }

    private static IllegalArgumentException taken(int port) {
        var other = nextFree(port);
        return new IllegalArgumentException(
                "port %d is in use by another program%s"
                        .formatted(
                                port,
                                other.isPresent()
                                        ? "; port %d is free: add --port %d"
                                                .formatted(other.getAsInt(), other.getAsInt())
                                        : "; choose another with --port, or --port 0 for any free"
                                                + " one"));
    }

    private static OptionalInt nextFree(int port) {
        return IntStream.range(port + 1, Math.min(port + 100, 65536))
                .filter(Studio::free)
                .findFirst();
    }

    private static boolean free(int port) {
        try (var probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(InetAddress.getByName(HOST), port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
