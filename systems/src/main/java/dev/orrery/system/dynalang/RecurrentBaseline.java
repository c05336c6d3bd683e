package dev.orrery.system.dynalang;

import dev.orrery.nn.GruCell;
import dev.orrery.nn.Module;
import dev.orrery.optim.Adam;
import dev.orrery.optim.GradientClip;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.worldmodel.Draws;
import dev.orrery.worldmodel.Head;
import dev.orrery.worldmodel.Rssm;
import java.util.ArrayList;
import java.util.List;

/// An agent without a world model that perceives the same: a recurrent policy trained by proximal
/// policy optimisation on what it has just done. The baseline of the claims.
///
/// Sources: arXiv:1707.06347 (PPO), arXiv:1506.02438 (its advantages).
final class RecurrentBaseline extends Module {

    private static final int STEPS = 32, EPOCHS = 4;
    private static final double RATE = 5e-4, DISCOUNT = 0.99, LAMBDA = 0.95, CLIP = 0.2;
    private static final double ENTROPY = 0.01, VALUE = 0.5, NORM = 0.5;

    private final Perception perception;
    private final GruCell memory;
    private final Actor actor;
    private final Head value;
    private final int width;

    private RecurrentBaseline(DynalangConfig config, Senses senses, Seed seed) {
        var form = config.model().form();
        var size = Size.named(config.model().size());
        width = size.deter();
        perception = child("enc", new Perception(form, size, senses, seed.split("enc")));
        memory = child("memory", new GruCell(perception.width(), width, seed.split("memory")));
        var acting = new Head.Config(width, size.units(), 1, senses.actions(), 0.01);
        actor = child("pol", new Actor(form, acting, senses.choices(), 0, seed.split("pol")));
        var valuing = new Head.Config(width, size.units(), 1, 1, 0);
        value = child("val", new Head(form, valuing, seed.split("val")));
    }

    /// Trains on as many steps in the world as an agent of this configuration would see, and
    /// measures the last 400 episodes.
    static Report trained(DynalangConfig config, Run run) {
        var stage =
                Stage.open(config.world(), config.training().worlds(), run.seed("worlds").key());
        var model = new RecurrentBaseline(config, stage.senses(), run.seed("weights"));
        var scores = new Scores(stage.size());
        var optimizer = new Adam(model.parameters(), RATE);
        long rounds = config.training().steps() / ((long) STEPS * stage.size());
        run.progress().stage("training the recurrent baseline", rounds);
        var hidden = TensorScope.release(Tensor.zeros(stage.size(), model.width));
        for (long round = 0; round < rounds; round++) {
            try (var _ = TensorScope.open()) {
                var start = hidden.copy();
                var past = model.collect(stage, hidden, scores, run.seed(round));
                for (int epoch = 0; epoch < EPOCHS; epoch++)
                    optimizer.minimise(model.loss(past, start), GradientClip.norm(NORM));
            }
            if (scores.count() > 0) run.log(round, "episode/score", scores.recent(200));
        }
        hidden.close();
        return scores.means(Math.max(0, scores.count() - 400));
    }

    /// What was just done, time-major.
    ///
    /// @param moments what was perceived, one step each
    /// @param actions one-hot `(T, N, A)`
    /// @param chances log-probability of them then `(T, N)`
    /// @param advantages how much better than expected they were `(T, N)`
    /// @param returns what the value should have been `(T, N)`
    /// @param counted 0 at last moments, whose action has no effect `(T, N)`
    private record Past(
            List<Lesson> moments,
            Tensor actions,
            Tensor chances,
            Tensor advantages,
            Tensor returns,
            Tensor counted) {}

