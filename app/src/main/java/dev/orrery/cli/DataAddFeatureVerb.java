package dev.orrery.cli;

import dev.orrery.data.DatasetException;
import dev.orrery.data.lerobot.Dtype;
import dev.orrery.data.lerobot.Feature;
import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.Rewrite;
import dev.orrery.data.lerobot.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "add-feature",
        description = {
            "Add a feature of numbers or text, with one line of a file for each frame.",
            "Without --out the data set is replaced, once the new one is complete."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:  --feature next.reward --fill 0",
            "           --feature observation.force --shape 3 --names x,y,z --from force.csv"
        })
final class DataAddFeatureVerb implements Callable<Integer> {

    @Mixin private DataOutput output;

    @Parameters(paramLabel = "DIR", description = "The data set's folder.")
    private Path folder;

    @Option(names = "--feature", required = true, paramLabel = "NAME", description = "Its name.")
    private String name;

    @Option(
            names = "--dtype",
            defaultValue = "float32",
            description = "Such as float32, int64, bool, string (${DEFAULT-VALUE}).")
    private String dtype;

    @Option(
            names = "--shape",
            split = ",",
            defaultValue = "1",
            description = "Sizes of its axes, such as 7 or 2,3 (${DEFAULT-VALUE}).")
    private List<Integer> shape;

    @Option(names = "--names", split = ",", description = "Names of its dimensions.")
    private List<String> names = List.of();

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description = "A line for each frame of the whole data set; commas between numbers.")
    private Optional<Path> file = Optional.empty();

    @Option(names = "--fill", paramLabel = "VALUE", description = "The same in every frame.")
    private Optional<String> fill = Optional.empty();

    @Override
    public Integer call() {
        if (file.isPresent() == fill.isPresent())
            throw new IllegalArgumentException("say what it is: --from FILE, or --fill VALUE");
        var feature = feature();
        var where =
                output.orInPlace(
                        folder,
                        out -> {
                            try (var data = LeRobotDataset.open(folder)) {
                                var version = data.info().isV3() ? "v3.0" : "v2.1";
                                var added = new Rewrite.Addition(feature, filling(data, feature));
                                var changes = Rewrite.Changes.none(version).adding(List.of(added));
                                Rewrite.copy(data, changes, out, output.progress("add"));
                            }
                        });
        return output.done(where, Map.of("added", name));
    }

    private Feature feature() {
        var kind =
                Dtype.of(dtype)
                        .filter(d -> d.isNumber() || d == Dtype.STRING)
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "--dtype %s: choose a kind of number, bool or string"
                                                .formatted(dtype)));
        if (Feature.AUTOMATIC.contains(name))
            throw new IllegalArgumentException("every data set has '%s' already".formatted(name));
        return kind == Dtype.STRING
                ? Feature.text(name)
                : Feature.numbers(name, kind, shape, names);
    }

    private Rewrite.Filling filling(LeRobotDataset data, Feature feature) {
        if (data.features().containsKey(name))
            throw new IllegalArgumentException("%s has '%s' already".formatted(folder, name));
        if (fill.isPresent()) {
            var all = new String[feature.dtype().isNumber() ? feature.elements() : 1];
            Arrays.fill(all, fill.get());
            var value = value(feature, String.join(",", all), "--fill");
            return _ -> value;
        }
        var lines = lines(file.orElseThrow());
        if (lines.size() != data.frames()) {
            throw DatasetException.at(
                    file.orElseThrow(),
                    "has %d lines, the data set %d frames".formatted(lines.size(), data.frames()));
        }
        return number ->
                value(
                        feature,
                        lines.get((int) number),
                        "%s, line %d".formatted(file.orElseThrow(), number + 1));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw DatasetException.at(file, "cannot be read as lines of text", e);
        }
    }

    private static Value value(Feature feature, String line, String where) {
        if (feature.dtype() == Dtype.STRING) return Value.of(line);
        var words = line.strip().split("[,;\\s]+");
        if (words.length != feature.elements()) {
            throw new IllegalArgumentException(
                    "%s: '%s' needs %d numbers, got %d"
                            .formatted(where, feature.name(), feature.elements(), words.length));
        }
        try {
            return feature.dtype().isFloat()
                    ? Value.of(Arrays.stream(words).mapToDouble(Double::parseDouble).toArray())
                    : Value.of(Arrays.stream(words).mapToLong(DataAddFeatureVerb::whole).toArray());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "%s: '%s' are no numbers of %s".formatted(where, line, feature.dtype().label()),
                    e);
        }
    }

    private static long whole(String word) {
        return switch (word) {
            case "true", "True" -> 1;
            case "false", "False" -> 0;
            default -> Long.parseLong(word);
        };
    }
}
