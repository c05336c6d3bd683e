package dev.orrery.data.lerobot;

import java.util.SequencedMap;

/// Where finished episodes go: the files of one version of the format.
sealed interface Sink permits SinkV3, SinkV21 {

    /// Stores an episode.
    void episode(EpisodeRecord episode);

    /// Stores the tasks as soon as there are new ones, so that episodes can be rescued with them.
    void tasks(SequencedMap<Integer, String> tasks);

    /// Closes all files and writes the metadata; `info.json` comes last.
    void finish(
            Info info,
            SequencedMap<Integer, String> tasks,
            SequencedMap<String, FeatureStats> stats);
}
