package dev.orrery.system.dynalang;

import dev.orrery.optim.Adam;
import dev.orrery.optim.AdamW;
import dev.orrery.optim.GradientClip;
import dev.orrery.optim.LaProp;
import dev.orrery.optim.Optimizer;
import dev.orrery.optim.ParameterGroup;
import dev.orrery.tensor.Tensor;
import dev.orrery.worldmodel.Form;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The optimisers of a form: one for everything with adaptive clipping (2024), or one each for the
/// world model, the actor and the critic (2023). The three losses share no parameters, so one
/// backward pass serves all. In both the actor may be slower than the form has it.
final class Learner {

    private static final double BEHAVIOUR_SHARE = 0.3, WORLD_NORM = 1000, BEHAVIOUR_NORM = 100;

    private record Pupil(String name, Optimizer optimizer, double share, GradientClip clip) {}

    private final List<Pupil> pupils;
    private final DynalangConfig.Training training;

    Learner(Dynalang model, DynalangConfig.Training training) {
        this.training = training;
        double rate = training.learningRate();
        pupils =
                switch (model.config.form()) {
                    case V2024 ->
                            List.of(
                                    new Pupil(
                                            "all",
                                            new LaProp(
                                                    groups(model, training.actorShare()),
                                                    LaProp.Settings.of(rate)),
                                            1,
                                            GradientClip.none()));
                    case V2023 ->
                            List.of(
                                    adam("world", model.worldModel(), 1, 1e-8, WORLD_NORM),
                                    adam(
                                            "actor",
                                            model.acting(),
                                            BEHAVIOUR_SHARE * training.actorShare(),
                                            1e-5,
                                            BEHAVIOUR_NORM),
                                    adam(
                                            "critic",
                                            model.named("val"),
                                            BEHAVIOUR_SHARE,
                                            1e-5,
                                            BEHAVIOUR_NORM));
                };
        if (model.config.form() != Form.V2024 && training.warmUp() > 0)
            throw new IllegalArgumentException(
                    "warmUp %d has no effect in the 2023 form; use 0".formatted(training.warmUp()));
    }

    private static List<ParameterGroup> groups(Dynalang model, double actorShare) {
        var foreseeing = new LinkedHashMap<>(model.worldModel());
        foreseeing.putAll(model.named("val"));
        return List.of(
                new ParameterGroup(foreseeing, 1, 1),
                new ParameterGroup(model.acting(), actorShare, 1));
    }

    private Pupil adam(
            String name,
            Map<String, Tensor> parameters,
            double share,
            double epsilon,
            double norm) {
        var settings =
                AdamW.Settings.of(training.learningRate() * share)
                        .withEpsilon(epsilon)
                        .withWeightDecay(0);
        return new Pupil(name, new Adam(parameters, settings), share, GradientClip.norm(norm));
    }

    /// One step on a loss.
    ///
    /// @param update number of the update, which the warm-up depends on
    /// @return the norm of the gradients of the first group
    double step(Tensor loss, long update) {
        loss.backward();
        double norm = 0;
        double warm = training.warmUp() == 0 ? 1 : Math.min(1, (update + 1.0) / training.warmUp());
        for (var pupil : pupils) {
            double own = pupil.clip().apply(pupil.optimizer().parameters());
            if (pupil == pupils.getFirst()) norm = own;
            pupil.optimizer().learningRate(training.learningRate() * pupil.share() * warm);
            pupil.optimizer().step();
            pupil.optimizer().clearGradients();
        }
        return norm;
    }

    Map<String, Tensor> stateDict() {
        var all = new LinkedHashMap<String, Tensor>();
        for (var pupil : pupils)
            pupil.optimizer()
                    .stateDict()
                    .forEach((name, t) -> all.put(pupil.name() + "/" + name, t));
        return all;
    }

    void load(Map<String, Tensor> state) {
        for (var pupil : pupils) {
            var own = new LinkedHashMap<String, Tensor>();
            var prefix = pupil.name() + "/";
            state.forEach((name, t) -> {
                if (name.startsWith(prefix)) own.put(name.substring(prefix.length()), t);
            });
            pupil.optimizer().load(own);
        }
    }
}
