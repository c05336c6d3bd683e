package dev.orrery.data.lerobot;

import dev.orrery.env.Image;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// One frame of a data set; values are read when asked for.
///
/// @param dataset where it is from; must still be open
/// @param episode the place of its episode
/// @param number its place in the episode
public record Frame(LeRobotDataset dataset, int episode, int number) {

    /// The elements of a feature of numbers, in row-major order.
    public float[] floats(String feature) {
        return dataset.floats(episode, feature, number, 1);
    }

    /// Like [#floats], in double precision.
    public double[] doubles(String feature) {
        return dataset.doubles(episode, feature, number, 1);
    }

    /// Like [#floats], for integers.
    public long[] longs(String feature) {
        return dataset.longs(episode, feature, number, 1);
    }

    /// The value of a logical feature of one element.
    public boolean flag(String feature) {
        return longs(feature)[0] != 0;
    }

    /// The value of a feature of text.
    public String text(String feature) {
        return dataset.texts(episode, feature, number, 1).getFirst();
    }

    /// Language annotations: a list of records.
    public JsonNode language(String feature) {
        return dataset.language(episode, feature, number, 1).getFirst();
    }

    /// The picture of a camera.
    public Image image(String feature) {
        return dataset.image(episode, feature, number);
    }

    /// Seconds since the start of the episode.
    public double timestamp() {
        return doubles("timestamp")[0];
    }

    /// What was to be done.
    public String task() {
        return dataset.task((int) longs("task_index")[0]);
    }

    /// The cameras of the data set.
    public List<String> cameras() {
        return dataset.info().cameras().stream().map(Feature::name).toList();
    }
}
