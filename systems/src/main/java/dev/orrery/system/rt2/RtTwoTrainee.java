package dev.orrery.system.rt2;

import dev.orrery.nn.Module;
import dev.orrery.policy.tabletop.Grounding;
import dev.orrery.policy.tabletop.Perception;
import dev.orrery.policy.tabletop.PictureSheet;
import dev.orrery.run.Report;
import dev.orrery.system.rt2.RtTwoConfig.Kind;
import dev.orrery.tensor.Seed;
import java.util.Optional;

/// What is trained: the policy, and the heads that only the dense losses need.
final class RtTwoTrainee extends Module {

    final ActionModel model;
    private final Optional<Perception> perception;

    /// @throws IllegalArgumentException if the tower is for other pictures than the tabletop's
    RtTwoTrainee(RtTwoConfig.Model config, RtTwoWords words, Seed seed) {
        PictureSheet.requireSides(config.vision().imageSizes());
        model = child("model", model(config, words, seed.split("model")));
        perception =
                config.kind() == Kind.VLM
                        ? Optional.of(
                                child(
                                        "perception",
                                        new Perception(
                                                config.language().width(),
                                                Grounding.Reference.MARKED,
                                                seed.split("perception"))))
                        : Optional.empty();
    }

    /// The network of a configuration.
    static ActionModel model(RtTwoConfig.Model config, RtTwoWords words, Seed seed) {
        return switch (config.kind()) {
            case VLM -> new RtTwo(config, words, seed);
            case FILM_CONV -> new FilmConv(config, words, seed);
        };
    }

    /// Learns one batch: gradients are left with the parameters.
    ///
    /// @param dense weight of the losses that name and mark things
    /// @param spread of right integers over their neighbours, in integers
    Report learn(RtBatch batch, double dense, double spread) {
        return switch (model) {
            case RtTwo vla -> learn(vla, batch, dense, spread);
            case FilmConv film -> {
                var lost = film.loss(batch, spread);
                lost.all().backward();
                yield report(lost, batch);
            }
        };
    }

    private Report learn(RtTwo vla, RtBatch batch, double dense, double spread) {
        var lesson = batch.lesson();
        var vlm = vla.vlm();
        var embedded = vlm.embed(lesson.prompt());
        if (dense == 0) {
            var lost = vla.loss(batch, vlm.answer(embedded, lesson.answer()), spread);
            lost.all().backward();
            return report(lost, batch);
        }
        var answered = vlm.answerWatched(embedded, lesson.answer());
        var lost = vla.loss(batch, answered, spread);
        var insight = Perception.Insight.of(vlm, embedded, answered.read());
        var known = perception.orElseThrow().know(insight, lesson.labels());
        lost.all().add(known.loss(), dense).backward();
        return report(lost, batch).plus(new Report(known.numbers()));
    }

    private static Report report(ActionModel.Lost lost, RtBatch batch) {
        return Report.of("loss", lost.all().item())
                .with("action_loss", lost.action().item())
                .with("action_accuracy", lost.right().item())
                .with("action_error", lost.error().item())
                .with("outside_mass", lost.outside().item())
                .with("clipped", batch.clipped());
    }
}
