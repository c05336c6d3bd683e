package dev.orrery.serve;

import dev.orrery.data.wire.Value.Fields;
import dev.orrery.env.Nearest;
import dev.orrery.policy.ChunkPolicy.Held;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Real-time chunking over the wire: what a question says about the chunk that is still being
/// executed, so that the next one can agree with it.
///
/// The entry `rtc` of a question is a dictionary with `delay`, how many more actions will have been
/// executed before the answer takes over, and either `previous`, the actions of the chunk from now
/// on, `(N, A)` in the robot's units, or `executed`, how many actions of this connection's last
/// answer have been executed; the server remembers that answer.
///
/// Source: real-time chunking, arXiv 2506.07339.
final class Continuation {

    /// The name of a question's entry.
    static final String ENTRY = "rtc";

    private static final String PREVIOUS = "previous", EXECUTED = "executed", DELAY = "delay";
    private static final List<String> ENTRIES = List.of(PREVIOUS, EXECUTED, DELAY);

    private Continuation() {}

    /// What is already decided.
    ///
    /// @param last the connection's last answer, if it is remembered
    /// @param width values of an action
    /// @throws IllegalArgumentException if something is missing, unknown or does not fit
    static Held read(Fields rtc, Optional<float[][]> last, int width) {
        for (var name : rtc.entries().keySet()) {
            if (!ENTRIES.contains(name)) {
                throw new IllegalArgumentException(
                        "'%s' has no entry '%s'; %s"
                                .formatted(ENTRY, name, Nearest.hint(name, ENTRIES)));
            }
        }
        if (rtc.has(PREVIOUS) == rtc.has(EXECUTED)) {
            throw new IllegalArgumentException(
                    "'%s' needs one of '%s' (the actions that are left) and '%s' (how many of the last answer are done), and '%s'"
                            .formatted(ENTRY, PREVIOUS, EXECUTED, DELAY));
        }
        var left = rtc.has(PREVIOUS) ? previous(rtc, width) : remembered(rtc, last);
        long delay = rtc.whole(DELAY);
        if (delay < 0 || delay > left.length) {
            throw new IllegalArgumentException(
                    "'%s/%s' is %d with %d actions left; the robot would run out: send 0 to %d, or ask earlier"
                            .formatted(ENTRY, DELAY, delay, left.length, left.length));
        }
        return new Held(left, (int) delay);
    }

    private static float[][] previous(Fields rtc, int width) {
        var array = rtc.array(PREVIOUS);
        if (array.rank() != 2 || array.shape()[1] != width) {
            throw new IllegalArgumentException(
                    "'%s/%s' is an array of %s; send the actions that are left, (N, %d)"
                            .formatted(ENTRY, PREVIOUS, array, width));
        }
        var rows = array.rows();
        for (var row : rows) {
            for (float value : row) {
                if (!Float.isFinite(value)) {
                    throw new IllegalArgumentException(
                            "'%s/%s' is not finite: %s"
                                    .formatted(ENTRY, PREVIOUS, Arrays.toString(row)));
                }
            }
        }
        return rows;
    }

    private static float[][] remembered(Fields rtc, Optional<float[][]> last) {
        var chunk =
                last.orElseThrow(() ->
                        new IllegalArgumentException(
                                "'%s/%s' continues the last answer, and there is none yet; leave '%s' out of the first question"
                                        .formatted(ENTRY, EXECUTED, ENTRY)));
        long done = rtc.whole(EXECUTED);
        if (done < 0 || done > chunk.length) {
            throw new IllegalArgumentException(
                    "'%s/%s' is %d; the last answer had %d actions"
                            .formatted(ENTRY, EXECUTED, done, chunk.length));
        }
        return Arrays.copyOfRange(chunk, (int) done, chunk.length);
    }
}
