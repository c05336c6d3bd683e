package dev.orrery.system.rt2;

import dev.orrery.data.DatasetException;
import dev.orrery.data.rlds.RldsEpisode;
import dev.orrery.data.rlds.RldsMapping;
import java.util.ArrayList;
import java.util.List;

/// Episodes of the RT-1 set, `fractal20220817_data` of Open X-Embodiment, as RT-2 was trained on
/// them: an instruction and the eight integers `terminate Δx Δy Δz Δrx Δry Δrz gripper` a step.
///
/// World vector, rotation and an absolute gripper (1 open) come from the mapping that data sets
/// share ([RldsMapping]); the flag is the first entry of `terminate_episode`. The bounds of the
/// paper are not published: whoever reads names them.
public final class FractalActions {

    private static final String NAME = "fractal20220817_data",
            TERMINATE = "steps/action/terminate_episode";

    private FractalActions() {}

    /// A step as a lesson.
    ///
    /// @param instruction what the robot was told
    /// @param answer eight integers
    /// @param clipped values that lay outside their bounds
    public record Step(String instruction, String answer, int clipped) {}

    /// The steps of an episode.
    ///
    /// @param low the lowest value of each of the seven dimensions
    /// @param high the highest
    /// @throws DatasetException if the episode lacks a key of the set
    /// @throws IllegalArgumentException if the bounds are not seven, or not in order
    public static List<Step> of(RldsEpisode episode, List<Double> low, List<Double> high) {
        var bins = new ActionBins(low, high);
        var steps = RldsMapping.known(NAME).orElseThrow().apply(episode);
        var lessons = new ArrayList<Step>();
        for (int t = 0; t < steps.size(); t++) {
            var step = steps.get(t);
            var written = bins.write(step.action());
            var integers = new int[1 + written.bins().length];
            integers[0] = episode.longs(TERMINATE, t)[0] == 1 ? 1 : 0;
            System.arraycopy(written.bins(), 0, integers, 1, written.bins().length);
            lessons.add(
                    new Step(
                            step.languageInstruction(),
                            ActionString.Said.of(integers).toString(),
                            written.clipped()));
        }
        return List.copyOf(lessons);
    }
}
