package dev.orrery.cli;

import dev.orrery.data.lerobot.Speed;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
    @Mixin private BenchSeconds seconds;

    @Override
    public Integer call() {
        var speed = Speed.measure(seconds.checked());
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
