package dev.orrery.system.dynalang;

import dev.orrery.nn.Module;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.worldmodel.Form;
import dev.orrery.worldmodel.Head;
import dev.orrery.worldmodel.ReturnScale;
import dev.orrery.worldmodel.Rssm;
import dev.orrery.worldmodel.TwoHot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A world model of what is seen, read and rewarded, an actor and a critic.
///
/// Names: `enc`, `dyn`, `dec`, `rew`, `con` (the world model), `pol`, `val`, `slowval`, `scale`,
/// and `ear` where actor and critic listen by themselves.
public final class Dynalang extends Module {

    private static final double SCALE_RATE = 0.01, SLOW_RATE = 0.02, ACTOR_SCALE = 0.01;

    final Senses senses;
    final DynalangConfig.Model config;
    final TwoHot bins;
    final Perception perception;
    final Rssm rssm;
    final Expression expression;
    final Head reward, goesOn, critic, slowCritic;
    final Actor actor;
    final ReturnScale scale;
    private final @Nullable Listener ear;

    Dynalang(DynalangConfig.Model config, Senses senses, Seed seed) {
        this.senses = senses;
        this.config = config;
        Form form = config.form();
        var size = Size.named(config.size());
        bins = TwoHot.of(form);
        perception = child("enc", new Perception(form, size, senses, seed.split("enc")));
        var sizes = size.rssm(form, config.unimix(), senses.actions(), perception.width());
        rssm = child("dyn", new Rssm(sizes, seed.split("dyn")));
        expression = child("dec", new Expression(form, size, senses, sizes, seed.split("dec")));
        long features = sizes.features();
        int few = size.layers().predictors(), many = size.layers().behaviour();
        int units = size.units();
        reward = head("rew", form, new Head.Config(features, units, few, bins.count(), 0), seed);
        goesOn = head("con", form, new Head.Config(features, units, few, 1, 1), seed);
        ear =
                senses.besides().listening()
                        ? child(
                                "ear",
                                new Listener(
                                        senses.besides().vocabulary(),
                                        size.units(),
                                        seed.split("ear")))
                        : null;
        long viewed = features + heardWidth();
        var acting = new Head.Config(viewed, units, many, senses.actions(), ACTOR_SCALE);
        actor =
                child(
                        "pol",
                        new Actor(
                                form,
                                acting,
                                senses.choices(),
                                config.unimix(),
                                seed.split("pol")));
        var valuing = new Head.Config(viewed, units, many, bins.count(), 0);
        critic = head("val", form, valuing, seed);
        slowCritic = head("slowval", form, valuing, seed);
        scale = child("scale", new ReturnScale(SCALE_RATE));
        slowCritic.freeze();
        follow(1);
    }

    private Head head(String name, Form form, Head.Config config, Seed seed) {
        return child(name, new Head(form, config, seed.split(name)));
    }

    /// Numbers H that actor and critic remember of words, 0 where the world model reads them.
    int heardWidth() {
        return ear == null ? 0 : ear.width();
    }

    /// What actor and critic remember of the words of sequences `(T, B, H)`.
    Tensor hear(Lesson lesson) {
        return ear == null
                ? Tensor.zeros(lesson.steps(), lesson.batch(), 0)
                : ear.forward(lesson.tokens(), lesson.first(), lesson.text().heard());
    }

    /// What actor and critic go by: states `(..., F)` and what they remember of words `(..., H)`,
    /// side by side.
    Tensor view(Tensor features, Tensor heard) {
        return ear == null ? features : Tensor.cat(List.of(features, heard), -1);
    }

    /// Moves the slow critic towards the critic.
    void follow() {
        follow(SLOW_RATE);
    }

    private void follow(double rate) {
        var slow = slowCritic.namedParameters();
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            critic.namedParameters().forEach((name, p) -> slow.get(name).lerp_(p, rate));
        }
    }

    /// The parameters of the world model, under their full names.
    Map<String, Tensor> worldModel() {
        return named("enc", "dyn", "dec", "rew", "con");
    }

    /// The parameters of the actor and of what it listens with, under their full names.
    Map<String, Tensor> acting() {
        return ear == null ? named("pol") : named("pol", "ear");
    }

    /// Parameters of some children, under their full names.
    Map<String, Tensor> named(String... children) {
        var found = new LinkedHashMap<String, Tensor>();
        for (var child : children)
            children()
                    .get(child)
                    .namedParameters()
                    .forEach((name, p) -> found.put(child + "." + name, p));
        return found;
    }

    /// The expected discount of a step, where the continue head has it in: γ, else 1.
    double discount() {
        return 1 - 1.0 / config.episode();
    }

    /// Whether the continue head is trained with the discount in it.
    boolean continueDiscounts() {
        return config.form() == Form.V2024;
    }
}
