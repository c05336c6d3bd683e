package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Compares everything that a data set says of itself with what its files hold.
public final class Verify {

    /// What to check, and how strictly.
    ///
    /// @param tolerance how far timestamps and video frames may be off, in seconds
    /// @param pictures whether every stored picture is decoded
    /// @param allVideoFrames whether every video frame is decoded, or only the first and last of
    ///   each episode
    public record Settings(double tolerance, boolean pictures, boolean allVideoFrames) {

        /// Everything, to 0.1 ms.
        public static Settings thorough() {
            return new Settings(1e-4, true, true);
        }

        /// Metadata, numbers and a few video frames.
        public static Settings quick() {
            return new Settings(1e-4, false, false);
        }
    }

    /// What came of it.
    ///
    /// @param findings in the order found
    /// @param episodes episodes looked at
    /// @param frames frames looked at
    /// @param compared values compared with those of an `expected.json` in the folder, if it has
    ///   one
    public record Outcome(List<Finding> findings, int episodes, long frames, int compared) {

        public Outcome {
            findings = List.copyOf(findings);
        }

        /// Whether there is no error; warnings do not count.
        public boolean sound() {
            return findings.stream().noneMatch(f -> f.severity() == Finding.Severity.ERROR);
        }
    }

    /// Hears how far the work has come.
    public interface Progress {
        /// @param done episodes done
        /// @param of episodes in all
        void episodes(int done, int of);
    }

    private Verify() {}

    /// Checks the data set in a folder; never throws for what is wrong with its files.
    public static Outcome run(Path root, Settings settings, Progress progress) {
        var findings = new Findings(root);
        try (var data = LeRobotDataset.open(root, settings.tolerance())) {
            checkInfo(data, findings);
            checkEpisodes(data, findings);
            checkStrayFiles(data, findings);
            var frames = new VerifyFrames(data, settings, findings);
            var videos = new VerifyVideos(data, settings, findings);
            int total = data.episodes().size();
            for (int e = 0; e < total; e++) {
                frames.episode(e);
                videos.episode(e);
                progress.episodes(e + 1, total);
            }
            videos.files();
            new VerifyStats(data, findings).compare(frames.moments());
            int compared = new Expected(data, findings).compare();
            return new Outcome(findings.toList(), total, data.frames(), compared);
        } catch (DatasetException e) {
            findings.error("open", findings.nowhere(), e.getMessage(), "");
            return new Outcome(findings.toList(), 0, 0, 0);
        }
    }

    private static void checkInfo(LeRobotDataset data, Findings findings) {
        var info = data.info();
        var at = findings.file(data.root().resolve("meta/info.json"));
        for (var key : info.unknownKeys())
            findings.warning(
                    "unknown key", at, "unknown key '%s' is kept and ignored".formatted(key), "");
        for (var feature : Feature.automatic()) {
            var found = info.features().get(feature.name());
            if (found == null) {
                findings.error(
                        "missing feature",
                        at,
                        "feature '%s' is missing".formatted(feature.name()),
                        "every data set needs it");
            } else if (!found.sameKind(feature)) {
                findings.warning(
                        "feature type",
                        at,
                        "feature '%s' is %s %s instead of %s %s"
                                .formatted(
                                        found.name(),
                                        found.dtype().label(),
                                        found.shape(),
                                        feature.dtype().label(),
                                        feature.shape()),
                        "");
            }
        }
        compare(
                findings,
                at,
                "total_episodes",
                info.totals().episodes(),
                data.episodes().size(),
                "episodes are described");
        compare(
                findings,
                at,
                "total_frames",
                info.totals().frames(),
                data.frames(),
                "frames are described");
        compare(
                findings,
                at,
                "total_tasks",
                info.totals().tasks(),
                data.tasks().size(),
                "tasks are listed");
        info.splits()
                .forEach((name, range) -> {
                    if (!range.matches("\\d{1,9}:\\d{1,9}")
                            || Integer.parseInt(range.split(":")[1]) > data.episodes().size()) {
                        findings.warning(
                                "split",
                                at,
                                "split '%s' is '%s'; there are %d episodes"
                                        .formatted(name, range, data.episodes().size()),
                                "");
                    }
                });
        int expected = 0;
        var seen = new HashSet<String>();
        for (var task : data.tasks().entrySet()) {
            var file =
                    findings.file(
                            data.root().resolve(info.isV3() ? Meta.TASKS : "meta/tasks.jsonl"));
            if (task.getKey() != expected++) {
                findings.error(
                        "task numbers",
                        file,
                        "task %d follows where %d is due".formatted(task.getKey(), expected - 1),
                        "number tasks from 0 without gaps");
                expected = task.getKey() + 1;
            }
            if (!seen.add(task.getValue()))
                findings.warning(
                        "task twice",
                        file,
                        "task '%s' is listed twice".formatted(task.getValue()),
                        "");
        }
    }

