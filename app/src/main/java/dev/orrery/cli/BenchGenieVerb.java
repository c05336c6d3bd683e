package dev.orrery.cli;

import dev.orrery.bench.PeerComparison;
import dev.orrery.bench.SpaceTimeBench;
import dev.orrery.run.Machine;
import dev.orrery.system.genie.GenieConfig;
import dev.orrery.system.genie.GenieSpeed;
import dev.orrery.tensor.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "genie",
        description = {
            "Measure genie at the laptop's size: dreamed frames a second, tokens a second of each",
            "stage; a training step of a video transformer, in turn with Python's PyTorch where"
                    + " that",
            "is installed; attention in space and time apart beside attention over everything.",
            "Nothing else should be busy meanwhile: a second process changes every figure."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 1 if dreams are slower than 10 frames/s at 8 steps or 4 at 25."})
final class BenchGenieVerb implements Callable<Integer> {

    @Mixin private Console console;
    @Mixin private PeerOptions peers;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Calls of each item, the median counts. Default: ${DEFAULT-VALUE}")
    private int rounds = 9;

    @Option(
            names = "--figure",
            paramLabel = "FILE",
            description = "Draw the cost of attention over the length of clips as PNG.")
    private Optional<Path> figure = Optional.empty();

    private record Row(String name, double value, String unit, OptionalDouble budget) {}

    @Override
    public Integer call() {
        if (rounds < 1) {
            throw new IllegalArgumentException("--rounds %d must be at least 1".formatted(rounds));
        }
        var interpreters = peers.interpreters();
        var speed =
                GenieSpeed.measure(
                        GenieConfig.laptop(),
                        rounds,
                        rounds,
                        item -> console.say("measuring " + item));
        var peer = peer(interpreters);
        var cost = SpaceTimeBench.cost(rounds, item -> console.say("measuring " + item));
        figure.ifPresent(file -> draw(cost, file));
        boolean met =
                GenieSpeed.BUDGET.entrySet().stream()
                        .allMatch(b -> speed.frames().get(b.getKey()) >= b.getValue());
        var rows = rows(speed, peer, cost);
        console.result(json(rows, cost, met), text(rows, peer));
        return met ? Main.DONE : Main.MISSED;
    }

    private PeerComparison peer(List<String> interpreters) {
        try (var step = new SpaceTimeBench.Step()) {
            return PeerComparison.run(
                    interpreters,
                    rounds,
                    List.of(step.item()),
                    item -> console.say("measuring " + item));
        }
    }

    private static void draw(SpaceTimeBench.Cost cost, Path file) {
        try {
            CostFigure.write(cost, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Row> rows(GenieSpeed speed, PeerComparison peer, SpaceTimeBench.Cost cost) {
        var rows = new ArrayList<Row>();
        speed.frames()
                .forEach((steps, rate) ->
                        rows.add(
                                new Row(
                                        "dreaming, %d MaskGIT steps".formatted(steps),
                                        rate,
                                        "frames/s",
                                        OptionalDouble.of(GenieSpeed.BUDGET.get(steps)))));
        speed.tokens()
                .forEach((stage, rate) ->
                        rows.add(
                                new Row(
                                        "training, " + stage,
                                        rate,
                                        "tokens/s",
                                        OptionalDouble.empty())));
        for (var m : peer.measurements()) {
            rows.add(new Row(m.name(), m.orrery(), m.unit(), OptionalDouble.empty()));
            double rate = 1000 * SpaceTimeBench.TOKENS / m.orrery();
            rows.add(new Row(m.name() + ", rate", rate, "tokens/s", OptionalDouble.empty()));
            m.python()
                    .ifPresent(other ->
                            rows.add(
                                    new Row(
                                            m.name() + ", PyTorch",
                                            other,
                                            m.unit(),
                                            OptionalDouble.empty())));
        }
        for (int length : SpaceTimeBench.LENGTHS) {
            var name = "a block over %d frames, ".formatted(length);
            rows.add(
                    new Row(
                            name + "space and time apart",
                            cost.apart().get(length),
                            "ms",
                            OptionalDouble.empty()));
            rows.add(
                    new Row(
                            name + "everything at once",
                            cost.whole().get(length),
                            "ms",
                            OptionalDouble.empty()));
        }
        cost.growth()
                .forEach((kind, power) ->
                        rows.add(
                                new Row(
                                        "growth at the longest clips, " + kind,
                                        power,
                                        "power of length",
                                        OptionalDouble.empty())));
        return rows;
    }

    private static String text(List<Row> rows, PeerComparison peer) {
        var table = new ArrayList<List<String>>();
        table.add(List.of("ITEM", "FOUND", "BUDGET", "UNIT"));
        for (var row : rows) {
            table.add(
                    List.of(
                            row.name(),
                            "%.2f".formatted(row.value()),
                            row.budget().isPresent()
                                    ? ">= %.0f".formatted(row.budget().getAsDouble())
                                    : "-",
                            row.unit()));
        }
        return "%s%n%n%d threads, %s%s"
                .formatted(
                        Console.table(table),
                        Engine.threads(),
                        Machine.current().cpu(),
                        peer.python().map(version -> "; PyTorch: " + version).orElse(""));
    }

    private static Map<String, Object> json(List<Row> rows, SpaceTimeBench.Cost cost, boolean met) {
        var view = new LinkedHashMap<String, Object>();
        view.put("items", rows);
        view.put("cost", cost);
        view.put("met", met);
        view.put("threads", Engine.threads());
        view.put("machine", Machine.current());
        return view;
    }
}
