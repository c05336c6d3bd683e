package dev.orrery.serve;

import dev.orrery.data.wire.JsonNumpy;
import dev.orrery.data.wire.RefusedException;
import dev.orrery.data.wire.RefusedException.Reason;
import dev.orrery.data.wire.Value;
import dev.orrery.data.wire.Value.Fields;
import dev.orrery.data.wire.Value.Text;
import dev.orrery.data.wire.WireException;
import dev.orrery.serve.ServerFigures.Outcome;
import dev.orrery.serve.ServerFigures.Protocol;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;

/// `POST /act`: OpenVLA's way to ask, a picture and an instruction as JSON with json-numpy arrays,
/// one action as the answer.
///
/// A question that is one entry `encoded`, JSON in a text, is answered by JSON in a text. Errors
/// are `{"error": NAME, "message": …}` with a status: 400 for wrong questions, 413 for too large
/// ones, 429, 503 and 504 for refusals, 500 for the rest.
///
/// Source: openvla/openvla, `vla-scripts/deploy.py`, which answers errors with status 200.
final class ActRoute {

    private static final System.Logger LOG = System.getLogger(ActRoute.class.getName());
    private static final String ENCODED = "encoded";
    private static final int BAD = 400, ABSENT = 404, TOO_LARGE = 413, BROKEN = 500;

    private final Service service;
    private final ServeOptions options;
    private final InFlight flights;
    private final Semaphore places;

    ActRoute(Service service, ServeOptions options, InFlight flights) {
        this.service = service;
        this.options = options;
        this.flights = flights;
        places = new Semaphore(options.sessions());
    }

    void answer(Context page) {
        if (!places.tryAcquire()) {
            page.header("Retry-After", "1");
            refuse(
                    page,
                    new RefusedException(
                            Reason.TOO_MANY_REQUESTS,
                            "%d questions are being answered; ask again, or serve with more --sessions"
                                    .formatted(options.sessions())));
            return;
        }
        try {
            flights.begin();
            try {
                think(page);
            } finally {
                flights.end();
            }
        } catch (RefusedException e) {
            refuse(page, e);
        } finally {
            places.release();
        }
    }

    private void think(Context page) {
        long start = System.nanoTime();
        var outcome = Outcome.FAILED;
        try {
            var body = body(page);
            if (body.length > options.largest()) {
                say(
                        page,
                        TOO_LARGE,
                        "too_large",
                        "the question is larger than %d bytes; send smaller pictures, or serve with a larger --largest"
                                .formatted(options.largest()));
                return;
            }
            var question = fields(JsonNumpy.read(body));
            boolean encoded = question.has(ENCODED) && question.entries().size() == 1;
            if (encoded) {
                var inner = question.text(ENCODED).getBytes(StandardCharsets.UTF_8);
                question = fields(JsonNumpy.read(inner));
            }
            var answer = service.act(question);
            if (answer.isEmpty()) {
                say(page, ABSENT, "no_policy", "this server has no policy to ask");
                return;
            }
            var bytes = JsonNumpy.write(answer.get());
            write(
                    page,
                    encoded ? new Text(new String(bytes, StandardCharsets.UTF_8)) : answer.get());
            outcome = Outcome.ANSWERED;
        } catch (RefusedException e) {
            outcome = Outcome.REFUSED;
            throw e;
        } catch (IllegalArgumentException | WireException e) {
            say(page, BAD, "bad_request", e.getMessage());
        } catch (UncheckedIOException e) {
            LOG.log(Level.DEBUG, "a caller left", e);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "a question could not be answered", e);
            say(page, BROKEN, "internal_error", e.toString());
        } finally {
            service.figures().asked(Protocol.ACT, outcome, System.nanoTime() - start);
        }
    }

    /// One byte more than allowed tells too large ones.
    private byte[] body(Context page) {
        try (var in = page.bodyInputStream()) {
            return in.readNBytes(options.largest() + 1);
        } catch (IOException e) {
            throw new UncheckedIOException("the question broke off", e);
        }
    }

    private static Fields fields(Value value) {
        if (value instanceof Fields fields) {
            return fields;
        }
        throw new IllegalArgumentException(
                "send an object such as {\"image\": …, \"instruction\": \"…\"}");
    }

    private void refuse(Context page, RefusedException e) {
        service.figures().refused(e.reason().wire());
        page.status(e.reason().status());
        write(page, e.fields());
    }

    private static void say(Context page, int status, String name, String message) {
        page.status(status);
        write(
                page,
                Fields.empty()
                        .with(RefusedException.ERROR, name)
                        .with(RefusedException.MESSAGE, message));
    }

    /// Written here and now, so that a server that ends has said it.
    private static void write(Context page, Value value) {
        page.contentType("application/json");
        try (var out = page.outputStream()) {
            out.write(JsonNumpy.write(value));
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a caller left before its answer", e);
        }
    }
}
