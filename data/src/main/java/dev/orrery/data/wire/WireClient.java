package dev.orrery.data.wire;

import dev.orrery.data.wire.Value.Fields;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A connection to a policy server, ours or openpi's. Used by one thread at a time.
public final class WireClient implements AutoCloseable {

    /// How to connect.
    ///
    /// @param token what the server wants to be shown, sent as `Authorization: Api-Key …`
    /// @param patience how long to wait for the connection and for each answer
    /// @param largest most bytes of one answer
    public record Options(Optional<String> token, Duration patience, int largest) {

        /// No token, half a minute, 64 MiB.
        public static final Options USUAL =
                new Options(Optional.empty(), Duration.ofSeconds(30), 64 << 20);

        /// These with a token.
        public Options withToken(String shown) {
            return new Options(Optional.of(shown), patience, largest);
        }

        /// These with another patience.
        public Options withPatience(Duration other) {
            return new Options(token, other, largest);
        }
    }

    /// What came in: a message, or the end.
    private sealed interface Heard {
        record Message(byte[] bytes) implements Heard {}

        record Problem(String text) implements Heard {}
    }

    private final URI server;
    private final Options options;
    private final HttpClient http;
    private final Ears ears = new Ears();
    private final WebSocket socket;
    private final Fields metadata;

    private WireClient(URI server, Options options) {
        this.server = server;
        this.options = options;
        http = HttpClient.newBuilder().connectTimeout(options.patience()).build();
        try {
            var builder = http.newWebSocketBuilder().connectTimeout(options.patience());
            options.token().ifPresent(t -> builder.header("Authorization", "Api-Key " + t));
            socket = builder.buildAsync(server, ears).join();
            metadata = answer();
        } catch (CompletionException e) {
            http.shutdownNow();
            throw new WireException(refusal(e), e);
        } catch (RuntimeException e) {
            http.shutdownNow();
            throw e;
        }
    }

    /// Connects to a server such as `ws://127.0.0.1:8000` and hears its metadata.
    ///
    /// @throws WireException if nobody answers there, or the token is refused
    public static WireClient connect(URI server) {
        return connect(server, Options.USUAL);
    }

    /// Connects to a server.
    ///
    /// @throws WireException if nobody answers there, or the token is refused
    public static WireClient connect(URI server, Options options) {
        return new WireClient(server, options);
    }

    /// What the server said about itself.
    public Fields metadata() {
        return metadata;
    }

    /// Asks a question and waits for the answer.
    ///
    /// @throws RefusedException if the server understood and declines, such as too late; one may go
    ///   on asking
    /// @throws WireException if the server answers with an error, whose text is in the message; if
    ///   it ends the connection; or if it takes too long
    public Fields ask(Fields question) {
        try {
            socket.sendBinary(ByteBuffer.wrap(MsgPack.write(question)), true).join();
        } catch (CompletionException e) {
            throw new WireException(
                    ears.heard.poll() instanceof Heard.Problem(var text)
                            ? "%s: %s".formatted(server, text)
                            : "%s: the connection is closed".formatted(server),
                    e);
        }
        var answer = answer();
        RefusedException.check(answer);
        return answer;
    }

    private Fields answer() {
        try {
            var patience = options.patience().toMillis();
            return switch (ears.heard.poll(patience, TimeUnit.MILLISECONDS)) {
                case Heard.Message(var bytes) -> MsgPack.readFields(bytes);
                case Heard.Problem(var text) ->
                        throw new WireException("%s: %s".formatted(server, text));
                case null ->
                        throw new WireException(
                                "%s gave no answer within %d ms".formatted(server, patience));
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WireException("interrupted while waiting for " + server, e);
        }
    }

    private String refusal(CompletionException e) {
        var cause = e.getCause();
        if (cause instanceof java.net.http.WebSocketHandshakeException refused) {
            int status = refused.getResponse().statusCode();
            return status == 401
                    ? "%s wants a token, or another one".formatted(server)
                    : "%s refused the connection with status %d".formatted(server, status);
        }
        return "nobody answers at %s (%s)".formatted(server, cause);
    }

    @Override
    public void close() {
        if (!socket.isOutputClosed()) {
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "")
                    .orTimeout(1, TimeUnit.SECONDS)
                    .exceptionally(_ -> socket);
        }
        http.shutdown();
        if (!ears.awaitClose(Duration.ofSeconds(2))) {
            socket.abort();
        }
        http.shutdownNow();
    }

    /// Puts the parts of messages together.
    private final class Ears implements WebSocket.Listener {
        private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
        private final java.util.concurrent.CountDownLatch closed =
                new java.util.concurrent.CountDownLatch(1);
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final StringBuilder text = new StringBuilder();

        boolean awaitClose(Duration patience) {
            try {
                return closed.await(patience.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
            if (bytes.size() + data.remaining() > options.largest()) {
                heard.add(
                        new Heard.Problem(
                                "the answer is larger than %d bytes".formatted(options.largest())));
                from.abort();
                closed.countDown();
                return null;
            }
            var part = new byte[data.remaining()];
            data.get(part);
            bytes.writeBytes(part);
            if (last) {
                heard.add(new Heard.Message(bytes.toByteArray()));
                bytes.reset();
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            if (text.length() < options.largest()) {
                text.append(data);
            }
            if (last) {
                heard.add(new Heard.Problem("the server failed:\n" + text.toString().strip()));
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            heard.add(
                    new Heard.Problem(
                            "the server closed the connection with code %d%s"
                                    .formatted(code, reason.isEmpty() ? "" : " (" + reason + ")")));
            closed.countDown();
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            heard.add(new Heard.Problem("the connection broke: " + error.getMessage()));
            closed.countDown();
        }
    }
}
