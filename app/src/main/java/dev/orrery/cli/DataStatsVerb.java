package dev.orrery.cli;

import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.NormStats;
import dev.orrery.data.lerobot.Preflight;
import dev.orrery.data.lerobot.Recount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "stats",
        description = "Show each dimension's statistics and what normalisation makes of it.",
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 1 if a dimension hardly varies."})
final class DataStatsVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Parameters(paramLabel = "DIR", description = "The data set's folder.")
    private Path folder;

    @Option(names = "--write", description = "Compute the statistics anew and store them first.")
    private boolean write;

    @Option(
            names = "--take",
            paramLabel = "FILE",
            description =
                    "Store the statistics of state and action that an openpi or openvla file has "
                            + "(norm_stats.json, dataset_statistics.json) first.")
    private Optional<Path> take = Optional.empty();

    @Override
    public Integer call() {
        if (write && take.isPresent())
            throw new IllegalArgumentException("choose --write or --take, not both");
        if (write) recount();
        if (take.isPresent()) {
            try (var data = LeRobotDataset.open(folder)) {
                NormStats.store(data, take.get());
            }
        }
        try (var data = LeRobotDataset.open(folder)) {
            var dimensions = Preflight.of(data);
            var rows = new ArrayList<List<String>>();
            rows.add(List.of("DIMENSION", "Q99 - Q01", "NORMALISED", ""));
            for (var d : dimensions) {
                rows.add(
                        List.of(
                                d.name(),
                                "%.5g".formatted(d.spread()),
                                d.constant() ? "-" : "%.2f to %.2f".formatted(d.low(), d.high()),
                                d.constant() ? "hardly varies" : ""));
            }
            console.result(
                    dimensions.stream().map(DataStatsVerb::finite).toList(), Console.table(rows));
            return dimensions.stream().anyMatch(Preflight.Dimension::constant)
                    ? Main.MISSED
                    : Main.DONE;
        }
    }

    private void recount() {
        var progress = new TerminalProgress();
        try (var data = LeRobotDataset.open(folder)) {
            var stats =
                    Recount.of(
                            data,
                            (done, of) -> {
                                if (done == 1) progress.stage("count", of);
                                progress.at(done, "");
                            });
            Recount.write(data, stats);
        }
        progress.end();
    }

    /// JSON has no infinity: a dimension without spread normalises to nothing.
    private static Preflight.Dimension finite(Preflight.Dimension d) {
        return d.constant() ? new Preflight.Dimension(d.name(), d.spread(), 0, 0, true) : d;
    }
}
