package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import dev.orrery.data.media.Pictures;
import dev.orrery.data.parquet.Field;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Checks the rows of each episode.
final class VerifyFrames {

    private final LeRobotDataset data;
    private final Verify.Settings settings;
    private final Findings findings;
    private final Set<Path> seen = new HashSet<>();
    private final Set<String> absent = new HashSet<>();
    private final Map<String, Moments> moments = new LinkedHashMap<>();

    VerifyFrames(LeRobotDataset data, Verify.Settings settings, Findings findings) {
        this.data = data;
        this.settings = settings;
        this.findings = findings;
    }

    /// Moments of the features of numbers, over all episodes that could be read.
    Map<String, Moments> moments() {
        return moments;
    }

    void episode(int place) {
        var episode = data.episodes().get(place);
        var file = data.dataFile(place);
        var at = new Findings.At(file, episode.index(), -1);
        try {
            if (seen.add(file)) schema(file);
            if (episode.length() < 1) return;
            data.rows().of(place);
        } catch (DatasetException e) {
            findings.error("data file", at, strip(e), "");
            return;
        }
        for (var feature : data.features().values()) {
            if (absent.contains(file + "|" + feature.name())) continue;
            try {
                feature(place, episode, feature, at);
            } catch (DatasetException e) {
                findings.error("column " + feature.name(), at, strip(e), "");
            }
        }
    }

    private String strip(DatasetException e) {
        return e.getMessage().replace(data.root().toString() + "/", "");
    }

    private void schema(Path file) {
        var columns = new TreeSet<String>();
        for (var field : data.tables().schema(file)) {
            columns.add(field.name());
            var feature = data.features().get(field.name());
            if (feature == null) {
                findings.warning(
                        "extra column",
                        findings.file(file),
                        "column '%s' is no feature".formatted(field.name()),
                        "");
            } else if (field instanceof Field.Primitive p
                    && feature.dtype().isNumber()
                    && p.physical() != feature.dtype().physical()) {
                findings.warning(
                        "column type",
                        findings.file(file),
                        "column '%s' is stored as %s where dtype %s is stated"
                                .formatted(field.name(), p.physical(), feature.dtype().label()),
                        "");
            }
        }
        for (var feature : data.features().values()) {
            if (feature.dtype() == Dtype.VIDEO || columns.contains(feature.name())) continue;
            absent.add(file + "|" + feature.name());
            if (feature.dtype() == Dtype.LANGUAGE) {
                findings.warning(
                        "missing column",
                        findings.file(file),
                        "column '%s' is missing".formatted(feature.name()),
                        "");
            } else {
                findings.error(
                        "missing column",
                        findings.file(file),
                        "column '%s' is missing; it has %s".formatted(feature.name(), columns),
                        "");
            }
        }
    }

    private void feature(int place, EpisodeMeta episode, Feature feature, Findings.At at) {
        switch (feature.dtype()) {
            case IMAGE -> pictures(place, episode, feature, at);
            case VIDEO -> {}
            case STRING -> data.texts(place, feature.name(), 0, episode.length());
            case LANGUAGE -> data.language(place, feature.name(), 0, episode.length());
            default -> numbers(place, episode, feature, at);
        }
    }

    private void numbers(int place, EpisodeMeta episode, Feature feature, Findings.At at) {
        var values = data.doubles(place, feature.name(), 0, episode.length());
        switch (feature.name()) {
            case "timestamp" -> timestamps(values, episode, at);
            case "frame_index" -> counting(values, 0, "frame_index", episode, at);
            case "index" -> counting(values, episode.from(), "index", episode, at);
            case "episode_index" -> constant(values, episode, at);
            case "task_index" -> tasks(values, episode, at);
            default -> {}
        }
        if (finite(values, feature, episode, at)) {
            moments.computeIfAbsent(feature.name(), _ -> new Moments(feature.elements()))
                    .add(values);
        }
    }

    private boolean finite(double[] values, Feature feature, EpisodeMeta episode, Findings.At at) {
        if (!feature.dtype().isFloat()) return true;
        int bad = 0, first = -1;
        for (int i = 0; i < values.length; i++) {
            if (Double.isFinite(values[i])) continue;
            if (bad++ == 0) first = i;
        }
        if (bad == 0) return true;
        int n = feature.elements();
        findings.error(
                "not finite",
                new Findings.At(at.file(), episode.index(), first / n),
                "%s is %s (%d such values in the episode)"
                        .formatted(feature.dimension(first % n), values[first], bad),
                "drop the episode with 'orrery data delete-episodes', or record it again");
        return false;
    }

    private void timestamps(double[] times, EpisodeMeta episode, Findings.At at) {
        for (int i = 0; i < times.length; i++) {
            double expected = (double) i / data.fps();
            // Stored in single precision, so late frames may be off by half a unit in the last
            // place.
            double allowed = settings.tolerance() + Math.ulp((float) expected);
            if (Math.abs(times[i] - expected) <= allowed) continue;
            findings.error(
                    "timestamp",
                    new Findings.At(at.file(), episode.index(), i),
                    "timestamp is %.6f s where %.6f s is due at %d frames/s"
                            .formatted(times[i], expected, data.fps()),
                    "raise --tolerance if this is meant, or 'orrery data repair' sets them anew");
            return;
        }
    }

    private void counting(
            double[] values, long from, String name, EpisodeMeta episode, Findings.At at) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] == from + i) continue;
            findings.error(
                    name,
                    new Findings.At(at.file(), episode.index(), i),
                    "%s is %.0f where %d is due".formatted(name, values[i], from + i),
                    "'orrery data repair' renumbers");
            return;
        }
    }

    private void constant(double[] values, EpisodeMeta episode, Findings.At at) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] == episode.index()) continue;
            findings.error(
                    "episode_index",
                    new Findings.At(at.file(), episode.index(), i),
                    "episode_index is %.0f".formatted(values[i]),
                    "'orrery data repair' renumbers");
            return;
        }
    }

    private void tasks(double[] values, EpisodeMeta episode, Findings.At at) {
        var used = new TreeSet<String>();
        for (int i = 0; i < values.length; i++) {
            var task = data.tasks().get((int) values[i]);
            if (task == null) {
                findings.error(
                        "task_index",
                        new Findings.At(at.file(), episode.index(), i),
                        "task_index %.0f is not listed".formatted(values[i]),
                        "");
                return;
            }
            used.add(task);
        }
        if (!episode.tasks().isEmpty() && !used.equals(new TreeSet<>(episode.tasks()))) {
            findings.error(
                    "tasks",
                    at,
                    "its frames are of tasks %s, its description says %s"
                            .formatted(used, episode.tasks()),
                    "");
        }
    }

    private void pictures(int place, EpisodeMeta episode, Feature feature, Findings.At at) {
        if (!settings.pictures()) return;
        for (int i = 0; i < episode.length(); i++) {
            var here = new Findings.At(at.file(), episode.index(), i);
            try {
                var image = Pictures.decode(data.pictureBytes(place, feature, i));
                if (image.height() != feature.height() || image.width() != feature.width()) {
                    findings.error(
                            "picture size",
                            here,
                            "'%s' is %d x %d where %d x %d is stated (H x W)"
                                    .formatted(
                                            feature.name(),
                                            image.height(),
                                            image.width(),
                                            feature.height(),
                                            feature.width()),
                            "");
                    return;
                }
            } catch (DatasetException e) {
                findings.error("picture", here, "'%s': %s".formatted(feature.name(), strip(e)), "");
                return;
            }
        }
    }
}
