package dev.orrery.cli;

import dev.orrery.data.lerobot.Dtype;
import dev.orrery.data.lerobot.Feature;
import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.Rewrite;
import dev.orrery.data.media.VideoEncoding;
import dev.orrery.data.rlds.RldsConvert;
import dev.orrery.data.rlds.RldsDataset;
import dev.orrery.data.rlds.RldsMapping;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "convert",
        description = {
            "Write a data set anew in another version, or with its pictures stored otherwise.",
            "Videos are copied without decoding unless --codec asks for another encoding.",
            "Reads and writes RLDS (Open X-Embodiment) too; what is read is found out."
        },
        mixinStandardHelpOptions = true)
final class DataConvertVerb implements Callable<Integer> {

    @Mixin private DataOutput output;

    @Parameters(paramLabel = "DIR", description = "The data set's folder.")
    private Path folder;

    @Option(
            names = "--to",
            paramLabel = "VERSION",
            defaultValue = "v3.0",
            description = "v3.0, v2.1 or rlds (${DEFAULT-VALUE}).")
    private String version;

    @Option(
            names = "--store",
            paramLabel = "CAMERA=KIND",
            description = "Store a camera as image or video; '*' is every camera.")
    private Map<String, String> store = new HashMap<>();

    @Option(
            names = "--codec",
            paramLabel = "CODEC",
            description = "Encode videos anew: av1 or h264.")
    private Optional<String> codec = Optional.empty();

    @Option(names = "--name", description = "RLDS: what to call it. Default: the folder's name.")
    private Optional<String> name = Optional.empty();

    @Option(
            names = "--split",
            defaultValue = "train",
            description = "RLDS: which to read (${DEFAULT-VALUE}).")
    private String split;

    @Option(
            names = "--fps",
            description = "RLDS: frames a second, where the data set does not say.")
    private Optional<Integer> fps = Optional.empty();

    @Option(
            names = "--mapping",
            paramLabel = "SET",
            description =
                    "RLDS: read the standardised view of a known set, such as bridge_orig, "
                            + "or of a JSON file. Default: every key is kept.")
    private Optional<String> mapping = Optional.empty();

    @Override
    public Integer call() {
        var out = output.need();
        if (version.equals("rlds")) return toRlds(out);
        if (RldsDataset.isOne(folder)) return fromRlds(out);
        try (var data = LeRobotDataset.open(folder)) {
            var changes = Rewrite.Changes.none(version).storing(cameras(data));
            if (codec.isPresent()) changes = changes.encoding(encoding(codec.get()));
            Rewrite.copy(data, changes, out, output.progress("convert"));
            return output.done(out, Map.of("version", version, "episodes", data.episodes().size()));
        }
    }

    private int toRlds(Path out) {
        if (!store.isEmpty() || codec.isPresent())
            throw new IllegalArgumentException(
                    "RLDS stores pictures one by one; leave --store and --codec out");
        try (var data = LeRobotDataset.open(folder)) {
            var called =
                    name.orElseGet(
                            () -> folder.toAbsolutePath().normalize().getFileName().toString());
            var where = RldsConvert.toRlds(data, out, called, output.progress("convert"));
            return output.done(
                    where, Map.of("version", version, "episodes", data.episodes().size()));
        }
    }

    private int fromRlds(Path out) {
        var data = RldsDataset.open(folder);
        int rate = fps.orElseGet(() -> data.metadata().path("fps").asInt(0));
        if (rate < 1)
            throw new IllegalArgumentException(
                    folder + " does not say how many frames a second it has; give --fps N");
        var progress = output.progress("convert");
        if (mapping.isPresent()) {
            var view =
                    RldsMapping.known(mapping.get())
                            .orElseGet(() -> RldsMapping.read(data.name(), Path.of(mapping.get())));
            RldsConvert.toLeRobot(data, view, split, rate, version, out, progress);
        } else {
            RldsConvert.toLeRobot(data, split, rate, version, out, progress);
        }
        return output.done(out, Map.of("version", version, "episodes", data.episodes(split)));
    }

    private Map<String, Dtype> cameras(LeRobotDataset data) {
        var names = data.info().cameras().stream().map(Feature::name).toList();
        return stored(store, names);
    }

    /// What `--store` asks for, by camera.
    ///
    /// @param cameras those there are; '*' is all of them
    static Map<String, Dtype> stored(Map<String, String> store, Collection<String> cameras) {
        var out = new HashMap<String, Dtype>();
        store.forEach((name, kind) -> {
            var dtype =
                    Dtype.of(kind)
                            .filter(Dtype::isPicture)
                            .orElseThrow(() ->
                                    new IllegalArgumentException(
                                            "--store %s=%s: choose image or video"
                                                    .formatted(name, kind)));
            if (name.equals("*")) cameras.forEach(camera -> out.put(camera, dtype));
            else if (cameras.contains(name)) out.put(name, dtype);
            else
                throw new IllegalArgumentException(
                        "--store %s=%s: there is no such camera; there are %s"
                                .formatted(name, kind, cameras));
        });
        return out;
    }

    static VideoEncoding encoding(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "av1" -> VideoEncoding.av1();
            case "h264" -> VideoEncoding.h264();
            default ->
                    throw new IllegalArgumentException(
                            "--codec %s: choose av1 or h264".formatted(name));
        };
    }
}
