package dev.orrery.data.wire;

import dev.orrery.data.wire.Value.Array;
import dev.orrery.data.wire.Value.Fields;
import dev.orrery.data.wire.Value.Text;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Asks a server in OpenVLA's protocol, ours or OpenVLA's: `POST /act` with a picture and an
/// instruction as JSON, one action as the answer. May be shared by threads.
///
/// Source: openvla/openvla, `vla-scripts/deploy.py`.
public final class ActClient implements AutoCloseable {

    /// Names of a question's entries.
    public static final String IMAGE = "image", INSTRUCTION = "instruction", KEY = "unnorm_key";

    private final URI act;
    private final WireClient.Options options;
    private final HttpClient http;

    private ActClient(URI server, WireClient.Options options) {
        act = server.resolve("/act");
        this.options = options;
        http = HttpClient.newBuilder().connectTimeout(options.patience()).build();
    }

    /// A client of a server such as `http://127.0.0.1:8000`.
    public static ActClient of(URI server) {
        return of(server, WireClient.Options.USUAL);
    }

    /// A client of a server.
    public static ActClient of(URI server, WireClient.Options options) {
        return new ActClient(server, options);
    }

    /// The action for a picture and an instruction.
    ///
    /// @param image `(H, W, 3)` bytes
    /// @param key the data set whose statistics turn the network's numbers into the robot's; the
    ///   server's only one if empty
    /// @throws RefusedException if the server understood and declines, such as too late
    /// @throws WireException if it cannot be reached or answers with an error
    public float[] act(NdArray image, String instruction, Optional<String> key) {
        var question = Fields.empty().with(IMAGE, image).with(INSTRUCTION, instruction);
        return act(key.map(k -> question.with(KEY, k)).orElse(question));
    }

    /// The action for a question with more in it, such as `state`, further pictures or
    /// `deadline_ms`.
    ///
    /// @throws RefusedException if the server understood and declines
    /// @throws WireException if it cannot be reached or answers with an error
    public float[] act(Fields question) {
        var request =
                HttpRequest.newBuilder(act)
                        .timeout(options.patience())
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(JsonNumpy.write(question)));
        options.token().ifPresent(token -> request.header("Authorization", "Api-Key " + token));
        try {
            var answer = http.send(request.build(), BodyHandlers.ofInputStream());
            try (var body = answer.body()) {
                var bytes = body.readNBytes(options.largest() + 1);
                if (bytes.length > options.largest()) {
                    throw new WireException(
                            "%s: the answer is larger than %d bytes"
                                    .formatted(act, options.largest()));
                }
                return action(answer.statusCode(), bytes);
            }
        } catch (IOException e) {
            throw new WireException("%s gave no answer (%s)".formatted(act, e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WireException("interrupted while waiting for " + act, e);
        }
    }

    private float[] action(int status, byte[] body) {
        if (status == 200) {
            return switch (JsonNumpy.read(body)) {
                case Array(var array) when array.rank() == 1 -> array.floats();
                // OpenVLA's own server answers errors so.
                case Text(var text) ->
                        throw new WireException("%s: the server said '%s'".formatted(act, text));
                case Value other ->
                        throw new WireException(
                                "%s: the answer is %s, it has to be an action"
                                        .formatted(act, Value.kind(other)));
            };
        }
        var said = new String(body, StandardCharsets.UTF_8);
        if (said.startsWith("{") && JsonNumpy.read(body) instanceof Fields fields) {
            RefusedException.check(fields);
            said =
                    fields.has(RefusedException.MESSAGE)
                            ? fields.text(RefusedException.MESSAGE)
                            : said;
        }
        throw new WireException("%s: status %d: %s".formatted(act, status, said));
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
