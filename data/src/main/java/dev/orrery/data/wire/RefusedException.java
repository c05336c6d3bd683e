package dev.orrery.data.wire;

import java.util.Arrays;
import java.util.Optional;

/// A question that a server understood and did not answer; the connection goes on.
///
/// In openpi's protocol a refusal is an answer `{"error": NAME, "message": …}` without `actions`;
/// over HTTP it is the same as JSON, with a status.
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Names of the entries of a refusal.
    public static final String ERROR = "error", MESSAGE = "message";

    /// Why.
    public enum Reason {
        /// The answer was not, or would not have been, there in time.
        DEADLINE_EXCEEDED("deadline_exceeded", 504),
        /// As many questions as the server takes at once are being answered.
        TOO_MANY_REQUESTS("too_many_requests", 429),
        /// The server ends.
        SHUTTING_DOWN("shutting_down", 503);

        private final String wire;
        private final int status;

        Reason(String wire, int status) {
            this.wire = wire;
            this.status = status;
        }

        /// The name in messages.
        public String wire() {
            return wire;
        }

        /// The HTTP status.
        public int status() {
            return status;
        }

        /// The reason of this name in messages.
        public static Optional<Reason> of(String wire) {
            return Arrays.stream(values()).filter(r -> r.wire.equals(wire)).findFirst();
        }
    }

    private final Reason reason;

    public RefusedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /// Why.
    public Reason reason() {
        return reason;
    }

    /// The refusal as a message.
    public Value.Fields fields() {
        return Value.Fields.empty().with(ERROR, reason.wire()).with(MESSAGE, getMessage());
    }

    /// Throws what a message refuses; goes on if it refuses nothing.
    ///
    /// @throws RefusedException if it does
    static void check(Value.Fields answer) {
        if (answer.entries().get(ERROR) instanceof Value.Text(var name)
                && Reason.of(name).orElse(null) instanceof Reason known) {
            var said = answer.has(MESSAGE) ? answer.text(MESSAGE) : name;
            throw new RefusedException(known, said);
        }
    }
}
