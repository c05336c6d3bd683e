package dev.orrery.studio;

import io.javalin.http.Context;
import java.util.Optional;

/// Reading questions and writing answers.
final class Answers {

    private Answers() {}

    static void json(Context page, Object value) {
        page.contentType("application/json")
                .header("Cache-Control", "no-store")
                .result(Json.write(value));
    }

    /// A parameter that must be there.
    ///
    /// @throws Refusal if it is not
    static String text(Context page, String name) {
        return Optional.ofNullable(page.queryParam(name))
                .filter(t -> !t.isBlank())
                .orElseThrow(() -> Refusal.wrong("the parameter '%s' is missing".formatted(name)));
    }

    /// A whole number that must be there and not be negative.
    ///
    /// @throws Refusal if it is not
    static int count(Context page, String name) {
        var text = text(page, name);
        try {
            int value = Integer.parseInt(text);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException _) {
            // Answered below, like a negative number.
        }
        throw Refusal.wrong("'%s' is a whole number from 0, got '%s'".formatted(name, text));
    }
}
