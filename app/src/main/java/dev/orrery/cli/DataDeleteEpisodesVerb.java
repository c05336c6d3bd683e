package dev.orrery.cli;

import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.Rewrite;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "delete-episodes",
        description = {
            "Leave out episodes and number the others anew.",
            "Without --out the data set is replaced, once the new one is complete."
        },
        mixinStandardHelpOptions = true)
final class DataDeleteEpisodesVerb implements Callable<Integer> {

    @Mixin private DataOutput output;

    @Parameters(paramLabel = "DIR", description = "The data set's folder.")
    private Path folder;

    @Option(
            names = "--episodes",
            required = true,
            paramLabel = "LIST",
            description = "Such as 3,7-9.")
    private String episodes;

    @Override
    public Integer call() {
        var left = new int[1];
        var where =
                output.orInPlace(
                        folder,
                        out -> {
                            try (var data = LeRobotDataset.open(folder)) {
                                var gone = EpisodeRange.parse(episodes, data.episodes().size());
                                left[0] = data.episodes().size() - gone.size();
                                Rewrite.select(
                                        data,
                                        place -> !gone.contains(place),
                                        Rewrite.Changes.none(data.info().isV3() ? "v3.0" : "v2.1"),
                                        out,
                                        output.progress("delete"));
                            }
                        });
        return output.done(where, Map.of("episodes", left[0]));
    }
}
