package dev.orrery.system.pi0;

import dev.orrery.env.BatchPolicy;
import dev.orrery.nn.Module;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.adapt.Pupil;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A trained flow policy that is adapted to other frames under its own statistics. Its loss is the
/// flow's alone; no questions are asked any more.
final class Pi0Pupil implements Pupil {

    private static final String HEAD = "action_out_proj";

    private final Pi0Checkpoint checkpoint;
    private final Pi0Data training, validation;
    private final Pi0Config settings;

    private Pi0Pupil(Pi0Checkpoint checkpoint, Pi0Data training, Pi0Data validation) {
        this.checkpoint = checkpoint;
        this.training = training;
        this.validation = validation;
        settings = Pi0Config.laptop();
    }

    /// @throws IllegalArgumentException if the policy has another head or mask than π0's own
    static Pi0Pupil open(Path folder, FrameSource training, FrameSource validation) {
        var checkpoint = Pi0Checkpoint.open(folder);
        if (checkpoint.head() != ActionHead.FLOW
                || checkpoint.visibility() != Pi0.Visibility.BLOCKWISE) {
            checkpoint.pi0().close();
            throw new IllegalArgumentException(
                    "pi0: %s has the head %s under the mask %s; only FLOW under BLOCKWISE is adapted"
                            .formatted(folder, checkpoint.head(), checkpoint.visibility()));
        }
        return new Pi0Pupil(
                checkpoint,
                Pi0Data.like(checkpoint, training),
                Pi0Data.like(checkpoint, validation));
    }

    @Override
    public Module model() {
        return checkpoint.pi0();
    }

    @Override
    public Map<String, Tensor> head() {
        var found = new LinkedHashMap<String, Tensor>();
        checkpoint
                .pi0()
                .namedParameters()
                .forEach((name, parameter) -> {
                    if (name.startsWith(HEAD + ".")) found.put(name, parameter);
                });
        return found;
    }

    @Override
    public Tensor loss(Frames frames, int size, Seed seed) {
        var data =
                switch (frames) {
                    case TRAINING -> training;
                    case VALIDATION -> validation;
                };
        var pi0 = checkpoint.pi0();
        var batch = data.batch(size, 0, seed);
        var seen = pi0.observe(pi0.encode(pi0.embed(batch.prompt())), batch.state());
        var draws = settings.training();
        var options = new ActionHead.Options(draws.draws(), draws.times(), Optional.empty());
        return ActionHead.FLOW.loss(pi0, seen, batch, options, seed);
    }

    @Override
    public ChunkPolicy policy() {
        return own();
    }

    @Override
    public BatchPolicy<float[]> batched(int execute) {
        return own().batched(execute);
    }

    private Pi0Policy own() {
        return checkpoint.policy(settings.evaluation().flowSteps());
    }

    @Override
    public void close() {
        training.close();
        validation.close();
        checkpoint.pi0().close();
    }
}
