package dev.orrery.policy.finetune;

import dev.orrery.checkpoint.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the folders of adapted policies have in common besides PEFT's two files.
public final class AdapterFolder {

    /// Says of what checkpoint the adapter is, and how the adapted policy is talked to.
    public static final String SETTINGS = "orrery_policy.json";

    private AdapterFolder() {}

    /// The settings of a folder.
    ///
    /// @throws CheckpointException if it has none
    public static Path settings(Path folder) {
        var file = folder.resolve(SETTINGS);
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(
                    file, "", "is missing", "name the adapter folder that orrery finetune wrote");
        }
        return file;
    }

    /// Refuses another checkpoint than the one that an adapter was trained on.
    ///
    /// @param base the checkpoint that was named
    /// @param fingerprint of the one that was trained on
    /// @param trained where that lay
    /// @throws CheckpointException if they differ
    public static void requireBase(Path base, String fingerprint, String trained) {
        if (!fingerprint.equals(Fingerprint.of(base))) {
            throw new CheckpointException(
                    base,
                    "",
                    "is not what this adapter was trained on, %s".formatted(trained),
                    "name that checkpoint");
        }
    }
}
