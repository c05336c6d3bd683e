package dev.orrery.cli;

import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.Rewrite;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "merge",
        description = {
            "Put the episodes of several data sets one after another.",
            "With --fps they may differ in rate: each frame is the nearest one in time."
        },
        mixinStandardHelpOptions = true)
final class DataMergeVerb implements Callable<Integer> {

    @Mixin private DataOutput output;

    @Parameters(arity = "2..*", paramLabel = "DIR", description = "The data sets' folders.")
    private List<Path> folders;

    @Option(
            names = "--to",
            paramLabel = "VERSION",
            defaultValue = "v3.0",
            description = "v3.0 or v2.1.")
    private String version;

    @Option(
            names = "--rename",
            paramLabel = "OLD=NEW",
            description = "Rename a feature where it occurs, before merging.")
    private Map<String, String> rename = new HashMap<>();

    @Option(
            names = "--remove",
            paramLabel = "NAME",
            description = "Leave out a feature where it occurs.")
    private Set<String> remove = new HashSet<>();

    @Option(
            names = "--store",
            paramLabel = "CAMERA=KIND",
            description = "Store a camera as image or video; '*' is every camera.")
    private Map<String, String> store = new HashMap<>();

    @Option(
            names = "--fps",
            paramLabel = "N",
            description = "Frames a second of the result. Default: that of the first.")
    private Optional<Integer> fps = Optional.empty();

    @Option(
            names = "--sum",
            paramLabel = "NAME",
            description =
                    "A feature that tells what changes until the next frame, such as an action of "
                            + "differences: those of frames that are left out are added up.")
    private Set<String> summed = new HashSet<>();

    @Override
    public Integer call() {
        if (fps.isPresent() && fps.get() < 1)
            throw new IllegalArgumentException("--fps must be at least 1");
        var out = output.need();
        var sources = new ArrayList<LeRobotDataset>();
        try {
            for (var folder : folders) sources.add(LeRobotDataset.open(folder));
            var changes = Rewrite.Changes.none(version).renaming(rename).removing(remove);
            changes = changes.at(fps.orElse(0), summed);
            if (!store.isEmpty())
                changes = changes.storing(DataConvertVerb.stored(store, cameras(sources)));
            Rewrite.merge(sources, changes, out, output.progress("merge"));
            int episodes = sources.stream().mapToInt(s -> s.episodes().size()).sum();
            return output.done(out, Map.of("episodes", episodes));
        } finally {
            sources.forEach(LeRobotDataset::close);
        }
    }

    /// The names that cameras have in the result.
    private Set<String> cameras(List<LeRobotDataset> sources) {
        var names = new TreeSet<String>();
        for (var source : sources) {
            for (var camera : source.info().cameras())
                names.add(rename.getOrDefault(camera.name(), camera.name()));
        }
        return names;
    }
}
