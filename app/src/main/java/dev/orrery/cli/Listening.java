package dev.orrery.cli;

import dev.orrery.serve.ServeOptions;
import dev.orrery.serve.Service;
import dev.orrery.serve.WireServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Option;

/// The options that say where a server listens and what it puts up with.
final class Listening {

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Port, 0 for any free one; default ${DEFAULT-VALUE}.",
            defaultValue = "" + ServeOptions.PORT)
    private int port;

    @Option(
            names = "--host",
            paramLabel = "NAME",
            description =
                    "Where to listen; default ${DEFAULT-VALUE}, this machine only. Others need a"
                            + " token.",
            defaultValue = ServeOptions.LOOPBACK)
    private String host = ServeOptions.LOOPBACK;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "Callers must show the text in this file, as Authorization: Api-Key TEXT.")
    private Optional<Path> tokenFile = Optional.empty();

    @Option(
            names = "--sessions",
            paramLabel = "N",
            description = "Most callers at once; default ${DEFAULT-VALUE}.",
            defaultValue = "" + ServeOptions.SESSIONS)
    private int sessions;

    @Option(
            names = "--largest",
            paramLabel = "BYTES",
            description = "Most bytes of one message; default ${DEFAULT-VALUE}.",
            defaultValue = "" + ServeOptions.LARGEST)
    private int largest;

    /// What the options ask for.
    ///
    /// @throws IllegalArgumentException if they are not safe together
    ServeOptions options() throws IOException {
        var token = Optional.<String>empty();
        if (tokenFile.isPresent()) {
            token = Optional.of(Files.readString(tokenFile.get()).strip());
        }
        return new ServeOptions(host, port, token, sessions, largest);
    }

    /// Serves until the process is told to end.
    static int serve(Service service, ServeOptions options, Console console, String what)
            throws InterruptedException {
        try (var server = WireServer.start(service, options)) {
            var view = new LinkedHashMap<String, Object>();
            view.put("address", server.address());
            view.put("port", server.port());
            view.put("serves", what);
            console.result(
                    view,
                    "%s at %s (%s; Ctrl-C ends it)"
                            .formatted(
                                    what,
                                    server.address(),
                                    options.token().isEmpty()
                                            ? "this machine only"
                                            : "callers need the token"));
            untilTold(server);
        }
        return Main.DONE;
    }

    /// Waits until the process is told to end; then what was asked is answered first.
    private static void untilTold(WireServer server) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "last answers"));
        new CountDownLatch(1).await();
    }
}
