package dev.orrery.run;

/// A run folder cannot be used: held by another process, not a run, unreadable, or on a full disk.
public final class RunException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public RunException(String message) {
        super(message);
    }

    public RunException(String message, Throwable cause) {
        super(message, cause);
    }
}
