package dev.orrery.data.lerobot;

import java.util.List;
import java.util.Map;

/// What the data set says of one episode.
///
/// @param index its number
/// @param tasks the tasks that occur in it, as text
/// @param length frames, at least 1 in a sound data set
/// @param from the number of its first frame in the whole data set
/// @param data the file that holds its rows
/// @param videos where its frames lie, by video feature
public record EpisodeMeta(
        int index,
        List<String> tasks,
        int length,
        long from,
        FileRef data,
        Map<String, VideoSpan> videos) {

    public EpisodeMeta {
        tasks = List.copyOf(tasks);
        videos = Map.copyOf(videos);
    }

    /// The number just past its last frame.
    public long to() {
        return from + length;
    }

    /// A numbered file in a numbered folder; in version 2 `file` is the episode.
    public record FileRef(int chunk, int file) implements Comparable<FileRef> {

        /// The file that comes next when folders hold `chunksSize` files.
        public FileRef next(int chunksSize) {
            return file == chunksSize - 1
                    ? new FileRef(chunk + 1, 0)
                    : new FileRef(chunk, file + 1);
        }

        @Override
        public int compareTo(FileRef other) {
            return chunk != other.chunk
                    ? Integer.compare(chunk, other.chunk)
                    : Integer.compare(file, other.file);
        }
    }

    /// A stretch of a video file, in seconds from its start.
    public record VideoSpan(FileRef file, double from, double to) {}
}
