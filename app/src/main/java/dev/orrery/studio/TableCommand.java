package dev.orrery.studio;

import tools.jackson.databind.JsonNode;

/// What a page asks of its table.
sealed interface TableCommand {

    /// Do this from now on.
    record Instruct(String text) implements TableCommand {}

    /// Begin again: the scene of this seed, the same scene if it is the present one.
    record Reset(long seed) implements TableCommand {}

    /// Begin as another table was, to which the line was lost.
    record Restore(String policy, String text, long seed) implements TableCommand {}

    /// Begin with a scene not seen before.
    record Fresh() implements TableCommand {}

    /// Let the policy act.
    record Play() implements TableCommand {}

    /// Hold still.
    record Pause() implements TableCommand {}

    /// Hold still if the policy acts, else let it act.
    record Toggle() implements TableCommand {}

    /// Let the policy act once.
    record Step() implements TableCommand {}

    /// Let another act.
    record Choose(String policy) implements TableCommand {}

    /// Move a block; `drop` ends the move.
    record Drag(int block, float x, float y, boolean drop) implements TableCommand {}

    /// Bring the gripper there.
    record Hand(float x, float y, float z, boolean close) implements TableCommand {}

    /// Start or stop recording by hand.
    record Record(boolean on) implements TableCommand {}

    /// Keep what was recorded.
    record Save() implements TableCommand {}

    /// Forget what was recorded.
    record Discard() implements TableCommand {}

    /// Say again which policies there are.
    record Policies() implements TableCommand {}

    /// Reads a message of the page.
    ///
    /// @throws IllegalArgumentException if it is none
    static TableCommand parse(JsonNode message) {
        var type = message.path("type").asString("");
        return switch (type) {
            case "instruct" -> new Instruct(text(message, "text"));
            case "reset" ->
                    message.path("fresh").asBoolean(false)
                            ? new Fresh()
                            : new Reset(seed(message.path("seed")));
            case "restore" ->
                    new Restore(
                            text(message, "policy"),
                            text(message, "text"),
                            seed(message.path("seed")));
            case "play" -> new Play();
            case "pause" -> new Pause();
            case "toggle" -> new Toggle();
            case "step" -> new Step();
            case "policy" -> new Choose(text(message, "id"));
            case "drag" ->
                    new Drag(
                            message.path("block").asInt(-1),
                            number(message, "x"),
                            number(message, "y"),
                            message.path("drop").asBoolean(false));
            case "hand" ->
                    new Hand(
                            number(message, "x"),
                            number(message, "y"),
                            number(message, "z"),
                            number(message, "grip") > 0);
            case "record" -> new Record(message.path("on").asBoolean(false));
            case "save" -> new Save();
            case "discard" -> new Discard();
            case "policies" -> new Policies();
            default ->
                    throw new IllegalArgumentException(
                            "the table does not know the message '%s'".formatted(type));
        };
    }

    private static String text(JsonNode message, String name) {
        var text = message.path(name).asString("").strip();
        if (text.isEmpty() || text.length() > 200) {
            throw new IllegalArgumentException(
                    "'%s' needs 1 to 200 characters, got %d".formatted(name, text.length()));
        }
        return text;
    }

    private static float number(JsonNode message, String name) {
        double value = message.path(name).asDouble(Double.NaN);
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("'%s' needs a number".formatted(name));
        }
        return (float) value;
    }

    private static long seed(JsonNode value) {
        if (!value.isIntegralNumber()) {
            throw new IllegalArgumentException("a seed is a whole number, got %s".formatted(value));
        }
        return value.asLong();
    }
}
