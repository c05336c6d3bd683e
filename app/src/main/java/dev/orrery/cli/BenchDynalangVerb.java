package dev.orrery.cli;

import dev.orrery.bench.PythonPeer;
import dev.orrery.bench.WorldModelBench;
import dev.orrery.run.Machine;
import dev.orrery.system.dynalang.MicroBenchmark;
import dev.orrery.tensor.Engine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
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
    @Spec private CommandSpec spec;

    @Option(
            names = "--python",
            paramLabel = "PATH",
            description =
                    "A Python with torch. Default: ORRERY_PYTHON, else python3 and python of PATH.")
    private String python = "";

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
                        PythonPeer.interpreters(python),
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
        var items = new ArrayList<Map<String, Object>>();
        for (var m : unrolls.measurements()) {
            var item = new LinkedHashMap<String, Object>();
            item.put("name", m.name());
            item.put("unit", m.unit());
            item.put("orrery", m.orrery());
            m.python().ifPresent(value -> item.put("python", value));
            m.ratio().ifPresent(value -> item.put("ratio", value));
            m.processorRatio().ifPresent(value -> item.put("processor_ratio", value));
            items.add(item);
        }
        out.put("items", items);
        out.put("micro", micro);
        unrolls.python().ifPresent(version -> out.put("python", version));
        out.put("threads", Engine.threads());
        out.put("machine", Machine.current());
        return out;
    }

    private static String text(WorldModelBench.Report unrolls, MicroBenchmark.Result micro) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("ITEM", "UNIT", "ORRERY", "PYTHON", "RATIO", "PROCESSOR"));
        for (var m : unrolls.measurements())
            rows.add(
                    List.of(
                            m.name(),
                            m.unit(),
                            number("%.0f", OptionalDouble.of(m.orrery())),
                            number("%.0f", m.python()),
                            number("%.2f", m.ratio()),
                            number("%.2f", m.processorRatio())));
        return Console.table(rows)
                + "\n\nmicro benchmark: %.3f s an update, %.2f ms a step; %.0f s for %d updates and %d steps, of which %d updates were timed (limit %.0f s)\n%d threads, %s"
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

    private static String number(String format, OptionalDouble value) {
        return value.isEmpty() ? "-" : format.formatted(value.getAsDouble());
    }
}
