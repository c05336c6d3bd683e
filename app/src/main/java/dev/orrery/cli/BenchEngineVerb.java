package dev.orrery.cli;

import dev.orrery.bench.EngineBench;
import dev.orrery.run.Machine;
import java.util.LinkedHashMap;
import java.util.Map;
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
    @Mixin private PeerOptions peers;
    @Spec private CommandSpec spec;

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
        var options = new EngineBench.Options(peers.interpreters(), rounds, steps);
        var err = spec.commandLine().getErr();
        var report =
                EngineBench.run(
                        options,
                        item -> {
                            err.println("measuring " + item);
                            err.flush();
                        });
        console.result(json(report), text(report));
        return Main.DONE;
    }

    private static Map<String, Object> json(EngineBench.Report report) {
        var out = new LinkedHashMap<String, Object>();
        out.put("items", PeerTable.json(report.measurements()));
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
        var memory =
                "memory over %d small steps: %.1f MB, then %.1f MB: %+.2f %% (limit %.0f %%)"
                        .formatted(
                                report.steps(),
                                report.residentBefore() / 1e6,
                                report.residentAfter() / 1e6,
                                100 * report.growth(),
                                100 * GROWTH_LIMIT);
        return Stream.of(
                        PeerTable.text(report.measurements()),
                        "",
                        memory,
                        PeerOptions.said(report.python()),
                        "%d threads, %s"
                                .formatted(report.engine().threads(), Machine.current().cpu()))
                .reduce((a, b) -> a + "\n" + b)
                .orElseThrow();
    }
}
