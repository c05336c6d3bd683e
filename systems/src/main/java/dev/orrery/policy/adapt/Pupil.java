package dev.orrery.policy.adapt;

import dev.orrery.env.BatchPolicy;
import dev.orrery.nn.Module;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Map;

/// A policy that is trained further.
public interface Pupil extends AutoCloseable {

    /// Which frames.
    enum Frames {
        TRAINING,
        VALIDATION
    }

    /// The network.
    Module model();

    /// The parameters of its output layer, by their names in [#model].
    Map<String, Tensor> head();

    /// The loss of frames drawn at random, a scalar.
    ///
    /// @param size frames B
    /// @param seed what frames and noise are drawn from
    Tensor loss(Frames frames, int size, Seed seed);

    /// The policy as it is trained now.
    ChunkPolicy policy();

    /// The policy in many episodes at once.
    ///
    /// @param execute actions executed of each chunk
    BatchPolicy<float[]> batched(int execute);

    @Override
    void close();
}
