package dev.orrery.studio;

import dev.orrery.env.Episode.Frame;
import java.util.ArrayList;
import java.util.List;

/// A demonstration while it is being recorded, and until it is kept or thrown away.
final class Take {

    static final int LONGEST = 400;

    private final List<Frame<float[]>> frames = new ArrayList<>(), still = new ArrayList<>();
    private final String instruction;
    private boolean success;

    Take(String instruction) {
        this.instruction = instruction;
    }

    /// Adds a step that moved something, or the last one.
    void add(Frame<float[]> frame) {
        if (frame.last()) {
            frames.addAll(still);
        }
        still.clear();
        frames.add(frame);
        success |= frame.success();
    }

    /// Remembers a step on which the gripper stood still. It is only kept if the episode ends on
    /// such steps: demonstrations hold no idle frames.
    void addStill(Frame<float[]> frame) {
        still.add(frame);
    }

    List<Frame<float[]>> frames() {
        return List.copyOf(frames);
    }

    int length() {
        return frames.size();
    }

    String instruction() {
        return instruction;
    }

    boolean success() {
        return success;
    }
}
