package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import dev.orrery.data.media.VideoFile;
import dev.orrery.env.Image;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Compares a data set with the values that an `expected.json` in its folder lists: what another
/// program read from, or wrote to, the same files.
///
/// Known are the totals; of each of `episodes` its `episode_index`, `length`, `tasks`, and
/// `NAME_first`, `NAME_last` (a frame's elements), `NAME_sum_f64` (over frames, each element),
/// `NAME_count` (elements that are not zero) and `NAME_rgb_sha256` (all pictures, one after
/// another), where `state`, `success` or `wrist` may stand for `observation.state`, `next.success`
/// or `observation.images.wrist`; of each of `videos`, by path, `frames`, `codec`, `height`,
/// `width`, `fps` and `frame_mean_rgb`. Other keys are reported and not compared.
final class Expected {

    /// The file that holds the values.
    static final String FILE = "expected.json";

    /// Decoders agree on pixels; the way from YUV to RGB is rounded differently. Out of 255.
    private static final double MEAN_COLOUR = 0.1;

    private static final double SUM = 1e-12;
    private static final Pattern STATISTIC =
            Pattern.compile("(.+)_(first|last|sum_f64|count|rgb_sha256)");
    private static final List<String> PREFIXES =
            List.of("", "observation.", "next.", EpisodeFolder.IMAGES);

    private final LeRobotDataset data;
    private final Findings findings;
    private final Path file;
    private int compared;

    Expected(LeRobotDataset data, Findings findings) {
        this.data = data;
        this.findings = findings;
        this.file = data.root().resolve(FILE);
    }

    /// Compares everything there is.
    ///
    /// @return how many values were compared, 0 if there is no such file
    int compare() {
        if (!Files.exists(file)) return 0;
        var at = findings.file(file);
        try {
            for (var entry : Json.object(file).properties()) top(entry.getKey(), entry.getValue());
        } catch (DatasetException e) {
            findings.error("expected", at, e.getMessage(), "");
        }
        return compared;
    }

    private void top(String key, JsonNode wanted) {
        var at = findings.file(file);
        var totals = data.info().totals();
        switch (key) {
            case "total_frames" -> {
                same(at, key, wanted, data.frames());
                same(at, key + " in info.json", wanted, totals.frames());
            }
            case "total_episodes" -> same(at, key, wanted, data.episodes().size());
            case "total_tasks" -> same(at, key, wanted, data.tasks().size());
            case "fps" -> same(at, key, wanted, data.fps());
            case "robot_type" -> same(at, key, wanted, data.info().robotType());
            case "codebase_version" -> same(at, key, wanted, data.info().version());
            case "episodes" -> episodes(wanted);
            case "videos" ->
                    wanted.properties().forEach(video -> video(video.getKey(), video.getValue()));
            default -> unknown(at, key);
        }
    }

    private void episodes(JsonNode wanted) {
        same(findings.file(file), "the number of episodes", wanted.size(), data.episodes().size());
        for (int i = 0; i < wanted.size(); i++) {
            int index = wanted.get(i).path("episode_index").asInt(i), place = place(index);
            var at = new Findings.At(file, index, -1);
            if (place < 0) {
                differ(at, "episode_index", Integer.toString(index), "no such episode");
                continue;
            }
            for (var entry : wanted.get(i).properties()) {
                try {
                    episode(at, place, entry.getKey(), entry.getValue());
                } catch (DatasetException e) {
                    differ(at, entry.getKey(), "a value", e.getMessage());
                }
            }
        }
    }

    private int place(int index) {
        for (int i = 0; i < data.episodes().size(); i++)
            if (data.episodes().get(i).index() == index) return i;
        return -1;
    }

    private void episode(Findings.At at, int place, String key, JsonNode wanted) {
        var episode = data.episodes().get(place);
        switch (key) {
            case "episode_index" -> same(at, key, wanted, episode.index());
            case "length" -> same(at, key, wanted, episode.length());
            case "tasks" -> tasks(at, wanted, episode);
            default -> {
                var parts = STATISTIC.matcher(key);
                var feature = parts.matches() ? feature(parts.group(1)) : Optional.<Feature>empty();
                if (feature.isEmpty()) unknown(at, key);
                else statistic(at, place, feature.get(), parts.group(2), key, wanted);
            }
        }
    }

    private void tasks(Findings.At at, JsonNode wanted, EpisodeMeta episode) {
        var tasks = wanted.valueStream().map(task -> task.asString("")).toList();
        compared++;
        if (!tasks.equals(episode.tasks()))
            differ(at, "tasks", tasks.toString(), episode.tasks().toString());
    }

    private Optional<Feature> feature(String name) {
        return PREFIXES.stream()
                .map(prefix -> data.features().get(prefix + name))
                .filter(f -> f != null)
                .findFirst();
    }

