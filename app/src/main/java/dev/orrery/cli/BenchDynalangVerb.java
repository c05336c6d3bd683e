package dev.orrery.cli;

import dev.orrery.bench.WorldModelBench;
import dev.orrery.run.Machine;
import dev.orrery.system.dynalang.MicroBenchmark;
import dev.orrery.tensor.Engine;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "dynalang",
        description = {
            "Measure a world model's unroll, in turn with Python's PyTorch where that is installed,",
            "and the micro benchmark of sheeprl's DreamerV3 (16,384 steps, 960 updates).",
            "Nothing else should be busy meanwhile: a second process changes every figure."
        },
        mixinStandardHelpOptions = true)
final class BenchDynalangVerb implements Callable<Integer> {

    @Mixin private Console console;
    @Mixin private PeerOptions peers;
    @Spec private CommandSpec spec;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Unrolls of each form. Default: ${DEFAULT-VALUE}")
    private int rounds = 5;

    @Option(
            names = "--updates",
            paramLabel = "N",
            description =
                    "Updates of the micro benchmark; its whole time is worked out from them."
                            + " Default: ${DEFAULT-VALUE}")
    private int updates = 20;

    @Override
    public Integer call() {
        if (rounds < 1 || updates < 1)
            throw new IllegalArgumentException(
                    "--rounds %d and --updates %d must be at least 1".formatted(rounds, updates));
        var err = spec.commandLine().getErr();
        var unrolls =
                WorldModelBench.run(
                        peers.interpreters(),
                        rounds,
                        item -> {
                            err.println("measuring " + item);
                            err.flush();
                        });
        err.println("measuring the micro benchmark");
        err.flush();
        var micro = MicroBenchmark.run(updates);
        console.result(json(unrolls, micro), text(unrolls, micro));
        return Main.DONE;
    }

    private static Map<String, Object> json(
            WorldModelBench.Report unrolls, MicroBenchmark.Result micro) {
        var out = new LinkedHashMap<String, Object>();
        out.put("items", PeerTable.json(unrolls.measurements()));
        out.put("micro", micro);
        unrolls.python().ifPresent(version -> out.put("python", version));
        out.put("threads", Engine.threads());
        out.put("machine", Machine.current());
        return out;
    }

    private static String text(WorldModelBench.Report unrolls, MicroBenchmark.Result micro) {
        return PeerTable.text(unrolls.measurements())
                + "\n\n"
                + PeerOptions.said(unrolls.python())
                + "\nmicro benchmark: %.3f s an update, %.2f ms a step; %.0f s for %d updates and %d steps, of which %d updates were timed (limit %.0f s)\n%d threads, %s"
                        .formatted(
                                micro.secondsPerUpdate(),
                                1e3 * micro.secondsPerStep(),
                                micro.wholeSeconds(),
                                MicroBenchmark.UPDATES,
                                MicroBenchmark.STEPS,
                                micro.timedUpdates(),
                                MicroBenchmark.LIMIT_SECONDS,
                                Engine.threads(),
                                Machine.current().cpu());
    }
}
