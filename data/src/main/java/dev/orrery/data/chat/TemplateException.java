package dev.orrery.data.chat;

/// A chat template that cannot be read, or that refuses the messages it was given.
public final class TemplateException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int line;

    /// @param line of the template, from 1; 0 where none is known
    /// @param problem what is wrong and what to do
    public TemplateException(int line, String problem) {
        super(line > 0 ? "chat template, line %d: %s".formatted(line, problem) : problem);
        this.line = line;
    }

    /// Problems inside a line are told without one.
    TemplateException(String problem) {
        this(0, problem);
    }

    /// The line of the template, from 1, or 0.
    public int line() {
        return line;
    }
}
