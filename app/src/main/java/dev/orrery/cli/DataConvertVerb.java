package dev.orrery.cli;

import dev.orrery.data.lerobot.Dtype;
import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.Rewrite;
import dev.orrery.data.media.VideoEncoding;
import java.nio.file.Path;
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
            "Videos are copied without decoding unless --codec asks for another encoding."
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
            description = "v3.0 or v2.1 (${DEFAULT-VALUE}).")
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

    @Override
    public Integer call() {
        var out = output.need();
        try (var data = LeRobotDataset.open(folder)) {
            var changes = Rewrite.Changes.none(version).storing(cameras(data));
            if (codec.isPresent()) changes = changes.encoding(encoding(codec.get()));
            Rewrite.copy(data, changes, out, output.progress("convert"));
            return output.done(out, Map.of("version", version, "episodes", data.episodes().size()));
        }
    }

    private Map<String, Dtype> cameras(LeRobotDataset data) {
        var out = new HashMap<String, Dtype>();
        store.forEach((name, kind) -> {
            var dtype =
                    Dtype.of(kind)
                            .filter(Dtype::isPicture)
                            .orElseThrow(() ->
                                    new IllegalArgumentException(
                                            "--store %s=%s: choose image or video"
                                                    .formatted(name, kind)));
            if (name.equals("*")) data.info().cameras().forEach(c -> out.put(c.name(), dtype));
            else out.put(data.feature(name).name(), dtype);
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
