package dev.orrery.cli;

import dev.orrery.data.lerobot.CameraSpec;
import dev.orrery.data.lerobot.Feature;
import dev.orrery.data.lerobot.LeRobotDataset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "info", description = "Say what a data set holds.", mixinStandardHelpOptions = true)
final class DataInfoVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Parameters(paramLabel = "DIR", description = "The data set's folder.")
    private Path folder;

    @Override
    public Integer call() {
        try (var data = LeRobotDataset.open(folder)) {
            for (var key : data.info().unknownKeys())
                console.warn("info.json has an unknown key '%s', kept and ignored".formatted(key));
            console.result(json(data), text(data));
        }
        return Main.DONE;
    }

    private static Map<String, Object> json(LeRobotDataset data) {
        var out = new LinkedHashMap<String, Object>();
        out.put("version", data.info().version());
        out.put("robot_type", data.info().robotType());
        out.put("fps", data.fps());
        out.put("episodes", data.episodes().size());
        out.put("frames", data.frames());
        out.put("tasks", data.tasks());
        var features = new LinkedHashMap<String, Object>();
        for (var f : data.features().values()) {
            var facts = new LinkedHashMap<String, Object>();
            facts.put("dtype", f.dtype().label());
            facts.put("shape", f.shape());
            facts.put("names", f.dimensions());
            CameraSpec.of(f).ifPresent(spec -> facts.put("camera", spec.facts()));
            features.put(f.name(), facts);
        }
        out.put("features", features);
        return out;
    }

    private static String text(LeRobotDataset data) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("FEATURE", "DTYPE", "SHAPE", "NAMES"));
        for (var f : data.features().values()) {
            if (Feature.AUTOMATIC.contains(f.name())) continue;
            rows.add(
                    List.of(
                            f.name(),
                            f.dtype().label(),
                            f.shape().toString(),
                            String.join(" ", f.dimensions())
                                    + CameraSpec.of(f).map(c -> " " + c.facts()).orElse("")));
        }
        var tasks = new StringBuilder();
        data.tasks().entrySet().stream()
                .limit(10)
                .forEach(t -> tasks.append("\n  %d  %s".formatted(t.getKey(), t.getValue())));
        if (data.tasks().size() > 10)
            tasks.append("\n  … %d more".formatted(data.tasks().size() - 10));
        return "LeRobot %s, robot %s, %d frames/s: %d episodes, %d frames (%.1f min), %d tasks%n%n%s%n%ntasks%s"
                .formatted(
                        data.info().version(),
                        data.info().robotType().isEmpty() ? "unknown" : data.info().robotType(),
                        data.fps(),
                        data.episodes().size(),
                        data.frames(),
                        data.frames() / 60.0 / data.fps(),
                        data.tasks().size(),
                        Console.table(rows),
                        tasks);
    }
}
