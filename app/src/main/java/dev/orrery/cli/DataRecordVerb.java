package dev.orrery.cli;

import dev.orrery.data.lerobot.Dtype;
import dev.orrery.data.lerobot.EpisodeFolder;
import dev.orrery.data.lerobot.LeRobotWriter;
import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Family;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "record",
        description = "Record demonstrations of the tabletop's expert as a data set.",
        mixinStandardHelpOptions = true)
final class DataRecordVerb implements Callable<Integer> {

    private static final int MOST_EPISODES = 100_000;
    private static final double MOST_NOISE = 10;
    private static final List<String> VERSIONS = List.of("v3.0", "v2.1");

    @Mixin private DataOutput output;

    @Option(
            names = "--families",
            split = ",",
            paramLabel = "NAMES",
            description = "Kinds of task; the twelve core families if left out.")
    private List<String> families = List.of();

    @Option(
            names = "--per-family",
            paramLabel = "N",
            defaultValue = "10",
            description = "Episodes of each (${DEFAULT-VALUE}).")
    private int perFamily;

    @Option(
            names = "--seed",
            defaultValue = "0",
            description = "Equal seeds record equal episodes (${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--noise",
            defaultValue = "0.2",
            description = "Noise on the executed actions (${DEFAULT-VALUE}).")
    private double noise;

    @Option(names = "--video", description = "Store cameras as AV1 video instead of PNG pictures.")
    private boolean video;

    @Option(
            names = "--to",
            paramLabel = "VERSION",
            defaultValue = "v3.0",
            description = "v3.0 or v2.1 (${DEFAULT-VALUE}).")
    private String version;

    @Override
    public Integer call() {
        if (perFamily < 1 || perFamily > MOST_EPISODES)
            throw new IllegalArgumentException(
                    "--per-family %d: record 1 to %d, and merge data sets for more"
                            .formatted(perFamily, MOST_EPISODES));
        if (!(noise >= 0 && noise <= MOST_NOISE))
            throw new IllegalArgumentException(
                    "--noise %s: choose 0, for none, to %s, of actions between -1 and 1"
                            .formatted(noise, MOST_NOISE));
        if (!VERSIONS.contains(version))
            throw new IllegalArgumentException(
                    "--to %s: choose %s".formatted(version, String.join(" or ", VERSIONS)));
        var chosen =
                families.isEmpty()
                        ? Family.CORE
                        : families.stream().map(DataRecordVerb::family).toList();
        var out = output.needNew();
        var demonstrations = Demonstrations.collect(chosen, perFamily, seed, noise);
        var features =
                EpisodeFolder.tabletop(
                        demonstrations.getFirst().episode(), video ? Dtype.VIDEO : Dtype.IMAGE);
        int fps = EpisodeFolder.TABLETOP_FPS;
        var settings =
                version.equals("v2.1")
                        ? LeRobotWriter.Settings.v21(fps, EpisodeFolder.TABLETOP, features)
                        : LeRobotWriter.Settings.v3(fps, EpisodeFolder.TABLETOP, features);
        var progress = output.progress("record");
        try (var writer = LeRobotWriter.create(out, settings)) {
            for (int i = 0; i < demonstrations.size(); i++) {
                EpisodeFolder.add(writer, demonstrations.get(i).episode());
                progress.episodes(i + 1, demonstrations.size());
            }
        }
        return output.done(
                out,
                Map.of(
                        "episodes",
                        demonstrations.size(),
                        "frames",
                        Demonstrations.frames(demonstrations)));
    }

    private static Family family(String name) {
        for (var family : Family.values()) {
            if (family.name().equalsIgnoreCase(name.replace('-', '_'))) return family;
        }
        throw new IllegalArgumentException(
                "there is no family '%s'; there are %s"
                        .formatted(
                                name,
                                List.of(Family.values()).toString().toLowerCase(Locale.ROOT)));
    }
}
