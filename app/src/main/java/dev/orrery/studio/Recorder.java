package dev.orrery.studio;

import dev.orrery.env.Episode.Frame;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Records a demonstration by hand, and holds it until it is kept or thrown away.
final class Recorder {

    private @Nullable Take take;
    private boolean on;

    void begin(String instruction) {
        take = new Take(instruction);
        on = true;
    }

    /// Stops; what was recorded waits, unless it is nothing.
    void stop() {
        on = false;
        take = take != null && take.length() > 0 ? take : null;
    }

    boolean on() {
        return on;
    }

    /// Throws away what there is; whether something was waiting to be kept.
    boolean forget() {
        boolean lost = take != null && !on;
        take = null;
        on = false;
        return lost;
    }

    /// What waits to be kept.
    ///
    /// @throws IllegalArgumentException if nothing does
    Take waiting() {
        if (take == null || on) {
            throw new IllegalArgumentException("there is nothing recorded to save");
        }
        return take;
    }

    /// Adds a step, if it records.
    ///
    /// @param still whether the gripper stood still in it
    void add(Frame<float[]> frame, boolean still) {
        if (take == null || !on) {
            return;
        }
        if (still && !frame.last()) {
            take.addStill(frame);
        } else {
            take.add(frame);
        }
    }

    /// As the page wants it.
    void show(Map<String, Object> frame) {
        frame.put("recording", on);
        frame.put("recorded", take == null ? 0 : take.length());
        frame.put("recordedText", take == null ? "" : take.instruction());
        frame.put("recordedSuccess", take != null && take.success());
    }
}
