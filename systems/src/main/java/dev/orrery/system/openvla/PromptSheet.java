package dev.orrery.system.openvla;

import dev.orrery.env.Image;
import dev.orrery.env.tabletop.Camera;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.policy.tabletop.PictureSheet;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// Gathers the prompts of a batch.
final class PromptSheet {

    private final OpenVlaConfig.Io io;
    private final Retina retina;
    private final RobotStatistics.Robot robot;
    private final int size;
    private final PictureSheet pictures;
    private final boolean[] real;
    private final long[] words;
    private final float[] states;

    PromptSheet(OpenVlaConfig.Model model, Retina retina, RobotStatistics.Robot robot, int size) {
        io = model.io();
        this.retina = retina;
        this.robot = robot;
        this.size = size;
        pictures = new PictureSheet(size);
        words = new long[size * io.textTokens()];
        real = new boolean[words.length];
        states = new float[size * io.stateDims()];
    }

    /// Where pictures are written.
    PictureSheet pictures() {
        return pictures;
    }

    /// Shows the middle 90 % of both pictures, as models want it that learned from [#cropAnywhere].
    void cropMiddle(int b) {
        crop(pictures.above(), b, Camera.OVERHEAD_PIXELS, .5, .5);
        crop(pictures.near(), b, Camera.WRIST_PIXELS, .5, .5);
    }

    /// Shows any 90 % of both pictures, each drawn for itself.
    void cropAnywhere(int b, Seed seed) {
        var where = seed.uniforms(4);
        crop(pictures.above(), b, Camera.OVERHEAD_PIXELS, where[0], where[1]);
        crop(pictures.near(), b, Camera.WRIST_PIXELS, where[2], where[3]);
    }

    private static void crop(byte[] rgb, int b, int side, double down, double across) {
        int bytes = 3 * side * side;
        var whole = new Image(side, side, Arrays.copyOfRange(rgb, b * bytes, (b + 1) * bytes));
        System.arraycopy(Crop.of(whole, side, down, across).rgb(), 0, rgb, b * bytes, bytes);
    }

    /// @throws IllegalArgumentException if the instruction is empty or far too long
    void words(int b, String instruction) {
        int length = io.textTokens();
        var text = TabletopPrompt.tokens(instruction, length);
        System.arraycopy(text.ids(), 0, words, b * length, length);
        System.arraycopy(text.mask(), 0, real, b * length, length);
    }

    /// @throws IllegalArgumentException if the state has another length than the statistics
    void state(int b, float[] felt) {
        var normal = robot.state().map(bounds -> bounds.normalise(felt)).orElse(felt);
        if (normal.length > io.stateDims()) {
            throw new IllegalArgumentException(
                    "a state of %d values, the model takes %d"
                            .formatted(normal.length, io.stateDims()));
        }
        System.arraycopy(normal, 0, states, b * io.stateDims(), normal.length);
    }

    OpenVla.Prompt prompt() {
        return new OpenVla.Prompt(
                List.of(
                        retina.see(pictures.above(), size, Camera.OVERHEAD_PIXELS),
                        retina.see(pictures.near(), size, Camera.WRIST_PIXELS)),
                pictures.seen(),
                Tensor.of(words, size, io.textTokens()),
                Tensor.of(real, size, io.textTokens()),
                Tensor.of(states, size, io.stateDims()));
    }
}
