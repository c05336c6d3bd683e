package dev.orrery.policy.finetune;

import dev.orrery.adapter.Adapter;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Seed;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;

/// A published policy that learns from the data of another robot: what differs from family to
/// family.
public interface Apprentice extends AutoCloseable {

    /// The network, which an adapter is put on.
    Module model();

    /// What it learns from.
    LeRobotFrames frames();

    /// The modules that are trained whole where nobody named others.
    List<String> whole();

    /// What looks wrong and is not refused.
    List<String> warnings();

    /// What somebody should read before it begins, by subject: how state, actions and pictures are
    /// told, and by which statistics.
    SequencedMap<String, String> lines();

    /// Bytes that training takes, estimated.
    ///
    /// @param trained numbers that are trained
    long bytes(long trained);

    /// The loss of a batch, whose gradients are left on what is trained.
    ///
    /// @param seed what frames and everything else that is random are drawn from
    double gradients(Seed seed);

    /// Keeps an adapter as a folder: PEFT's two files, and what else the policy needs.
    void keep(Path folder, Adapter adapter);

    /// Writes the policy with the weights that the network has now.
    void save(Path folder);

    @Override
    void close();
}
