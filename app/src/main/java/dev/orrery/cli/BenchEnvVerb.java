package dev.orrery.cli;

import dev.orrery.bench.PythonPeer;
import dev.orrery.env.tabletop.Speed;
import dev.orrery.env.worlds.WorldSpeed;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "env",
        description = {
            "Measure the worlds on one core: the tabletop, HomeGrid, Messenger and Platformer.",
            "HomeGrid stands beside the published one, or another MiniGrid, if Python has it.",
            "Nothing else should be busy meanwhile: a second process changes every figure."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 1 if a budget is missed."})
final class BenchEnvVerb implements Callable<Integer> {

    @Mixin private Console console;
    @Mixin private BenchSeconds seconds;
    @Spec private CommandSpec spec;

    @Option(
            names = "--python",
            paramLabel = "PATH",
            description =
                    "A Python with homegrid or minigrid. Default: ORRERY_PYTHON, else python3 and python of PATH.")
    private String python = "";

    @Override
    public Integer call() {
        double each = seconds.checked();
        var peer =
                PythonPeer.interpreters(python).stream()
                        .flatMap(path -> PythonPeer.start(path, "grid_peer.py", "").stream())
                        .findFirst();
        if (!python.isEmpty() && peer.isEmpty()) {
            throw new IllegalArgumentException(
                    "--python %s does not start or has neither homegrid nor minigrid; install one there or leave the option out"
                            .formatted(python));
        }
        try {
            var err = spec.commandLine().getErr();
            err.println(
                    peer.map(p -> "beside " + p.version())
                            .orElse("no Python with homegrid or minigrid was found"));
            err.flush();
            return Figure.show(
                    console,
                    Stream.concat(tabletop(each).stream(), worlds(each, peer).stream()).toList());
        } finally {
            peer.ifPresent(PythonPeer::close);
        }
    }

    private static List<Figure> tabletop(double seconds) {
        var speed = Speed.measure(seconds);
        return List.of(
                Figure.atLeast(
                        "tabletop, expert and physics",
                        "steps/s",
                        speed.expertSteps(),
                        Speed.EXPERT_STEPS),
                Figure.atLeast(
                        "tabletop, overhead pictures, 64 x 64",
                        "frames/s",
                        speed.overheadFrames(),
                        Speed.FRAMES),
                Figure.atLeast(
                        "tabletop, wrist pictures, 32 x 32",
                        "frames/s",
                        speed.wristFrames(),
                        Speed.FRAMES));
    }

    private static List<Figure> worlds(double seconds, Optional<PythonPeer> peer) {
        var speed = WorldSpeed.measure(seconds);
        return List.of(
                Figure.atLeast(
                                "HomeGrid, symbols",
                                "steps/s",
                                speed.houseSymbols(),
                                WorldSpeed.HOUSE_SYMBOLS)
                        .beside(rate(peer, "symbols")),
                Figure.atLeast(
                                "HomeGrid, pixels, 64 x 64",
                                "steps/s",
                                speed.housePixels(),
                                WorldSpeed.HOUSE_PIXELS)
                        .beside(rate(peer, "pixels")),
                Figure.atLeast(
                        "Messenger S2, symbols",
                        "steps/s",
                        speed.messenger(),
                        WorldSpeed.MESSENGER),
                Figure.atLeast(
                        "Platformer, 64 x 64",
                        "frames/s",
                        speed.platformer(),
                        WorldSpeed.PLATFORMER));
    }

    private static OptionalDouble rate(Optional<PythonPeer> peer, String item) {
        return peer.map(p -> OptionalDouble.of(1 / p.seconds(item))).orElse(OptionalDouble.empty());
    }
}
