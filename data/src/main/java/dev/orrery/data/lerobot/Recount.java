package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Computes the statistics of a data set anew, from its frames.
public final class Recount {

    /// Quantiles are kept exactly for up to this many frames; beyond, frames are drawn evenly.
    private static final int MOST_FRAMES = 1 << 22;

    private Recount() {}

    /// Statistics by feature.
    ///
    /// @param total over all frames
    /// @param episodes of each episode, by its number
    public record Counted(
            SequencedMap<String, FeatureStats> total,
            SequencedMap<Integer, SequencedMap<String, FeatureStats>> episodes) {}

    /// The statistics of every feature that has any, over all frames and of each episode.
    ///
    /// Means and spreads are exact. The keys `q01`… are the envelope over episodes, as LeRobot
    /// writes them; `exact_q01`… are the quantiles of all frames together. Pictures are sampled as
    /// LeRobot does.
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
        int done = 0, total = features.size() * data.episodes().size();
        for (var feature : features) {
            var parts = new java.util.ArrayList<FeatureStats>();
            for (int e = 0; e < data.episodes().size(); e++) {
                if (data.episode(e).length() > 0) {
                    var stats =
                            feature.dtype().isPicture()
                                    ? pictures(data, feature, e)
                                    : numbers(data, feature, e);
                    parts.add(stats);
                    episodes.computeIfAbsent(data.episode(e).index(), _ -> new LinkedHashMap<>())
                            .put(feature.name(), stats);
                }
                progress.episodes(++done, total);
            }
            if (parts.isEmpty()) continue;
            var folded = StatsFold.fold(parts);
            out.put(
                    feature.name(),
                    feature.dtype().isPicture() ? folded : withExact(data, feature, folded));
        }
        return new Counted(out, episodes);
    }

    /// Writes statistics as the data set's `meta/stats.json`, and in version 2.1 those of the
    /// episodes as `meta/episodes_stats.jsonl`, each in one move. Version 3.0 keeps the latter in
    /// its table of episodes, which stays as it is.
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
        }
        MetaFiles.stats(data.root(), data.info(), counted.total());
    }

    private static FeatureStats numbers(LeRobotDataset data, Feature feature, int episode) {
        return EpisodeStats.of(
                data.doubles(episode, feature.name(), 0, data.episode(episode).length()),
                feature.elements());
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

    private static FeatureStats withExact(
            LeRobotDataset data, Feature feature, FeatureStats folded) {
        long frames = data.frames();
        long step = Math.max(1, (frames + MOST_FRAMES - 1) / MOST_FRAMES);
        int n = feature.elements();
        var quantiles = new LinkedHashMap<>(folded.quantiles());
        for (var key : EpisodeStats.QUANTILES.keySet())
            quantiles.put("exact_" + key, new double[n]);
        for (int d = 0; d < n; d++) {
            var column = column(data, feature, d, step);
            Arrays.sort(column);
            for (var q : EpisodeStats.QUANTILES.entrySet()) {
                quantiles.get("exact_" + q.getKey())[d] =
                        EpisodeStats.quantile(column, q.getValue());
            }
        }
        return new FeatureStats(
                folded.min(), folded.max(), folded.mean(), folded.std(), folded.count(), quantiles);
    }

    private static double[] column(LeRobotDataset data, Feature feature, int dimension, long step) {
        var out = new double[(int) ((data.frames() + step - 1) / step)];
        int n = feature.elements(), at = 0;
        for (int e = 0; e < data.episodes().size(); e++) {
            int length = data.episode(e).length();
            var values = data.doubles(e, feature.name(), 0, length);
            for (int i = 0; i < length; i++) {
                if ((data.firstFrame(e) + i) % step == 0) out[at++] = values[i * n + dimension];
            }
        }
        return out;
    }
}
