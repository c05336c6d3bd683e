package dev.orrery.system.internvlam1;

import dev.orrery.env.tabletop.Question;
import dev.orrery.env.tabletop.Question.Target;
import dev.orrery.env.tabletop.Words;
import dev.orrery.lm.decoder.Greedy;
import dev.orrery.policy.tabletop.QuestionBatches;
import dev.orrery.run.Report;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;

/// How well a model says where things are: the share of points that lie within the block that was
/// asked for, and of boxes whose intersection with the true one is at least half of their union.
/// Answers are written token by token; other words than places are left out of the choice.
///
/// Scenes are drawn by themselves, never from the starts of the test sets.
final class GroundingExam {

    /// Half the side of a block's box, as a part of the picture.
    private static final float RADIUS = .045f;

    private static final int BATCH = 32;
    private static final double ENOUGH = .5;

    private GroundingExam() {}

    /// @param questions how many of each kind
    /// @param seed what the scenes are drawn from
    /// @return `point_accuracy`, `box_accuracy` and their mean, `grounding`
    static Report hold(InternVlaM1 model, int questions, Seed seed) {
        double point = share(model, Question.Type.POINT, questions, seed.split("point"));
        double box = share(model, Question.Type.BOX, questions, seed.split("box"));
        return Report.of("point_accuracy", point)
                .with("box_accuracy", box)
                .with("grounding", (point + box) / 2);
    }

    private static double share(InternVlaM1 model, Question.Type type, int count, Seed seed) {
        var asks = InternVlaM1Data.questions(model.config(), List.of(type));
        int right = 0;
        for (int done = 0; done < count; done += BATCH) {
            right += right(model, asks.batch(Math.min(BATCH, count - done), seed.split(done)));
        }
        return right / (double) count;
    }

    private static int right(InternVlaM1 model, QuestionBatches.Asked asked) {
        int tokens = asked.questions().getFirst().type() == Question.Type.POINT ? 2 : 4;
        var locations = LongStream.range(0, Words.BINS).map(b -> Words.location((int) b)).toArray();
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var vlm = model.vlm();
            var said =
                    vlm.speak(
                                    vlm.embed(asked.lesson().prompt()),
                                    tokens,
                                    Greedy.Choice.among(Collections.nCopies(tokens, locations)))
                            .ids()
                            .toLongs();
            int right = 0;
            for (int b = 0; b < asked.questions().size(); b++) {
                var places = new float[tokens];
                for (int k = 0; k < tokens; k++) places[k] = place(said[b * tokens + k]);
                if (right(asked.questions().get(b).target(), places)) right++;
            }
            return right;
        }
    }

    /// The middle of a location word's bin.
    private static float place(long id) {
        return (id - Words.location(0) + .5f) / Words.BINS;
    }

    /// Whether an answer is right.
    ///
    /// @param said x and y, or left, top, right and bottom
    static boolean right(Target target, float[] said) {
        return switch (target) {
            case Target.Point(float x, float y) -> Math.hypot(said[0] - x, said[1] - y) <= RADIUS;
            case Target.Box box -> overlap(box, said) >= ENOUGH;
            case Target.Words _, Target.Path _ ->
                    throw new IllegalArgumentException("only points and boxes are marked here");
        };
    }

    private static double overlap(Target.Box box, float[] said) {
        double wide = Math.min(box.right(), said[2]) - Math.max(box.left(), said[0]);
        double high = Math.min(box.bottom(), said[3]) - Math.max(box.top(), said[1]);
        double both = Math.max(0, wide) * Math.max(0, high);
        double truth = (box.right() - box.left()) * (double) (box.bottom() - box.top());
        double own = Math.max(0, said[2] - said[0]) * (double) Math.max(0, said[3] - said[1]);
        return both / (truth + own - both);
    }
}
