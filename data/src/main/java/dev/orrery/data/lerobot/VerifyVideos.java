package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import dev.orrery.data.media.VideoFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// Checks that each episode's frames are in its videos.
final class VerifyVideos {

    private final LeRobotDataset data;
    private final Verify.Settings settings;
    private final Findings findings;
    private final Map<Path, Integer> frames = new LinkedHashMap<>();
    private final Set<Path> broken = new HashSet<>();

    VerifyVideos(LeRobotDataset data, Verify.Settings settings, Findings findings) {
        this.data = data;
        this.settings = settings;
        this.findings = findings;
    }

    void episode(int place) {
        for (var feature : data.info().videos()) {
            var episode = data.episodes().get(place);
            try {
                var file = data.videoFile(place, feature);
                frames.merge(file, episode.length(), Integer::sum);
                if (!broken.contains(file) && episode.length() > 0)
                    episode(place, episode, feature, file);
            } catch (DatasetException e) {
                findings.error(
                        "video", new Findings.At(data.root(), episode.index(), -1), strip(e), "");
            }
        }
    }

    private String strip(DatasetException e) {
        return e.getMessage().replace(data.root().toString() + "/", "");
    }

    private void episode(int place, EpisodeMeta episode, Feature feature, Path file) {
        if (!Files.exists(file)) {
            broken.add(file);
            findings.error(
                    "missing video",
                    new Findings.At(file, episode.index(), -1),
                    "the file is missing",
                    "restore it, or remove the camera with 'orrery data rename --remove'");
            return;
        }
        var span = data.span(place, feature);
        double length = (double) episode.length() / data.fps();
        if (Math.abs(span.to() - span.from() - length) > settings.tolerance() + 0.5 / data.fps()) {
            findings.error(
                    "video span",
                    new Findings.At(file, episode.index(), -1),
                    "spans %.6f s to %.6f s; %d frames need %.6f s"
                            .formatted(span.from(), span.to(), episode.length(), length),
                    "'orrery data repair' recounts");
        }
        int step = settings.allVideoFrames() ? 1 : Math.max(1, episode.length() - 1);
        for (int i = 0; i < episode.length(); i += step) {
            if (!frame(place, episode, feature, file, i)) return;
        }
    }

    private boolean frame(int place, EpisodeMeta episode, Feature feature, Path file, int i) {
        try {
            var image = data.image(place, feature.name(), i);
            if (image.height() == feature.height() && image.width() == feature.width()) return true;
            findings.error(
                    "video size",
                    new Findings.At(file, episode.index(), i),
                    "frames are %d x %d where %d x %d is stated (H x W)"
                            .formatted(
                                    image.height(),
                                    image.width(),
                                    feature.height(),
                                    feature.width()),
                    "");
        } catch (DatasetException e) {
            var message = strip(e);
            findings.error(
                    "video frame",
                    new Findings.At(file, episode.index(), i),
                    message.substring(message.indexOf("': ") + 3),
                    "raise --tolerance if the times are meant, else the video lacks frames");
        }
        return false;
    }

    /// Compares each file as a whole, once its episodes are known.
    void files() {
        for (var entry : frames.entrySet()) {
            var file = entry.getKey();
            if (!Files.exists(file)) continue;
            try (var video = VideoFile.open(file)) {
                if (video.frames() != entry.getValue()) {
                    var what =
                            "holds %d frames; its episodes have %d"
                                    .formatted(video.frames(), entry.getValue());
                    if (video.frames() < entry.getValue())
                        findings.error("video frames", findings.file(file), what, "");
                    else findings.warning("video frames", findings.file(file), what, "");
                }
                facts(file, video);
            } catch (DatasetException e) {
                findings.error("video", findings.file(file), strip(e), "");
            }
        }
    }

    private void facts(Path file, VideoFile video) {
        for (var feature : data.info().videos()) {
            if (!file.toString().contains(feature.name())) continue;
            var codec = feature.info().path("video.codec").asString("");
            if (!codec.isEmpty() && !same(codec, video.codecName())) {
                findings.warning(
                        "video codec",
                        findings.file(file),
                        "is %s where %s is stated".formatted(video.codecName(), codec),
                        "");
            }
            if (Math.abs(video.fps() - data.fps()) > 0.01 * data.fps()) {
                findings.error(
                        "video rate",
                        findings.file(file),
                        "runs at %.3f frames/s where %d is stated"
                                .formatted(video.fps(), data.fps()),
                        "");
            }
        }
    }

    private static boolean same(String stated, String found) {
        return stated.equals(found)
                || stated.contains("av1") && found.contains("av1")
                || (stated.contains("264") || stated.equals("avc")) && found.equals("h264")
                || stated.contains("265") && found.equals("hevc")
                || stated.startsWith("hevc") && found.equals("hevc");
    }
}
