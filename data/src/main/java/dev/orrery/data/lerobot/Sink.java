package dev.orrery.data.lerobot;

import java.util.SequencedMap;

/// Where finished episodes go: the files of one version of the format.
sealed interface Sink permits SinkV3, SinkV21 {

    /// Stores an episode.
    void episode(EpisodeRecord episode);

    /// Closes all files and writes the metadata; `info.json` comes last.
    void finish(
            Info info,
            SequencedMap<Integer, String> tasks,
            SequencedMap<String, FeatureStats> stats);
}
