package dev.orrery.studio;

/// A request that cannot be answered; the message is shown to the reader.
final class Refusal extends RuntimeException {

    private final int status;

    private Refusal(int status, String message) {
        super(message);
        this.status = status;
    }

    static Refusal wrong(String message) {
        return new Refusal(400, message);
    }

    static Refusal forbidden(String message) {
        return new Refusal(403, message);
    }

    static Refusal missing(String message) {
        return new Refusal(404, message);
    }

    static Refusal busy(String message) {
        return new Refusal(503, message);
    }

    int status() {
        return status;
    }
}
