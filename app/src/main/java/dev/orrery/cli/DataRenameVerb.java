package dev.orrery.cli;

import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.Rewrite;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "rename",
        description = {
            "Rename or remove features (cameras too) and retell tasks.",
            "Without --out the data set is replaced, once the new one is complete."
        },
        mixinStandardHelpOptions = true)
final class DataRenameVerb implements Callable<Integer> {

    @Mixin private DataOutput output;

    @Parameters(paramLabel = "DIR", description = "The data set's folder.")
    private Path folder;

    @Option(names = "--feature", paramLabel = "OLD=NEW", description = "A feature's new name.")
    private Map<String, String> features = new HashMap<>();

    @Option(names = "--remove", paramLabel = "NAME", description = "A feature to leave out.")
    private Set<String> remove = new HashSet<>();

    @Option(names = "--task", paramLabel = "OLD=NEW", description = "A task's new text.")
    private Map<String, String> tasks = new HashMap<>();

    @Override
    public Integer call() {
        if (features.isEmpty() && remove.isEmpty() && tasks.isEmpty()) {
            throw new IllegalArgumentException(
                    "say what to change: --feature OLD=NEW, --remove NAME or --task OLD=NEW");
        }
        var where =
                output.orInPlace(
                        folder,
                        out -> {
                            try (var data = LeRobotDataset.open(folder)) {
                                for (var task : tasks.keySet()) {
                                    if (!data.tasks().containsValue(task)) {
                                        throw new IllegalArgumentException(
                                                "there is no task '%s'; there are %s"
                                                        .formatted(task, data.tasks().values()));
                                    }
                                }
                                var changes =
                                        Rewrite.Changes.none(data.info().isV3() ? "v3.0" : "v2.1")
                                                .renaming(features)
                                                .removing(remove)
                                                .tasks(task -> tasks.getOrDefault(task, task));
                                Rewrite.copy(data, changes, out, output.progress("rename"));
                            }
                        });
        return output.done(
                where,
                Map.of(
                        "renamed",
                        features.size(),
                        "removed",
                        remove.size(),
                        "tasks",
                        tasks.size()));
    }
}
