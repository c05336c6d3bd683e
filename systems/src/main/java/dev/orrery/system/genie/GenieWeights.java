package dev.orrery.system.genie;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.run.ConfigBinder;
import dev.orrery.tensor.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/// A trained world as a folder: one safetensors file for each model and a configuration beside
/// them.
///
/// `genie.json` (configuration, the data's actions, controls), `tokenizer.safetensors`,
/// `latent_actions.safetensors`, `dynamics.safetensors`; the tensors' names are those of the
/// modules, such as `encoder.blocks.0.spatial.q.weight`, `vq.codebook` and `dynamics.mask`.
public final class GenieWeights {

    private static final String HEAD = "genie.json",
            TOKENIZER = "tokenizer.safetensors",
            ACTIONS = "latent_actions.safetensors",
            DYNAMICS = "dynamics.safetensors";

    private GenieWeights() {}

    /// What `genie.json` says.
    ///
    /// @param config what the models were built from
    /// @param actionNames the data's actions, if the world was trained with them; else empty
    /// @param controls which latent action does what
    public record Head(GenieConfig config, List<String> actionNames, Controls controls) {}

    /// Writes a world; the last file written is `genie.json`.
    public static void save(Path folder, Genie genie, Controls controls) {
        try {
            Files.createDirectories(folder);
            Files.deleteIfExists(folder.resolve(HEAD));
            genie.tokenizer().save(folder.resolve(TOKENIZER));
            genie.latentActions().ifPresent(lam -> lam.save(folder.resolve(ACTIONS)));
            genie.dynamics().save(folder.resolve(DYNAMICS));
            write(folder, new Head(genie.config(), genie.actionNames(), controls));
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    /// Changes which latent action does what in a world that was saved.
    public static void save(Path folder, Controls controls) {
        var head = head(folder);
        try {
            write(folder, new Head(head.config(), head.actionNames(), controls));
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    private static void write(Path folder, Head head) throws IOException {
        var temporary = folder.resolve(HEAD + ".tmp");
        Files.writeString(temporary, ConfigBinder.json(head) + "\n");
        Files.move(temporary, folder.resolve(HEAD), StandardCopyOption.REPLACE_EXISTING);
    }

    /// Whether a folder holds a whole world.
    public static boolean isComplete(Path folder) {
        return Files.isRegularFile(folder.resolve(HEAD));
    }

    /// What is in a folder besides weights.
    ///
    /// @throws CheckpointException if there is no world in it
    public static Head head(Path folder) {
        if (!isComplete(folder)) {
            throw new CheckpointException(
                    folder,
                    HEAD,
                    "there is no trained world in this folder",
                    "name the folder 'world' of a run that has been trained");
        }
        return ConfigBinder.bind(ConfigBinder.readObject(folder.resolve(HEAD)), Head.class);
    }

    /// Reads a world.
    ///
    /// @throws CheckpointException if there is none, or a file is missing, damaged or of another
    ///   shape
    public static Genie load(Path folder) {
        var head = head(folder);
        var genie = new Genie(head.config(), head.actionNames(), Seed.of(0));
        try {
            genie.tokenizer().load(folder.resolve(TOKENIZER));
            genie.latentActions().ifPresent(lam -> lam.load(folder.resolve(ACTIONS)));
            genie.dynamics().load(folder.resolve(DYNAMICS));
            return genie;
        } catch (RuntimeException e) {
            genie.close();
            throw e;
        }
    }

    private static CheckpointException failed(Path folder, IOException e) {
        return new CheckpointException(
                folder,
                HEAD,
                "cannot be written: " + e.getMessage(),
                "look at the disk's space and the folder's rights",
                e);
    }
}
