package dev.orrery.env.tabletop;

import dev.orrery.env.Episode;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;

/// One episode of the expert: true states, from which a [Projector] draws the pictures when they
/// are wanted, and clean actions. About 150 bytes a frame.
public final class Demonstration {

    private final Start start;
    private final Arm arm;
    private final int length, successAt;
    private final boolean noisy;
    private final float[] scene;
    private final float[] moments;
    private final float[] actions;

    private Demonstration(Start start, Arm arm, boolean noisy, int successAt, Recording recording) {
        this.start = start;
        this.arm = arm;
        this.noisy = noisy;
        this.successAt = successAt;
        this.length = recording.length;
        this.scene = recording.scene;
        this.moments = Arrays.copyOf(recording.moments, length * recording.stride);
        this.actions = Arrays.copyOf(recording.actions, length * arm.actionSize());
    }

    /// Frames as they come in.
    static final class Recording {
        private final float[] scene = new float[World.SCENE];
        private final float[] moments, actions;
        private final Arm arm;
        private final int stride;
        private int length;

        Recording(World w, Arm arm, int most) {
            this.arm = arm;
            stride = World.momentSize(w.count);
            moments = new float[most * stride];
            actions = new float[most * arm.actionSize()];
            w.writeScene(scene, 0);
        }

        void add(World w, float[] action) {
            w.writeMoment(moments, length * stride);
            System.arraycopy(action, 0, actions, length * arm.actionSize(), action.length);
            length++;
        }

        int length() {
            return length;
        }

        Demonstration end(Start start, boolean noisy, int successAt) {
            return new Demonstration(start, arm, noisy, successAt, this);
        }
    }

    /// How the episode started: task, seed, wording.
    public Start start() {
        return start;
    }

    /// What was asked for.
    public Task task() {
        return start.task();
    }

    /// The wording that the agent reads.
    public String instruction() {
        return start.phrase();
    }

    /// The arm that acted.
    public Arm arm() {
        return arm;
    }

    /// The number of frames T.
    public int length() {
        return length;
    }

    /// Whether the executed actions were disturbed; the stored ones never are.
    public boolean noisy() {
        return noisy;
    }

    /// The frame whose action completed the goal.
    public int successAt() {
        return successAt;
    }

    /// Writes what the arm felt at frame `t`, `arm().stateSize()` values.
    public void state(int t, float[] out, int at) {
        var w = new World();
        restore(w, t);
        arm.feel(w, out, at);
    }

    /// Writes the expert's clean action at frame `t`, `arm().actionSize()` values.
    public void action(int t, float[] out, int at) {
        check(t);
        System.arraycopy(actions, t * arm.actionSize(), out, at, arm.actionSize());
    }

    void restore(World w, int t) {
        check(t);
        w.readScene(scene, 0);
        w.readMoment(moments, t * World.momentSize(w.count));
    }

    private void check(int t) {
        if (t < 0 || t >= length) {
            throw new IndexOutOfBoundsException(
                    "frame %d of a demonstration of %d".formatted(t, length));
        }
    }

    /// The whole episode with its pictures.
    public Episode<float[]> episode() {
        var projector = new Projector();
        var frames = new ArrayList<Episode.Frame<float[]>>();
        for (int t = 0; t < length; t++) {
            var images = new LinkedHashMap<String, Image>();
            images.put(Camera.OVERHEAD, projector.overhead(this, t, Camera.OVERHEAD_PIXELS));
            images.put(Camera.WRIST, projector.wrist(this, t, Camera.WRIST_PIXELS));
            var state = new float[arm.stateSize()];
            var action = new float[arm.actionSize()];
            state(t, state, 0);
            action(t, action, 0);
            boolean done = t == successAt, last = t == length - 1;
            frames.add(
                    new Episode.Frame<>(
                            new Observation(images, state, start.phrase()),
                            action,
                            done ? 1 : 0,
                            last,
                            t >= successAt));
        }
        return new Episode<>(start.seed(), frames, true);
    }
}
