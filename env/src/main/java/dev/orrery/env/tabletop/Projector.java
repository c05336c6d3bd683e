package dev.orrery.env.tabletop;

import dev.orrery.env.Image;

/// Draws the frames of demonstrations and the scenes of questions. It keeps scratch memory, so that
/// drawing allocates nothing; one for each thread.
public final class Projector {

    private final World world = new World();

    /// Bytes of one overhead picture.
    public static final int OVERHEAD_BYTES = 3 * Camera.OVERHEAD_PIXELS * Camera.OVERHEAD_PIXELS;

    /// Bytes of one wrist picture.
    public static final int WRIST_BYTES = 3 * Camera.WRIST_PIXELS * Camera.WRIST_PIXELS;

    /// Writes the 64 x 64 x 3 bytes that the overhead camera saw at frame `t`.
    public void overhead(Demonstration demonstration, int t, byte[] rgb, int at) {
        demonstration.restore(world, t);
        draw(demonstration, Camera.overhead(Camera.OVERHEAD_PIXELS), rgb, at);
    }

    /// Writes the 32 x 32 x 3 bytes that the wrist camera saw at frame `t`.
    public void wrist(Demonstration demonstration, int t, byte[] rgb, int at) {
        demonstration.restore(world, t);
        draw(demonstration, Camera.wrist(world.x, world.y, Camera.WRIST_PIXELS), rgb, at);
    }

    /// Writes the 64 x 64 x 3 bytes that a question is about.
    public void overhead(Question question, byte[] rgb, int at) {
        question.restore(world);
        Renderer.draw(world, Look.PLAIN, Camera.overhead(Camera.OVERHEAD_PIXELS), rgb, at);
    }

    /// Writes the 32 x 32 x 3 bytes that the wrist camera sees in the scene of a question.
    public void wrist(Question question, byte[] rgb, int at) {
        question.restore(world);
        var camera = Camera.wrist(world.x, world.y, Camera.WRIST_PIXELS);
        Renderer.draw(world, Look.PLAIN, camera, rgb, at);
    }

    /// Writes what an arm of four degrees of freedom feels in the scene of a question.
    public void state(Question question, float[] out, int at) {
        question.restore(world);
        Arm.FOUR.feel(world, out, at);
    }

    /// Writes what the arm felt at frame `t`.
    public void state(Demonstration demonstration, int t, float[] out, int at) {
        demonstration.restore(world, t);
        demonstration.arm().feel(world, out, at);
    }

    /// The true scene at frame `t`, for labels.
    public Scene scene(Demonstration demonstration, int t) {
        demonstration.restore(world, t);
        return Scene.of(world);
    }

    /// The true scene of a question, for labels.
    public Scene scene(Question question) {
        question.restore(world);
        return Scene.of(world);
    }

    /// The overhead picture at any size.
    public Image overhead(Demonstration demonstration, int t, int pixels) {
        demonstration.restore(world, t);
        return image(demonstration, Camera.overhead(pixels));
    }

    /// The wrist picture at any size.
    public Image wrist(Demonstration demonstration, int t, int pixels) {
        demonstration.restore(world, t);
        return image(demonstration, Camera.wrist(world.x, world.y, pixels));
    }

    private Image image(Demonstration demonstration, Camera camera) {
        var rgb = new byte[3 * camera.pixels() * camera.pixels()];
        draw(demonstration, camera, rgb, 0);
        return new Image(camera.pixels(), camera.pixels(), rgb);
    }

    private void draw(Demonstration demonstration, Camera camera, byte[] rgb, int at) {
        Renderer.draw(world, demonstration.start().look(), camera, rgb, at);
    }
}
