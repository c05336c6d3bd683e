package dev.orrery.serve;

import dev.orrery.data.wire.Value;
import dev.orrery.data.wire.Value.Fields;
import java.util.Optional;

/// What a server has to say.
public interface Service extends AutoCloseable {

    /// What callers hear first.
    Fields metadata();

    /// A new caller.
    ///
    /// @param number 0 for the first caller of this server, 1 for the second, …
    Conversation open(long number);

    /// The action that answers a question in OpenVLA's words; nothing if the service has no `POST
    /// /act`.
    ///
    /// @throws IllegalArgumentException if the question is wrong
    default Optional<Value> act(Fields question) {
        return Optional.empty();
    }

    /// Where the server counts what it does.
    ServerFigures figures();

    @Override
    default void close() {}

    /// What is said to one caller, question by question. One thread at a time.
    interface Conversation extends AutoCloseable {

        /// The answer to a question.
        ///
        /// @throws IllegalArgumentException if the question is wrong; the caller reads the message
        Fields answer(Fields question);

        @Override
        default void close() {}
    }
}
