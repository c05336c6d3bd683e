package dev.orrery.system.openvla;

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

/// A trained policy that is adapted to other frames under its own statistics and action tokens.
final class OpenVlaPupil implements Pupil {

    private final OpenVlaCheckpoint checkpoint;
    private final OpenVlaData training, validation;

    private OpenVlaPupil(
            OpenVlaCheckpoint checkpoint, OpenVlaData training, OpenVlaData validation) {
        this.checkpoint = checkpoint;
        this.training = training;
        this.validation = validation;
    }

    static OpenVlaPupil open(Path folder, FrameSource training, FrameSource validation) {
        var checkpoint = OpenVlaCheckpoint.open(folder);
        return new OpenVlaPupil(
                checkpoint,
                OpenVlaData.like(checkpoint, training),
                OpenVlaData.like(checkpoint, validation));
    }

    @Override
    public Module model() {
        return checkpoint.model();
    }

    @Override
    public Map<String, Tensor> head() {
        var found = new LinkedHashMap<String, Tensor>();
        checkpoint
                .model()
                .namedParameters()
                .forEach((name, parameter) -> {
                    if (name.contains("lm_head.") || name.startsWith("action_head.")) {
                        found.put(name, parameter);
                    }
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
        var batch = data.batch(size, seed);
        return checkpoint
                .model()
                .loss(batch.prompt(), batch.actions(), batch.ids(), batch.real())
                .loss();
    }

    @Override
    public ChunkPolicy policy() {
        return checkpoint.policy();
    }

    @Override
    public BatchPolicy<float[]> batched(int execute) {
        return checkpoint.policy().batched(execute);
    }

    @Override
    public void close() {
        training.close();
        validation.close();
        checkpoint.model().close();
    }
}
