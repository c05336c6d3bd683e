package dev.orrery.data.lerobot;

import dev.orrery.data.media.VideoCopy;
import dev.orrery.data.parquet.Leaf;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// A finished episode on its way to disk.
///
/// @param index its number
/// @param from the number of its first frame in the whole data set
/// @param length frames
/// @param tasks the tasks in it
/// @param buffer its numbers and pictures
/// @param stats its statistics
/// @param videos its video frames, by feature
record EpisodeRecord(
        int index,
        long from,
        int length,
        List<String> tasks,
        EpisodeBuffer buffer,
        SequencedMap<String, FeatureStats> stats,
        Map<String, VideoCopy.Piece> videos) {

    /// The columns of all stored features, in the order of `features`.
    List<dev.orrery.data.parquet.ColumnData> columns(List<Feature> features, List<Leaf> leaves) {
        return features.stream()
                .flatMap(f ->
                        buffer
                                .columns(
                                        f,
                                        leaves.stream()
                                                .filter(l -> l.top().equals(f.name()))
                                                .toList())
                                .stream())
                .toList();
    }
}
