package dev.orrery.cli;

import dev.orrery.bench.PeerComparison;
import dev.orrery.bench.PeerComparison.Item;
import dev.orrery.run.Machine;
import dev.orrery.system.flowmatching.FlowSpeed;
import dev.orrery.tensor.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "flow",
        description = {
            "Measure flow matching at the laptop's size: training steps, samplers, coupling;",
            "in turn with Python's PyTorch where that is installed.",
            "Nothing else should be busy meanwhile: a second process changes every figure."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 1 if a training step takes more than 5 ms."})
final class BenchFlowVerb implements Callable<Integer> {

    @Mixin private Console console;
    @Mixin private PeerOptions peers;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Calls of each item, the median counts. Default: ${DEFAULT-VALUE}",
            defaultValue = "31")
    private int rounds;

    @Override
    public Integer call() throws IOException {
        if (rounds < 1) {
            throw new IllegalArgumentException(
                    "--rounds %d: measure at least once".formatted(rounds));
        }
        var folder = Files.createTempDirectory("orrery-bench");
        try (var speed = new FlowSpeed(folder.resolve("run"))) {
            return show(
                    PeerComparison.run(
                            peers.interpreters(),
                            rounds,
                            items(speed),
                            item -> console.say("measuring " + item)));
        } finally {
            delete(folder);
        }
    }

    private static List<Item> items(FlowSpeed speed) {
        var samples = FlowSpeed.SAMPLES + " samples, ";
        return List.of(
                new Item("training step, batch 512", "flow", speed::train),
                new Item(samples + "8 Euler steps", "flow-euler", () -> speed.euler(8)),
                new Item(samples + "64 Euler steps", "", () -> speed.euler(64)),
                new Item(samples + "dopri5, tolerance 1e-3", "", speed::dopri5),
                new Item("exact coupling of %d".formatted(FlowSpeed.PAIRS), "", speed::couple));
    }

    private int show(PeerComparison found) {
        double step = found.measurements().getFirst().orrery();
        boolean met = step <= FlowSpeed.STEP_MILLIS;
        var json = new LinkedHashMap<String, Object>();
        json.put("items", PeerTable.json(found.measurements()));
        json.put("step_budget_ms", FlowSpeed.STEP_MILLIS);
        json.put("met", met);
        found.python().ifPresent(version -> json.put("python", version));
        json.put("threads", Engine.threads());
        json.put("machine", Machine.current());
        console.result(
                json,
                "%s%n%na training step: %.2f ms, budget %.0f ms: %s%n%s%n%d threads, %s"
                        .formatted(
                                PeerTable.text(found.measurements()),
                                step,
                                FlowSpeed.STEP_MILLIS,
                                met ? "met" : "missed",
                                PeerOptions.said(found.python()),
                                Engine.threads(),
                                Machine.current().cpu()));
        return met ? Main.DONE : Main.MISSED;
    }

    private static void delete(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
