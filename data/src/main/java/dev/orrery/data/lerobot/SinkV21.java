package dev.orrery.data.lerobot;

import dev.orrery.data.media.VideoCopy;
import dev.orrery.data.parquet.ParquetWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Writes version 2.1: one file an episode, metadata as lines of JSON.
final class SinkV21 implements Sink {

    private final Path root;
    private final Info info;
    private final List<Feature> stored;
    private final StringBuilder episodes = new StringBuilder(), stats = new StringBuilder();

    SinkV21(Path root, Info info) {
        this.root = root;
        this.info = info;
        this.stored =
                info.features().values().stream().filter(f -> f.dtype() != Dtype.VIDEO).toList();
    }

    @Override
    public void episode(EpisodeRecord episode) {
        Map<String, Object> place =
                Map.of(
                        "episode_chunk",
                        episode.index() / info.storage().chunksSize(),
                        "episode_index",
                        episode.index());
        var path = PathPattern.fill(root, info.storage().dataPath(), place);
        var text = Columns.huggingFace(stored);
        try (var writer =
                ParquetWriter.create(
                        path,
                        stored.stream().map(Columns::field).toList(),
                        text.isEmpty() ? Map.of() : Map.of("huggingface", text))) {
            writer.write(episode.columns(stored, writer.leaves()));
        }
        episode.videos()
                .forEach((key, piece) -> {
                    var named = new java.util.HashMap<>(place);
                    named.put("video_key", key);
                    var video = PathPattern.fill(root, info.storage().videoPath(), named);
                    Atomic.replace(
                            video,
                            to -> VideoCopy.join(List.of(piece), to, info.fps()),
                            ".partial.mp4");
                });
        describe(episode);
    }

    private void describe(EpisodeRecord episode) {
        var line = JsonNodeFactory.instance.objectNode().put("episode_index", episode.index());
        var tasks = line.putArray("tasks");
        episode.tasks().forEach(tasks::add);
        episodes.append(Json.line(line.put("length", episode.length())));
        stats.append(Json.line(episodeStats(info, episode.index(), episode.stats())));
    }

    /// A line of `episodes_stats.jsonl`.
    static ObjectNode episodeStats(
            Info info, int episode, SequencedMap<String, FeatureStats> stats) {
        var line = JsonNodeFactory.instance.objectNode().put("episode_index", episode);
        var all = line.putObject("stats");
        stats.forEach((name, value) -> all.set(name, value.toJson(info.features().get(name))));
        return line;
    }

    private void tasks(SequencedMap<Integer, String> tasks) {
        var lines = new StringBuilder();
        tasks.forEach((index, task) ->
                lines.append(
                        Json.line(
                                JsonNodeFactory.instance
                                        .objectNode()
                                        .put("task_index", index)
                                        .put("task", task))));
        write("meta/tasks.jsonl", lines);
    }

    @Override
    public void finish(
            Info last,
            SequencedMap<Integer, String> tasks,
            SequencedMap<String, FeatureStats> total) {
        tasks(tasks);
        write("meta/episodes.jsonl", episodes);
        write(Meta.EPISODES_STATS, stats);
        var extra = last.extra().deepCopy();
        int chunk = last.storage().chunksSize();
        extra.put("total_videos", last.videos().size() * last.totals().episodes());
        extra.put("total_chunks", (last.totals().episodes() + chunk - 1) / chunk);
        MetaFiles.info(
                root,
                new Info(
                        last.version(),
                        last.fps(),
                        last.robotType(),
                        last.totals(),
                        last.storage(),
                        last.features(),
                        last.splits(),
                        extra));
    }

    private void write(String name, StringBuilder text) {
        Atomic.write(root.resolve(name), text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
