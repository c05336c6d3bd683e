package dev.orrery.cli;

import dev.orrery.run.Machine;
import dev.orrery.system.pi0.Pi0Speed;
import dev.orrery.tensor.Engine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "pi0",
        description = {
            "Measure pi0 at the laptop's size: chunks by Euler steps and batch, training, data;",
            "and the shape that docs/systems/pi0.md compares with Python.",
            "Nothing else should be busy meanwhile: a second process changes every figure."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 1 if a chunk of 10 Euler steps takes more than 15 ms."})
final class BenchPi0Verb implements Callable<Integer> {

    @Mixin private Console console;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Calls of each item, the median counts. Default: ${DEFAULT-VALUE}",
            defaultValue = "31")
    private int rounds;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Training steps, at least 60. Default: ${DEFAULT-VALUE}",
            defaultValue = "100")
    private int steps;

    private record Row(String name, double value, String unit) {}

    @Override
    public Integer call() {
        if (rounds < 1 || steps < 60) {
            throw new IllegalArgumentException(
                    "--rounds %d --steps %d: at least 1 round and 60 steps"
                            .formatted(rounds, steps));
        }
        var speed = Pi0Speed.measure(rounds, steps, item -> console.say("measuring " + item));
        double chunk = speed.chunkMillis().get(10);
        boolean met = chunk <= Pi0Speed.CHUNK_MILLIS;
        var rows = rows(speed);
        var table = new ArrayList<List<String>>();
        table.add(List.of("ITEM", "FOUND", "UNIT"));
        rows.forEach(r -> table.add(List.of(r.name(), "%.2f".formatted(r.value()), r.unit())));
        console.result(
                json(rows, met),
                "%s%n%na chunk of 10 Euler steps: %.1f ms, budget %.0f ms: %s%n%d threads, %s"
                        .formatted(
                                Console.table(table),
                                chunk,
                                Pi0Speed.CHUNK_MILLIS,
                                met ? "met" : "missed",
                                Engine.threads(),
                                Machine.current().cpu()));
        return met ? Main.DONE : Main.MISSED;
    }

    private static List<Row> rows(Pi0Speed speed) {
        var rows = new ArrayList<Row>();
        rows.add(new Row("prefix, one observation", speed.prefixMillis(), "ms"));
        rows.add(new Row("one Euler step", speed.stepMillis(), "ms"));
        speed.chunkMillis()
                .forEach((n, ms) ->
                        rows.add(new Row("chunk, %d Euler steps".formatted(n), ms, "ms")));
        var line = speed.line();
        rows.add(new Row("line over steps: intercept", line.intercept(), "ms"));
        rows.add(new Row("line over steps: slope", line.slope(), "ms a step"));
        rows.add(new Row("line over steps: fit", line.fit(), "R2"));
        speed.batchMillis()
                .forEach((b, ms) -> {
                    rows.add(new Row("%d chunks at once".formatted(b), ms, "ms"));
                    rows.add(
                            new Row(
                                    "%d chunks at once, rate".formatted(b),
                                    1000 * b / ms,
                                    "chunks/s"));
                });
        rows.add(new Row("training, laptop preset", speed.trainSteps(), "steps/s"));
        rows.add(new Row("data, one core", speed.frames(), "frames/s"));
        rows.add(
                new Row(
                        "reference shape, forward and backward, batch 8",
                        speed.peerTrainMillis(),
                        "ms"));
        rows.add(new Row("reference shape, chunk of 10 steps", speed.peerSampleMillis(), "ms"));
        return rows;
    }

    private static Map<String, Object> json(List<Row> rows, boolean met) {
        var view = new LinkedHashMap<String, Object>();
        view.put("items", rows);
        view.put("chunk_budget_ms", Pi0Speed.CHUNK_MILLIS);
        view.put("met", met);
        view.put("threads", Engine.threads());
        view.put("machine", Machine.current());
        return view;
    }
}
