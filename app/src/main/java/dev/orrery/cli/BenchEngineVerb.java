package dev.orrery.cli;

import dev.orrery.bench.EngineBench;
import dev.orrery.bench.PythonPeer;
import dev.orrery.run.Machine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "engine",
        description = {
            "Measure the tensor engine, in turn with Python's PyTorch where that is installed.",
            "Nothing else should be busy meanwhile: a second process changes every figure."
        },
        mixinStandardHelpOptions = true)
final class BenchEngineVerb implements Callable<Integer> {

    private static final double GROWTH_LIMIT = 0.02;

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
            description = "Rounds of each slow item. Default: ${DEFAULT-VALUE}")
    private int rounds = 7;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Small train steps to watch memory over. Default: ${DEFAULT-VALUE}")
    private int steps = 10_000;

    @Override
    public Integer call() {
        var options = new EngineBench.Options(PythonPeer.interpreters(python), rounds, steps);
        var err = spec.commandLine().getErr();
        var report =
                EngineBench.run(
                        options,
                        item -> {
                            err.println("measuring " + item);
                            err.flush();
                        });
        if (!python.isEmpty() && report.python().isEmpty()) {
            throw new IllegalArgumentException(
                    "--python %s does not start or has no torch; install torch there or leave the option out"
                            .formatted(python));
        }
        console.result(json(report), text(report));
        return Main.DONE;
    }

    private static Map<String, Object> json(EngineBench.Report report) {
        var out = new LinkedHashMap<String, Object>();
        var items = new ArrayList<Map<String, Object>>();
        for (var m : report.measurements()) {
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
        out.put(
                "memory",
                Map.of(
                        "steps", report.steps(),
                        "resident_before", report.residentBefore(),
                        "resident_after", report.residentAfter(),
                        "growth", report.growth()));
        report.python().ifPresent(version -> out.put("python", version));
        out.put("threads", report.engine().threads());
        out.put("versions", report.engine().versions());
        out.put("machine", Machine.current());
        return out;
    }

    private static String text(EngineBench.Report report) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("ITEM", "UNIT", "ORRERY", "PYTHON", "RATIO", "CPU RATIO"));
        for (var m : report.measurements()) {
            rows.add(
                    List.of(
                            m.name(),
                            m.unit(),
                            number(OptionalDouble.of(m.orrery())),
                            number(m.python()),
                            ratio(m.ratio()),
                            ratio(m.processorRatio())));
        }
        var memory =
                "memory over %d small steps: %.1f MB, then %.1f MB: %+.2f %% (limit %.0f %%)"
                        .formatted(
                                report.steps(),
                                report.residentBefore() / 1e6,
                                report.residentAfter() / 1e6,
                                100 * report.growth(),
                                100 * GROWTH_LIMIT);
        var peer =
                report.python()
                        .map(version ->
                                "ratio: how many times as good as %s; cpu ratio: how many times less processor time"
                                        .formatted(version))
                        .orElse("no Python with torch was found; name one with --python PATH");
        return Stream.of(
                        Console.table(rows),
                        "",
                        memory,
                        peer,
                        "%d threads, %s"
                                .formatted(report.engine().threads(), Machine.current().cpu()))
                .reduce((a, b) -> a + "\n" + b)
                .orElseThrow();
    }

    private static String number(OptionalDouble value) {
        return value.isEmpty() ? "-" : "%.1f".formatted(value.getAsDouble());
    }

    private static String ratio(OptionalDouble ratio) {
        return ratio.isEmpty() ? "-" : "%.2f".formatted(ratio.getAsDouble());
    }
}
