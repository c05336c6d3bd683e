package dev.orrery.system.openvla;

import dev.orrery.adapter.Adapter;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.policy.ActionBounds;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.policy.finetune.AdapterFolder;
import dev.orrery.policy.finetune.FinetuneConfig;
import dev.orrery.policy.finetune.Fingerprint;
import dev.orrery.run.ConfigBinder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// An adapter of a published OpenVLA as a folder: PEFT's two files, `dataset_statistics.json` (as
/// OpenVLA's fine-tuning writes it) and `orrery_policy.json`, which says of what checkpoint it is.
public final class OpenVlaAdapterFolder {

    private static final String WEIGHTS = "model.safetensors";

    private OpenVlaAdapterFolder() {}

    /// @param base the folder that was adapted
    /// @param fingerprint what that held
    /// @param centreCrop whether it learned from parts of pictures, and acts on the middle
    private record Settings(String base, String fingerprint, boolean centreCrop) {}

    static void write(Path folder, Adapter adapter, FinetuneConfig config, ActionBounds bounds) {
        var base = Path.of(config.checkpoint());
        adapter.save(folder, base.toString());
        statistics(Path.of(config.data()), bounds).write(folder.resolve(RobotStatistics.FILE));
        var settings =
                new Settings(base.toString(), Fingerprint.of(base), config.training().augmented());
        try {
            Files.writeString(
                    folder.resolve(AdapterFolder.SETTINGS), ConfigBinder.json(settings) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The units of a data set, named as its folder.
    static OpenVlaPublished.Units units(Path data, ActionBounds bounds) {
        return new OpenVlaPublished.Units(String.valueOf(data.getFileName()), bounds);
    }

    private static RobotStatistics statistics(Path data, ActionBounds bounds) {
        var units = units(data, bounds);
        return RobotStatistics.of(units.unnormKey(), RobotStatistics.Robot.of(units.bounds()));
    }

    /// Writes a folder like the base's, with the weights that the network has now and the data's
    /// statistics. Its `config.json` says how the model is asked, as the new folder's name may not.
    static void writeMerged(Path folder, OpenVlaNetwork network, ActionBounds bounds, Path data) {
        try {
            Files.createDirectories(folder);
            for (var file : besides(network.folder())) {
                Files.copy(
                        file,
                        folder.resolve(file.getFileName()),
                        StandardCopyOption.REPLACE_EXISTING);
            }
            var config = OpenVlaNetwork.config(folder);
            var asked = (ObjectNode) config.node();
            asked.put(OpenVlaPrompt.KEY, network.prompt().name());
            Files.writeString(config.file(), asked.toPrettyString() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        network.model().save(folder.resolve(WEIGHTS));
        statistics(data, bounds).write(folder.resolve(RobotStatistics.FILE));
    }

    /// The files of a published folder that are neither weights nor their index.
    private static List<Path> besides(Path folder) throws IOException {
        try (var all = Files.list(folder)) {
            return all.filter(Files::isRegularFile)
                    .filter(f -> !f.toString().matches(".*\\.(safetensors|bin|pt|index\\.json)"))
                    .sorted()
                    .toList();
        }
    }

    /// The adapted policy.
    ///
    /// @param base the checkpoint's folder
    /// @param folder the adapter's
    /// @throws CheckpointException if the base is another one, or something is missing
    public static OpenVlaPublished policy(Path base, Path folder) {
        var file = AdapterFolder.settings(folder);
        var settings = ConfigBinder.read(file, Settings.class);
        AdapterFolder.requireBase(base, settings.fingerprint(), settings.base());
        var own = RobotStatistics.read(folder.resolve(RobotStatistics.FILE));
        var name = own.names().getFirst();
        var units = new OpenVlaPublished.Units(name, own.sets().get(name).action());
        var network = OpenVlaNetwork.open(base);
        try {
            Adapter.open(network.model(), folder);
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
        var choice = OpenVlaPublished.Choice.NONE.cropped(settings.centreCrop());
        return OpenVlaPublished.of(network, units, choice);
    }
}
