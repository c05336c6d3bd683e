package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Computes the statistics of a data set anew, from its frames.
public final class Recount {

    private Recount() {}

    /// Statistics by feature.
    ///
    /// @param total over all frames
    /// @param episodes of each episode, by its number
    /// @param histograms what the quantiles of the whole come from
    public record Counted(
            SequencedMap<String, FeatureStats> total,
            SequencedMap<Integer, SequencedMap<String, FeatureStats>> episodes,
            Histograms histograms) {}

    /// The statistics of every feature that has any, over all frames and of each episode.
    ///
    /// Means and spreads are exact. The keys `q01`… are the envelope over episodes, as LeRobot
    /// writes them; `exact_q01`… are the quantiles of all frames together, to less than a bin of
    /// [Histogram]. Pictures are sampled as LeRobot does.
    ///
    /// @param progress hears of each episode, once a feature
    /// @throws DatasetException if a frame cannot be read
    public static Counted of(LeRobotDataset data, Rewrite.Progress progress) {
        var out = new LinkedHashMap<String, FeatureStats>();
        var episodes = new TreeMap<Integer, SequencedMap<String, FeatureStats>>();
        var features =
                data.features().values().stream()
                        .filter(f -> f.dtype().isNumber() || f.dtype().isPicture())
                        .toList();
        var histograms = new Histograms();
        histograms.frames(data.frames());
        int done = 0, total = features.size() * data.episodes().size();
        for (var feature : features) {
            var parts = new java.util.ArrayList<FeatureStats>();
            for (int e = 0; e < data.episodes().size(); e++) {
                if (data.episode(e).length() > 0) {
                    var stats =
                            feature.dtype().isPicture()
                                    ? pictures(data, feature, e)
                                    : numbers(data, feature, e, histograms);
                    parts.add(stats);
                    episodes.computeIfAbsent(data.episode(e).index(), _ -> new LinkedHashMap<>())
                            .put(feature.name(), stats);
                }
                progress.episodes(++done, total);
            }
            if (parts.isEmpty()) continue;
            out.put(feature.name(), StatsFold.fold(parts));
        }
        return new Counted(histograms.exact(out), episodes, histograms);
    }

    /// Writes statistics as the data set's `meta/stats.json`, and in version 2.1 those of the
    /// episodes as `meta/episodes_stats.jsonl`. Version 3.0 keeps the latter in its table of
    /// episodes, whose files are written anew. Each file is replaced in one move.
    ///
    /// @throws DatasetException if a file cannot be written, or has columns that would be lost
    public static void write(LeRobotDataset data, Counted counted) {
        if (data.info().version().equals("v2.1")) {
            var lines = new StringBuilder();
            counted.episodes()
                    .forEach((episode, stats) ->
                            lines.append(
                                    Json.line(SinkV21.episodeStats(data.info(), episode, stats))));
            Atomic.write(
                    data.root().resolve(Meta.EPISODES_STATS),
                    lines.toString().getBytes(StandardCharsets.UTF_8));
        } else if (data.info().isV3() && !data.episodes().isEmpty()) {
            for (var shard : Meta.shards(data.root()))
                EpisodesFile.replace(shard, data.info(), counted.episodes());
        }
        counted.histograms().write(data.root());
        MetaFiles.stats(data.root(), data.info(), counted.total());
    }

    private static FeatureStats numbers(
            LeRobotDataset data, Feature feature, int episode, Histograms histograms) {
        var values = data.doubles(episode, feature.name(), 0, data.episode(episode).length());
        if (Histograms.takes(feature)) histograms.add(feature, values);
        return EpisodeStats.of(values, feature.elements());
    }

    private static FeatureStats pictures(LeRobotDataset data, Feature feature, int episode) {
        var counts = new ImageCounts();
        int length = data.episode(episode).length();
        var wanted =
                Arrays.stream(ImageCounts.sample(length))
                        .boxed()
                        .collect(java.util.stream.Collectors.toSet());
        for (int i = 0; i < length; i++)
            if (wanted.contains(i)) counts.add(data.image(episode, feature.name(), i));
        return counts.statsOfAll();
    }
}
