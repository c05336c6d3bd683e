package dev.orrery.data.clips;

import dev.orrery.data.DatasetException;
import dev.orrery.data.media.VideoFile;
import dev.orrery.env.Image;
import java.nio.file.Path;

/// A video that FFmpeg reads.
record VideoFootage(VideoFile video) implements Footage {

    static VideoFootage open(Path path) {
        var video = VideoFile.open(path);
        if (video.frames() == 0 || video.height() < 1 || video.width() < 1) {
            video.close();
            throw DatasetException.at(path, "has no frames");
        }
        return new VideoFootage(video);
    }

    @Override
    public int height() {
        return video.height();
    }

    @Override
    public int width() {
        return video.width();
    }

    @Override
    public int frames() {
        return video.frames();
    }

    @Override
    public double fps() {
        return video.fps();
    }

    @Override
    public double end(int number) {
        double at =
                number + 1 < video.frames()
                        ? video.seconds(number + 1)
                        : video.seconds(number) + 1 / video.fps();
        return at - video.seconds(0);
    }

    @Override
    public Image frame(int number) {
        return video.frame(number);
    }

    @Override
    public void close() {
        video.close();
    }
}
