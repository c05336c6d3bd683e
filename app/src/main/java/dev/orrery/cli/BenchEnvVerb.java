package dev.orrery.cli;

import dev.orrery.env.tabletop.Speed;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "env",
        description = {
            "Measure the tabletop on one core: physics, expert and pictures.",
            "Nothing else should be busy meanwhile: a second process changes every figure."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 1 if a budget is missed."})
final class BenchEnvVerb implements Callable<Integer> {

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
                                "expert and physics",
                                "steps/s",
                                speed.expertSteps(),
                                Speed.EXPERT_STEPS),
                        Figure.atLeast(
                                "overhead pictures, 64 x 64",
                                "frames/s",
                                speed.overheadFrames(),
                                Speed.FRAMES),
                        Figure.atLeast(
                                "wrist pictures, 32 x 32",
                                "frames/s",
                                speed.wristFrames(),
                                Speed.FRAMES)));
    }
}
