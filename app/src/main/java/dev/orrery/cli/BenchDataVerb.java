package dev.orrery.cli;

import dev.orrery.data.lerobot.Speed;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "data",
        description = {
            "Measure on one core how data sets are written and read.",
            "Nothing else should be busy meanwhile: a second process changes every figure."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 1 if a budget is missed."})
final class BenchDataVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "How long each item is measured, at most 60. Default: ${DEFAULT-VALUE}")
    private double seconds = 2;

    @Override
    public Integer call() {
        if (!(seconds > 0 && seconds <= 60))
            throw new IllegalArgumentException(
                    "--seconds %s: choose more than 0 and at most 60".formatted(seconds));
        var speed = Speed.measure(seconds);
        return Figure.show(
                console,
                List.of(
                        Figure.atLeast(
                                "write with PNG", "frames/s", speed.written(), Speed.WRITTEN),
                        Figure.atLeast(
                                "read at random, warm", "frames/s", speed.read(), Speed.READ),
                        Figure.atMost(
                                "batch of 64 x (1 + 8)",
                                "ms",
                                speed.windowMillis(),
                                Speed.WINDOW_MILLIS),
                        Figure.atMost(
                                "open 50 000 episodes",
                                "s",
                                speed.openSeconds(),
                                Speed.OPEN_SECONDS)));
    }
}
