package dev.orrery.system.internvlam1;

import dev.orrery.lm.Trace;
import dev.orrery.nn.Dropout;
import dev.orrery.nn.Module;
import dev.orrery.policy.tabletop.Grounding;
import dev.orrery.policy.tabletop.Lesson;
import dev.orrery.policy.tabletop.Perception;
import dev.orrery.run.Report;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vlm.CompactVlm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is trained: the policy, and the heads that only its training needs.
final class InternVlaM1Trainee extends Module {

    final InternVlaM1 model;
    private final Perception perception;
    private final Optional<PlacesTower.Hidden> hidden;

    InternVlaM1Trainee(InternVlaM1Config.Model config, Seed seed) {
        this(new InternVlaM1(config, seed.split("model")), seed);
    }

    private InternVlaM1Trainee(InternVlaM1 model, Seed seed) {
        this.model = child("model", model);
        var config = model.config();
        perception =
                child(
                        "perception",
                        new Perception(
                                config.vlm().width(),
                                Grounding.Reference.MARKED,
                                seed.split("perception")));
        hidden =
                config.places().present()
                        ? Optional.of(
                                child(
                                        "hidden",
                                        new PlacesTower.Hidden(
                                                config.places().tower(), seed.split("hidden"))))
                        : Optional.empty();
    }

    /// A loss and the numbers of a step.
    record Outcome(Tensor loss, Report report) {}

    /// The loss of questions: the words of the answers and, if asked for, what patches show.
    ///
    /// @param dense whether patches are asked
    /// @param whole whether the second tower learns, too
    Outcome ask(Lesson lesson, boolean dense, boolean whole, Seed seed) {
        var vlm = model.vlm();
        var embedded = vlm.embed(lesson.prompt());
        var answered =
                dense
                        ? vlm.answerWatched(embedded, lesson.answer())
                        : vlm.answer(embedded, lesson.answer());
        var words = CompactVlm.loss(answered.logits(), lesson.answer(), lesson.counted());
        var report = Report.of("asked", words.item());
        var losses = new ArrayList<>(List.of(words));
        if (dense) {
            var insight = Perception.Insight.of(vlm, embedded, answered.read());
            var known = perception.know(insight, lesson.labels());
            losses.add(known.loss());
            report = report.plus(new Report(known.numbers()));
        }
        if (whole && hidden.isPresent()) {
            var guessed =
                    hidden.get()
                            .loss(
                                    model.places().orElseThrow(),
                                    lesson.prompt().images(),
                                    seed.split("hidden"));
            losses.add(guessed);
            report = report.with("hidden", guessed.item());
        }
        return new Outcome(losses.stream().reduce(Tensor::add).orElseThrow(), report);
    }

    /// The loss of actions.
    ///
    /// @param draws draws of noise and step for each frame
    /// @param dense weight of what patches show; not asked if 0
    Outcome act(InternVlaM1Data.Batch batch, int draws, double dense, Seed seed) {
        var config = model.config();
        var dropout = new Dropout(config.queries().dropout(), seed.split("dropout"));
        var box =
                config.prompt().boxesFirst()
                        ? Optional.of(InternVlaM1.boxes(batch.labels()))
                        : Optional.<Tensor>empty();
        boolean watched = dense > 0;
        var trace = watched ? model.vlm().watching() : Trace.ofStates();
        var told = model.condition(batch.prompt(), box, dropout, trace);
        var loss =
                config.expert()
                        .objective()
                        .loss(
                                model.expert(),
                                told.z(),
                                batch.actions(),
                                batch.real(),
                                draws,
                                seed.split("head"));
        var report = Report.of("loss", loss.item());
        if (watched) {
            var insight = Perception.Insight.of(model.vlm(), told.embedded(), told.read());
            var known = perception.know(insight, batch.labels());
            loss = loss.add(known.loss(), dense);
            report = report.plus(new Report(known.numbers()));
        }
        if (box.isEmpty()) return new Outcome(loss, report);
        var known = batch.labels().known().narrow(1, 0, 1).gt(0.5);
        var counted = known.expand(known.size(0), InternVlaM1.BOX);
        var written = CompactVlm.loss(told.boxes(), box.get(), counted);
        return new Outcome(loss.add(written), report.with("boxes", written.item()));
    }

    /// The parameters by the part that they belong to, for learning rates of their own.
    ///
    /// @param vlm of the vision-language model
    /// @param expert of the action expert
    /// @param rest of everything else
    record Parts(Map<String, Tensor> vlm, Map<String, Tensor> expert, Map<String, Tensor> rest) {}

    Parts parts() {
        var parts = new Parts(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
        namedParameters()
                .forEach((name, tensor) -> {
                    var part =
                            name.startsWith("model.vlm.")
                                    ? parts.vlm()
                                    : name.startsWith("model.action_model.")
                                            ? parts.expert()
                                            : parts.rest();
                    part.put(name, tensor);
                });
        return parts;
    }
}