    private Past collect(Stage stage, Tensor hidden, Scores scores, Seed seed) {
        try (var _ = Grad.disabled()) {
            var moments = new ArrayList<Lesson>();
            var actions = new ArrayList<Tensor>();
            var chances = new ArrayList<Tensor>();
            var values = new ArrayList<Tensor>();
            var rewards = new ArrayList<Tensor>();
            var last = new ArrayList<Tensor>();
            var terminal = new ArrayList<Tensor>();
            last.add(Lesson.flags(stage.last()));
            var draws = Draws.of(seed);
            for (int t = 0; t < STEPS; t++) {
                var moment = now(stage);
                hidden.copy_(remember(moment, hidden));
                var drawn = actor.draw(hidden, draws, t);
                moments.add(moment);
                actions.add(drawn);
                chances.add(actor.logProbability(actor.probabilities(hidden), drawn));
                values.add(value.forward(hidden).squeeze(-1));
                stage.step(Player.choices(stage.senses(), drawn));
                scores.add(stage, _ -> true);
                rewards.add(Tensor.of(stage.rewards(), 1, stage.size()));
                last.add(Lesson.flags(stage.last()));
                terminal.add(Lesson.flags(stage.terminal()));
            }
            values.add(value.forward(remember(now(stage), hidden)).squeeze(-1));
            return past(moments, actions, chances, values, rewards, last, terminal);
        }
    }

    private static Past past(
            List<Lesson> moments,
            List<Tensor> actions,
            List<Tensor> chances,
            List<Tensor> values,
            List<Tensor> rewards,
            List<Tensor> last,
            List<Tensor> terminal) {
        var advantages = new ArrayList<Tensor>();
        var following = Tensor.zerosLike(values.getFirst());
        for (int t = STEPS - 1; t >= 0; t--) {
            var live = terminal.get(t).select(0, 0).mul(-DISCOUNT).add(DISCOUNT);
            var surprise =
                    rewards.get(t).select(0, 0).add(live.mul(values.get(t + 1))).sub(values.get(t));
            var unbroken = last.get(t + 1).select(0, 0).mul(-1.0).add(1.0);
            following = surprise.add(unbroken.mul(following).mul(DISCOUNT * LAMBDA));
            // At a last moment nothing follows: the next one belongs to another episode.
            var counted = last.get(t).select(0, 0).mul(-1.0).add(1.0);
            following = following.mul(counted);
            advantages.addFirst(following);
        }
        var gained = Tensor.stack(advantages, 0);
        return new Past(
                moments,
                Tensor.stack(actions, 0),
                Tensor.stack(chances, 0),
                gained,
                gained.add(Tensor.stack(values.subList(0, STEPS), 0)),
                Tensor.cat(last.subList(0, STEPS), 0).mul(-1.0).add(1.0));
    }

    private static Lesson now(Stage stage) {
        return Lesson.now(
                stage,
                new Rssm.State(Tensor.zeros(0), Tensor.zeros(0)),
                Tensor.zeros(stage.size(), 0));
    }

    private Tensor remember(Lesson moment, Tensor hidden) {
        var kept = moment.first().select(0, 0).mul(-1.0).add(1.0).unsqueeze(-1);
        return memory.forward(perception.forward(moment).select(0, 0), hidden.mul(kept));
    }

    private Tensor loss(Past past, Tensor start) {
        var states = new ArrayList<Tensor>();
        var hidden = start;
        for (var moment : past.moments()) {
            hidden = remember(moment, hidden);
            states.add(hidden);
        }
        var features = Tensor.stack(states, 0);
        var policy = actor.probabilities(features);
        var ratio = actor.logProbability(policy, past.actions()).sub(past.chances()).exp();
        var gain = standard(past.advantages(), past.counted());
        var limited = ratio.clamp(1 - CLIP, 1 + CLIP);
        var each =
                ratio.mul(gain)
                        .minimum(limited.mul(gain))
                        .add(actor.entropy(policy), ENTROPY)
                        .neg();
        var miss = value.forward(features).squeeze(-1).sub(past.returns()).square();
        return each.add(miss, VALUE).mul(past.counted()).sum().div(past.counted().sum());
    }

    private static Tensor standard(Tensor advantages, Tensor counted) {
        double count = counted.sum().item();
        double mean = advantages.mul(counted).sum().item() / count;
        var centred = advantages.sub(mean).mul(counted);
        double deviation = Math.sqrt(centred.square().sum().item() / count);
        return centred.div(deviation + 1e-8);
    }
}