    private void statistic(
            Findings.At at, int place, Feature feature, String what, String key, JsonNode wanted) {
        int length = data.episode(place).length();
        if (feature.dtype().isPicture() != what.equals("rgb_sha256")
                || !feature.dtype().isPicture() && !feature.dtype().isNumber()
                || length == 0) {
            unknown(at, key);
            return;
        }
        if (feature.dtype().isPicture()) {
            same(at, key, wanted, digest(place, feature, length));
            return;
        }
        var values = data.doubles(place, feature.name(), 0, length);
        int n = feature.elements();
        switch (what) {
            case "first" -> vector(at, key, wanted, Arrays.copyOfRange(values, 0, n), 0);
            case "last" ->
                    vector(
                            at,
                            key,
                            wanted,
                            Arrays.copyOfRange(values, (length - 1) * n, length * n),
                            0);
            case "sum_f64" -> sums(at, key, wanted, values, n);
            default -> same(at, key, wanted, Arrays.stream(values).filter(v -> v != 0).count());
        }
    }

    private void sums(Findings.At at, String key, JsonNode wanted, double[] values, int n) {
        var sums = new double[n];
        double size = 0;
        for (int i = 0; i < values.length; i++) {
            sums[i % n] += values[i];
            size += Math.abs(values[i]);
        }
        vector(at, key, wanted, sums, SUM * Math.max(1, size));
    }

    private String digest(int place, Feature feature, int length) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (int i = 0; i < length; i++)
                digest.update(data.image(place, feature.name(), i).rgb());
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private void video(String path, JsonNode wanted) {
        var at = findings.file(file);
        var place = data.root().resolve(path).normalize();
        if (!place.startsWith(data.root().normalize())) {
            differ(at, path, "a video of the data set", "a path outside it");
            return;
        }
        try (var video = VideoFile.open(place)) {
            var here = findings.file(place);
            for (var entry : wanted.properties()) {
                var value = entry.getValue();
                switch (entry.getKey()) {
                    case "frames" -> same(here, "frames", value, video.frames());
                    case "height" -> same(here, "height", value, video.height());
                    case "width" -> same(here, "width", value, video.width());
                    case "fps" -> vector(here, "fps", value, new double[] {video.fps()}, 1e-3);
                    case "codec" -> codec(here, value, video.codecName());
                    case "frame_mean_rgb" -> colours(here, value, video);
                    default -> unknown(at, entry.getKey());
                }
            }
        } catch (DatasetException e) {
            differ(at, path, "a video", e.getMessage());
        }
    }

    /// Libraries name the decoder they used; what counts is the format.
    private void codec(Findings.At at, JsonNode wanted, String found) {
        var format =
                switch (wanted.asString("")) {
                    case "libdav1d", "libaom-av1", "libsvtav1" -> "av1";
                    case "libx264", "libopenh264" -> "h264";
                    case "libx265", "h265" -> "hevc";
                    case String other -> other;
                };
        compared++;
        if (!format.equals(found)) differ(at, "codec", wanted.toString(), found);
    }

    private void colours(Findings.At at, JsonNode wanted, VideoFile video) {
        same(at, "the number of frames with a mean colour", wanted.size(), video.frames());
        for (int i = 0; i < Math.min(wanted.size(), video.frames()); i++) {
            var key = "frame_mean_rgb[%d]".formatted(i);
            vector(at, key, wanted.get(i), mean(video.frame(i)), MEAN_COLOUR);
        }
    }

    private static double[] mean(Image image) {
        var sum = new double[3];
        var rgb = image.rgb();
        for (int i = 0; i < rgb.length; i++) sum[i % 3] += rgb[i] & 0xff;
        for (int c = 0; c < 3; c++) sum[c] /= image.height() * image.width();
        return sum;
    }

    private void same(Findings.At at, String key, JsonNode wanted, String found) {
        compared++;
        if (!wanted.asString("").equals(found)) differ(at, key, wanted.toString(), found);
    }

    private void same(Findings.At at, String key, JsonNode wanted, long found) {
        compared++;
        if (!wanted.isNumber() || wanted.doubleValue() != found)
            differ(at, key, wanted.toString(), Long.toString(found));
    }

    private void same(Findings.At at, String key, int wanted, int found) {
        compared++;
        if (wanted != found) differ(at, key, Integer.toString(wanted), Integer.toString(found));
    }

    /// A list of numbers, or one number where there is one element.
    private void vector(
            Findings.At at, String key, JsonNode wanted, double[] found, double allowed) {
        compared++;
        int size = wanted.isArray() ? wanted.size() : 1;
        boolean equal = size == found.length;
        for (int i = 0; i < found.length && equal; i++) {
            double value = (wanted.isArray() ? wanted.get(i) : wanted).asDouble(Double.NaN);
            equal = Math.abs(value - found[i]) <= allowed || Double.compare(value, found[i]) == 0;
        }
        if (!equal) differ(at, key, wanted.toString(), Arrays.toString(found));
    }

    private void differ(Findings.At at, String key, String wanted, String found) {
        findings.error(
                "expected %s %d".formatted(key.replaceFirst("\\[.*", ""), at.episode()),
                at,
                "%s is %s, %s says %s".formatted(key, found, FILE, wanted),
                "");
    }

    private void unknown(Findings.At at, String key) {
        findings.warning(
                "expected " + key,
                at,
                "'%s' is of no kind that is known here and was not compared".formatted(key),
                "");
    }
}
