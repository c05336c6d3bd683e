package dev.orrery.system.genie;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.data.media.Pictures;
import dev.orrery.env.Film;
import dev.orrery.env.Image;
import dev.orrery.run.ConfigBinder;
import dev.orrery.tensor.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A trained world as a folder: one safetensors file for each model and a configuration beside
/// them.
///
/// `genie.json` (configuration, the data's actions, controls, places to begin from),
/// `tokenizer.safetensors`, `latent_actions.safetensors`, `dynamics.safetensors`, `prompts/0.png`
/// and so on; the tensors' names are those of the modules, such as
/// `encoder.blocks.0.spatial.q.weight`, `vq.codebook` and `dynamics.mask`.
public final class GenieWeights {

    private static final String HEAD = "genie.json",
            TOKENIZER = "tokenizer.safetensors",
            ACTIONS = "latent_actions.safetensors",
            DYNAMICS = "dynamics.safetensors",
            PROMPTS = "prompts";

    private GenieWeights() {}

    /// What `genie.json` says.
    ///
    /// @param config what the models were built from
    /// @param actionNames the data's actions, if the world was trained with them; else empty
    /// @param controls which latent action does what
    /// @param starts where in simulated levels the prompts are; empty for other data
    public record Head(
            GenieConfig config,
            List<String> actionNames,
            Controls controls,
            List<PlayStart> starts) {}

    /// Writes a world; the last file written is `genie.json`.
    ///
    /// @param starts where in simulated levels the prompts are, or none
    /// @param prompts pictures to begin from
    public static void save(
            Path folder,
            Genie genie,
            Controls controls,
            List<PlayStart> starts,
            List<Image> prompts) {
        try {
            Files.createDirectories(folder.resolve(PROMPTS));
            Files.deleteIfExists(folder.resolve(HEAD));
            genie.tokenizer().save(folder.resolve(TOKENIZER));
            if (genie.latentActions().isPresent()) {
                genie.latentActions().get().save(folder.resolve(ACTIONS));
            }
            genie.dynamics().save(folder.resolve(DYNAMICS));
            for (int i = 0; i < prompts.size(); i++) {
                Film.png(prompt(folder, i), prompts.get(i));
            }
            write(folder, new Head(genie.config(), genie.actionNames(), controls, starts));
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    private static Path prompt(Path folder, int number) {
        return folder.resolve(PROMPTS).resolve(number + ".png");
    }

    /// Changes which latent action does what in a world that was saved.
    public static void save(Path folder, Controls controls) {
        var head = head(folder);
        try {
            write(folder, new Head(head.config(), head.actionNames(), controls, head.starts()));
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    /// The pictures that a world was saved with.
    public static List<Image> prompts(Path folder) {
        var pictures = new ArrayList<Image>();
        try {
            for (int i = 0; Files.isRegularFile(prompt(folder, i)); i++) {
                pictures.add(Pictures.decode(Files.readAllBytes(prompt(folder, i))));
            }
            return pictures;
        } catch (IOException e) {
            throw new CheckpointException(
                    folder,
                    PROMPTS,
                    "cannot be read: " + e.getMessage(),
                    "look at the folder's rights",
                    e);
        }
    }

    private static void write(Path folder, Head head) throws IOException {
        ConfigBinder.write(folder.resolve(HEAD), head);
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
        return ConfigBinder.read(folder.resolve(HEAD), Head.class);
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
