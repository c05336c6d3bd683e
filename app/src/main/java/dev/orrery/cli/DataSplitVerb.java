package dev.orrery.cli;

import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.Rewrite;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "split",
        description = {
            "Split a data set into several, by share or by episodes.",
            "Each part goes to its own folder below --out."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:  --part train=0.9 --part test=0.1     --part a=0-99 --part b=100,105-110"
        })
final class DataSplitVerb implements Callable<Integer> {

    @Mixin private DataOutput output;

    @Parameters(paramLabel = "DIR", description = "The data set's folder.")
    private Path folder;

    @Option(
            names = "--part",
            required = true,
            paramLabel = "NAME=WHAT",
            description = "A share such as 0.9, in the order given, or episodes such as 0-9,12.")
    private Map<String, String> parts = new LinkedHashMap<>();

    @Override
    public Integer call() {
        var out = output.need();
        var facts = new LinkedHashMap<String, Object>();
        try (var data = LeRobotDataset.open(folder)) {
            var chosen = choose(data.episodes().size());
            chosen.keySet().forEach(part -> DataOutput.requireNew(out.resolve(part)));
            for (var part : chosen.entrySet()) {
                var episodes = part.getValue();
                facts.put(part.getKey(), episodes.size());
                Rewrite.select(
                        data,
                        episodes::contains,
                        Rewrite.Changes.none(data.info().isV3() ? "v3.0" : "v2.1"),
                        out.resolve(part.getKey()),
                        output.progress("split " + part.getKey()));
            }
        }
        return output.done(out, facts);
    }

    /// The episodes of every part, so that nothing is written if one of them cannot be.
    private Map<String, Set<Integer>> choose(int total) {
        var all = new LinkedHashMap<String, Set<Integer>>();
        double from = 0;
        for (var part : parts.entrySet()) {
            boolean share = part.getValue().matches("0?\\.[0-9]+|1(\\.0*)?");
            double to = share ? from + Double.parseDouble(part.getValue()) : from;
            if (to > 1 + 1e-9)
                throw new IllegalArgumentException("the shares add up to more than 1");
            long low = Math.round(from * total), high = Math.round(to * total);
            var chosen =
                    share
                            ? EpisodeRange.between(low, high)
                            : EpisodeRange.parse(part.getValue(), total);
            if (chosen.isEmpty())
                throw new IllegalArgumentException(
                        "--part %s=%s is none of %d episodes; give it more"
                                .formatted(part.getKey(), part.getValue(), total));
            from = to;
            all.put(part.getKey(), chosen);
        }
        return all;
    }
}
