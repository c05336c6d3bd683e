package dev.orrery.cli;

import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.NormStats;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "export",
        description = "Write statistics in the form that another project reads.",
        mixinStandardHelpOptions = true)
final class DataExportVerb implements Callable<Integer> {

    @Mixin private DataOutput output;

    @Parameters(paramLabel = "DIR", description = "The data set's folder.")
    private Path folder;

    @Option(
            names = "--as",
            required = true,
            paramLabel = "FORM",
            description = "openpi (norm_stats.json) or openvla (dataset_statistics.json).")
    private String form;

    @Override
    public Integer call() {
        var out = output.need();
        try (var data = LeRobotDataset.open(folder)) {
            switch (form) {
                case "openpi" -> NormStats.writeOpenpi(data, out);
                case "openvla" ->
                        NormStats.writeOpenvla(data, folder.getFileName().toString(), out);
                default ->
                        throw new IllegalArgumentException(
                                "--as %s: choose openpi or openvla".formatted(form));
            }
            return output.done(out, Map.of("form", form));
        }
    }
}
