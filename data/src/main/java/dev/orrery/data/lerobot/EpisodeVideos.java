package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import dev.orrery.data.media.VideoCopy;
import dev.orrery.data.media.VideoEncoding;
import dev.orrery.data.media.VideoFile;
import dev.orrery.data.media.VideoWriter;
import dev.orrery.env.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// The videos of the episode that is being written, one a camera: encoded frame by frame, or pieces
/// of videos that exist; and what is known of each camera's videos.
final class EpisodeVideos {

    private final Path work;
    private final int fps;
    private final VideoEncoding encoding;
    private final Map<String, VideoWriter> encoders = new LinkedHashMap<>();
    private final Map<String, VideoCopy.Piece> pieces = new HashMap<>();
    private final Map<String, Feature> described = new HashMap<>();

    /// @param work the folder in which they are encoded
    EpisodeVideos(Path work, int fps, VideoEncoding encoding) {
        this.work = work;
        this.fps = fps;
        this.encoding = encoding;
    }

    /// Encodes one more frame of a camera.
    void add(int episode, Feature feature, Image frame) {
        encoders.computeIfAbsent(
                        feature.name(),
                        name ->
                                VideoWriter.open(
                                        file(name, episode),
                                        feature.height(),
                                        feature.width(),
                                        fps,
                                        encoding))
                .add(frame);
    }

    /// Takes a piece of a video for the whole episode of a camera.
    void add(String name, VideoCopy.Piece piece) {
        pieces.put(name, piece);
    }

    /// Ends the episode's videos.
    ///
    /// @param length frames of the episode
    /// @return one a camera
    Map<String, VideoCopy.Piece> finish(int episode, int length, Map<String, Feature> features) {
        for (var entry : encoders.entrySet()) {
            entry.getValue().close();
            pieces.put(
                    entry.getKey(), new VideoCopy.Piece(file(entry.getKey(), episode), 0, length));
        }
        encoders.clear();
        pieces.forEach((name, piece) ->
                described.computeIfAbsent(name, _ -> describe(features.get(name), piece)));
        return Map.copyOf(pieces);
    }

    private Feature describe(Feature feature, VideoCopy.Piece piece) {
        var facts = feature.info().deepCopy();
        try (var video = VideoFile.open(piece.file())) {
            facts.put("video.height", video.height()).put("video.width", video.width());
            facts.put("video.codec", video.codecName()).put("video.pix_fmt", video.pixelFormat());
            facts.put("video.fps", fps).put("video.channels", feature.channels());
            facts.put("has_audio", false).put("is_depth_map", feature.isDepth());
        }
        return feature.stored(Dtype.VIDEO, facts);
    }

    /// The cameras of which an episode was finished, with what their first video is like.
    Map<String, Feature> described() {
        return described;
    }

    /// Drops what the episode has so far.
    void drop(int episode) {
        for (var entry : encoders.entrySet()) {
            entry.getValue().close();
            try {
                Files.deleteIfExists(file(entry.getKey(), episode));
            } catch (IOException e) {
                throw DatasetException.at(file(entry.getKey(), episode), "cannot be deleted", e);
            }
        }
        encoders.clear();
    }

    /// Begins the next episode.
    void clear() {
        pieces.clear();
    }

    private Path file(String name, int episode) {
        return work.resolve(".episodes/%s/episode-%06d.mp4".formatted(name, episode));
    }
}
