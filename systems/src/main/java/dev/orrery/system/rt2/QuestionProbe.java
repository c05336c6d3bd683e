package dev.orrery.system.rt2;

import dev.orrery.env.tabletop.Question;
import dev.orrery.policy.tabletop.QuestionBatches;
import dev.orrery.run.Report;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// How many questions a model answers rightly: the same ones each time, none of which it was
/// trained on. What a model forgets while it learns to act shows here first.
final class QuestionProbe {

    private static final int AT_ONCE = 64;

    private final QuestionBatches questions;
    private final Seed seed;

    /// @param heldOut what the questions are drawn from
    QuestionProbe(QuestionBatches questions, long heldOut) {
        this.questions = questions;
        seed = Seed.of(heldOut).split("questions");
    }

    /// The grades of the first `count` questions, by type.
    Map<Question.Type, List<Boolean>> grades(RtTwo model, int count) {
        var all = new EnumMap<Question.Type, List<Boolean>>(Question.Type.class);
        for (int from = 0; from < count; from += AT_ONCE) {
            try (var _ = Grad.disabled();
                    var _ = TensorScope.open()) {
                int size = Math.min(AT_ONCE, count - from);
                var asked = questions.batch(size, seed.split(from));
                var lesson = asked.lesson();
                var embedded = model.vlm().embed(lesson.prompt());
                var logits = model.vlm().answer(embedded, lesson.answer()).logits();
                QuestionBatches.graded(asked, logits)
                        .forEach((type, grades) ->
                                all.computeIfAbsent(type, _ -> new ArrayList<>()).addAll(grades));
            }
        }
        return all;
    }

    /// The share of right answers among the first `count` questions.
    double accuracy(RtTwo model, int count) {
        return QuestionBatches.share(grades(model, count));
    }

    /// The share of right answers, overall and by type.
    Report report(RtTwo model, int count) {
        var grades = grades(model, count);
        var report = Report.of("question_accuracy", QuestionBatches.share(grades));
        for (var entry : grades.entrySet()) {
            report =
                    report.with(
                            "question_accuracy/" + entry.getKey().name().toLowerCase(Locale.ROOT),
                            QuestionBatches.share(Map.of(entry.getKey(), entry.getValue())));
        }
        return report;
    }
}
