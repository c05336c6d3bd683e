package dev.orrery.cli;

import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.Lint;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "lint",
        description = {
            "Say what makes a policy stand still or grip the wrong way round: idle frames, control",
            "rate, which way the gripper goes, dimensions that never vary."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 1 if something is worth a second look."})
final class DataLintVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Parameters(paramLabel = "DIR", description = "The data set's folder.")
    private Path folder;

    @Override
    public Integer call() {
        try (var data = LeRobotDataset.open(folder)) {
            var lint = Lint.of(data);
            var rows =
                    List.of(
                            List.of("episodes", Integer.toString(lint.episodes())),
                            List.of("frames", Long.toString(lint.frames())),
                            List.of("actions a second", Integer.toString(lint.fps())),
                            List.of("idle", "%.1f %%".formatted(100 * lint.idle())),
                            List.of(
                                    "larger gripper value",
                                    lint.gripper().name().toLowerCase(Locale.ROOT)),
                            List.of(
                                    "hardly vary",
                                    lint.constant().isEmpty()
                                            ? "none"
                                            : String.join(", ", lint.constant())));
            var view = new LinkedHashMap<String, Object>();
            view.put("lint", lint);
            view.put("advice", lint.advice());
            console.result(
                    view,
                    Console.table(rows)
                            + lint.advice().stream()
                                    .map("\n%s"::formatted)
                                    .reduce("", String::concat));
            return lint.advice().isEmpty() ? Main.DONE : Main.MISSED;
        }
    }
}
