package dev.orrery.cli;

import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.Rewrite;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "remove-feature",
        description = {
            "Leave out features, cameras too.",
            "Without --out the data set is replaced, once the new one is complete."
        },
        mixinStandardHelpOptions = true)
final class DataRemoveFeatureVerb implements Callable<Integer> {

    @Mixin private DataOutput output;

    @Parameters(paramLabel = "DIR", description = "The data set's folder.")
    private Path folder;

    @Option(
            names = "--feature",
            required = true,
            split = ",",
            paramLabel = "NAME",
            description = "What to leave out; more than one with commas between.")
    private Set<String> names;

    @Override
    public Integer call() {
        var where =
                output.orInPlace(
                        folder,
                        out -> {
                            try (var data = LeRobotDataset.open(folder)) {
                                var version = data.info().isV3() ? "v3.0" : "v2.1";
                                var changes = Rewrite.Changes.none(version).removing(names);
                                Rewrite.copy(data, changes, out, output.progress("remove"));
                            }
                        });
        return output.done(where, Map.of("removed", names.size()));
    }
}