    private static void compare(
            Findings findings, Findings.At at, String key, long said, long found, String what) {
        if (said != found) {
            findings.error(
                    "totals",
                    at,
                    "%s is %d, but %d %s".formatted(key, said, found, what),
                    "'orrery data repair' recounts");
        }
    }

    private static void checkEpisodes(LeRobotDataset data, Findings findings) {
        long from = 0;
        var known = new HashSet<>(data.tasks().values());
        var at =
                findings.file(
                        data.root()
                                .resolve(
                                        data.info().isV3()
                                                ? Meta.EPISODES
                                                : "meta/episodes.jsonl"));
        for (int e = 0; e < data.episodes().size(); e++) {
            var episode = data.episodes().get(e);
            var here = new Findings.At(at.file(), episode.index(), -1);
            if (episode.index() != e) {
                findings.error(
                        "episode numbers",
                        here,
                        "is listed where episode %d is due".formatted(e),
                        "an episode is missing or listed twice; 'orrery data repair' renumbers");
            }
            if (episode.length() < 1)
                findings.error(
                        "episode length",
                        here,
                        "has %d frames".formatted(episode.length()),
                        "delete it with 'orrery data delete-episodes'");
            if (episode.from() != from) {
                findings.error(
                        "dataset_from_index",
                        here,
                        "begins at frame %d where frame %d is due".formatted(episode.from(), from),
                        "'orrery data repair' recounts");
            }
            from = episode.from() + episode.length();
            if (episode.tasks().isEmpty()) findings.warning("no task", here, "names no task", "");
            for (var task : episode.tasks()) {
                if (!known.contains(task))
                    findings.error(
                            "unlisted task",
                            here,
                            "names the task '%s', which is not listed".formatted(task),
                            "");
            }
        }
    }

    private static void checkStrayFiles(LeRobotDataset data, Findings findings) {
        Set<Path> named = new TreeSet<>();
        for (int e = 0; e < data.episodes().size(); e++) {
            named.add(data.dataFile(e));
            for (var video : data.info().videos()) {
                if (data.episodes().get(e).videos().containsKey(video.name()))
                    named.add(data.videoFile(e, video));
            }
        }
        for (var folder : List.of("data", "videos")) {
            var start = data.root().resolve(folder);
            if (!Files.isDirectory(start)) continue;
            try (var files = Files.walk(start)) {
                files.filter(Files::isRegularFile)
                        .filter(f ->
                                f.toString().endsWith(".parquet") || f.toString().endsWith(".mp4"))
                        .filter(f -> !named.contains(f))
                        .forEach(f ->
                                findings.warning(
                                        "stray file",
                                        findings.file(f),
                                        "no episode lies in this file",
                                        "delete it, or 'orrery data repair'"));
            } catch (IOException e) {
                findings.error(
                        "listing", findings.file(start), "cannot be listed: " + e.getMessage(), "");
            }
        }
    }
}
