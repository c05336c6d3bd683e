package dev.orrery.system.pi0;

import dev.orrery.flow.TimeSampler;
import dev.orrery.policy.finetune.FinetuneConfig;
import dev.orrery.policy.finetune.LeRobotFrames;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.List;

/// What a batch of another robot's frames teaches an adapter: the error of the flow's velocity over
/// the robot's own dimensions, without steps after an episode's end.
///
/// @param reader how observations are told to the network
record Pi0Lesson(
        Pi0Checkpoint checkpoint,
        LeRobotFrames frames,
        Pi0Policy reader,
        FinetuneConfig.Training training) {

    /// The loss of a batch, whose gradients are left on what is trained.
    ///
    /// @param seed what frames, changes of pictures, noise and times are drawn from
    double gradients(Seed seed) {
        var pi0 = checkpoint.pi0();
        var io = pi0.config().io();
        int size = training.batch(), draws = training.draws();
        var samples = frames.draw(size, seed.split("frames"));
        var observations = samples.stream().map(LeRobotFrames.Sample::seen).toList();
        try (var _ = TensorScope.open()) {
            var prompt = pictures().apply(reader.prompt(observations), seed.split("augment"));
            var seen = pi0.observe(pi0.encode(prompt), reader.states(observations));
            var noise = seed.split("noise").normal(size, draws, io.horizon(), io.actionDims());
            var times = TimeSampler.Beta.PI0.draw(size * draws, seed.split("time"));
            var errors =
                    pi0.errors(seen, actions(samples), noise, Tensor.of(times, size, draws))
                            .narrow(-1, 0, frames.actionDims());
            var loss = ActionHead.masked(errors, real(samples));
            loss.backward();
            return loss.item();
        }
    }

    /// What is done to pictures.
    PictureChanges pictures() {
        return new PictureChanges(frames.cameras(), training.augmented());
    }

    private Tensor actions(List<LeRobotFrames.Sample> samples) {
        var io = checkpoint.pi0().config().io();
        var norm = checkpoint.norms().action();
        var values = new float[samples.size() * io.horizon() * io.actionDims()];
        int row = 0;
        for (var sample : samples) {
            for (var action : sample.window().actions()) {
                var told =
                        checkpoint
                                .manner()
                                .relative()
                                .map(r -> r.encode(action, sample.seen().state()))
                                .orElse(action);
                Pi0Data.put(norm.normalise(told, io.actionDims()), values, row++);
            }
        }
        return Tensor.of(values, samples.size(), 1, io.horizon(), io.actionDims());
    }

    private static Tensor real(List<LeRobotFrames.Sample> samples) {
        int horizon = samples.getFirst().window().padding().length;
        var real = new float[samples.size() * horizon];
        for (int i = 0; i < real.length; i++) {
            real[i] = samples.get(i / horizon).window().padding()[i % horizon] ? 0 : 1;
        }
        return Tensor.of(real, samples.size(), 1, horizon, 1);
    }
}
