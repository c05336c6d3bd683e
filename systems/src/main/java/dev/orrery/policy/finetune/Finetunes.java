package dev.orrery.policy.finetune;

import java.nio.file.Path;

/// Knows a family of published policies, and adapts them.
public interface Finetunes {

    /// Whether a folder holds a policy of this family.
    boolean canFinetune(Path checkpoint);

    /// What is usual for the family.
    ///
    /// @throws IllegalArgumentException if one of the folders is not there
    FinetuneConfig usual(Path checkpoint, Path data);

    /// Opens checkpoint and data and checks that they fit each other.
    ///
    /// @throws IllegalArgumentException if they do not; the message says what to change
    /// @throws dev.orrery.checkpoint.CheckpointException if the checkpoint lacks something
    Apprentice apprentice(FinetuneConfig config);
}
