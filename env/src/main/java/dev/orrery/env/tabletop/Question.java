package dev.orrery.env.tabletop;

import dev.orrery.env.Image;
import java.util.List;

/// A question about a scene, with its answer from the true state.
public final class Question {

    /// What is asked.
    public enum Type {
        /// `point to the red star`, answered by two location tokens, x then y.
        POINT,
        /// `box the red star`, answered by four: left, top, right, bottom.
        BOX,
        /// `what colour is the star`
        COLOUR,
        /// `what shape is the red block`
        SHAPE,
        /// `how many red blocks are there`
        COUNT,
        /// `is the red star left of the blue cube`
        RELATION,
        /// `what is in the tray`
        TRAY,
        /// `what is held`
        HELD,
        /// `what does the left pad show`
        SYMBOL,
        /// `describe the table`, answered by the blocks from left to right
        CAPTION,
        /// `path for` an instruction, answered by four way-points
        PATH
    }

    /// What an answer means, for training heads and measuring errors. Places are parts of the
    /// overhead picture: x from its left edge, y from its upper edge, 0 to 1.
    public sealed interface Target {
        /// Words only.
        record Words() implements Target {}

        /// One place.
        record Point(float x, float y) implements Target {}

        /// A box around a block.
        record Box(float left, float top, float right, float bottom) implements Target {}

        /// Places in the order in which the gripper passes them.
        record Path(List<Point> points) implements Target {
            public Path {
                points = List.copyOf(points);
            }
        }
    }

    private final Type type;
    private final String text, answer;
    private final Target target;
    private final float[] scene = new float[World.SCENE], moment = new float[World.MOMENT];

    Question(World w, Type type, String text, String answer, Target target) {
        this.type = type;
        this.text = text;
        this.answer = answer;
        this.target = target;
        w.writeScene(scene, 0);
        w.writeMoment(moment, 0);
    }

    private Question(Question other, String text) {
        type = other.type;
        answer = other.answer;
        target = other.target;
        this.text = text;
        System.arraycopy(other.scene, 0, scene, 0, scene.length);
        System.arraycopy(other.moment, 0, moment, 0, moment.length);
    }

    /// Wordings of every type of question.
    public static final int WORDINGS = 3;

    /// The same question in another wording; the first is that of [QuestionCorpus].
    ///
    /// @param wording 0 to 2
    public Question reworded(int wording) {
        return new Question(this, Paraphrase.of(type, text, wording));
    }

    void restore(World w) {
        w.readScene(scene, 0);
        w.readMoment(moment, 0);
    }

    /// What is asked.
    public Type type() {
        return type;
    }

    /// The question, in words of the vocabulary.
    public String text() {
        return text;
    }

    /// The answer, in words and location tokens of the vocabulary.
    public String answer() {
        return answer;
    }

    /// What the answer means.
    public Target target() {
        return target;
    }

    /// The overhead picture that the question is about.
    public Image overhead() {
        var rgb = new byte[Projector.OVERHEAD_BYTES];
        new Projector().overhead(this, rgb, 0);
        return new Image(Camera.OVERHEAD_PIXELS, Camera.OVERHEAD_PIXELS, rgb);
    }

    @Override
    public String toString() {
        return text + " -> " + answer;
    }
}
