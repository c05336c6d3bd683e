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
import java.util.Map;

/// A world model of what is seen, read and rewarded, an actor and a critic.
///
/// Names: `enc`, `dyn`, `dec`, `rew`, `con` (the world model), `pol`, `val`, `slowval`, `scale`.
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
        var acting = new Head.Config(features, units, many, senses.actions(), ACTOR_SCALE);
        actor =
                child(
                        "pol",
                        new Actor(
                                form,
                                acting,
                                senses.choices(),
                                config.unimix(),
                                seed.split("pol")));
        var valuing = new Head.Config(features, units, many, bins.count(), 0);
        critic = head("val", form, valuing, seed);
        slowCritic = head("slowval", form, valuing, seed);
        scale = child("scale", new ReturnScale(SCALE_RATE));
        slowCritic.freeze();
        follow(1);
    }

    private Head head(String name, Form form, Head.Config config, Seed seed) {
        return child(name, new Head(form, config, seed.split(name)));
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
