package dev.orrery.studio;

import dev.orrery.env.Episode.Frame;
import java.util.ArrayList;
import java.util.List;

/// A demonstration while it is being recorded, and until it is kept or thrown away.
final class Take {

    static final int LONGEST = 400;

    private final List<Frame<float[]>> frames = new ArrayList<>();
    private final String instruction;
    private boolean success;

    Take(String instruction) {
        this.instruction = instruction;
    }

    void add(Frame<float[]> frame) {
        frames.add(frame);
        success |= frame.success();
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
