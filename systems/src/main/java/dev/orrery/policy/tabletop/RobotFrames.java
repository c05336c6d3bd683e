package dev.orrery.policy.tabletop;

import dev.orrery.policy.ActionBounds;
import dev.orrery.policy.ActionChunks;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.policy.Statistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Frames of any source as windows of actions, under the bounds within which most of what was done
/// and felt lies. Actions are clipped to [-1, 1]; the gripper, which comes last, is not scaled.
///
/// @param source where frames come from; closed with this
/// @param chunks the windows
/// @param robot the bounds
public record RobotFrames(FrameSource source, ActionChunks chunks, RobotStatistics.Robot robot)
        implements AutoCloseable {

    /// Who learns from the frames, for errors.
    ///
    /// @param name the system
    /// @param actionDims values of an action that the model knows
    /// @param horizon actions K of a window
    public record Learner(String name, int actionDims, int horizon) {}

    /// Frames with bounds of their own; closes the source if they cannot be learned from.
    ///
    /// @throws IllegalArgumentException if actions have another number of dimensions, or a
    ///   dimension never changes
    public static RobotFrames of(Learner learner, FrameSource source) {
        return guarded(
                source,
                () -> {
                    var episodes = episodes(source);
                    var rows = episodes.stream().flatMap(Arrays::stream).toList();
                    var states = states(source);
                    return new RobotFrames(
                            source,
                            ActionChunks.of(episodes, learner.horizon()),
                            robot(learner, rows, states));
                });
    }

    /// Frames under the bounds of a trained policy.
    ///
    /// @throws IllegalArgumentException if an action lies far outside them; the message names
    ///   episode and frame
    public static RobotFrames like(
            Learner learner, RobotStatistics.Robot robot, FrameSource source) {
        return guarded(
                source,
                () -> {
                    var episodes = episodes(source);
                    for (int e = 0; e < episodes.size(); e++) {
                        check(learner, robot.action(), episodes.get(e), e);
                    }
                    return new RobotFrames(
                            source, ActionChunks.of(episodes, learner.horizon()), robot);
                });
    }

    private static RobotFrames guarded(
            FrameSource source, java.util.function.Supplier<RobotFrames> make) {
        try {
            return make.get();
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    private static List<float[][]> episodes(FrameSource source) {
        var episodes = new ArrayList<float[][]>();
        for (int e = 0; e < source.episodes(); e++) {
            var episode = new float[source.length(e)][];
            for (int t = 0; t < episode.length; t++) {
                episode[t] = source.action(new ActionChunks.Place(e, t));
                for (int a = 0; a < episode[t].length; a++) {
                    episode[t][a] = Math.clamp(episode[t][a], -1f, 1f);
                }
            }
            episodes.add(episode);
        }
        return episodes;
    }

    private static List<float[]> states(FrameSource source) {
        var states = new ArrayList<float[]>();
        for (int e = 0; e < source.episodes(); e++) {
            for (int t = 0; t < source.length(e); t++) {
                states.add(source.state(new ActionChunks.Place(e, t)));
            }
        }
        return states;
    }

    private static void check(Learner learner, ActionBounds bounds, float[][] episode, int number) {
        for (int t = 0; t < episode.length; t++) {
            var wide = new double[episode[t].length];
            for (int d = 0; d < wide.length; d++) wide[d] = episode[t][d];
            int frame = t;
            bounds.far(wide)
                    .ifPresent(what -> {
                        throw new IllegalArgumentException(
                                "%s: episode %d, frame %d: %s"
                                        .formatted(learner.name(), number, frame, what));
                    });
        }
    }

    private static RobotStatistics.Robot robot(
            Learner learner, List<float[]> rows, List<float[]> states) {
        var actions = Statistics.of(rows);
        if (actions.dims() != learner.actionDims()) {
            throw new IllegalArgumentException(
                    "%s: the data's actions have %d dimensions, the model writes %d; set model.io.actionDims to %d"
                            .formatted(
                                    learner.name(),
                                    actions.dims(),
                                    learner.actionDims(),
                                    actions.dims()));
        }
        actions.preflight("action", Set.of(actions.dims() - 1));
        return new RobotStatistics.Robot(
                ActionBounds.of(rows, mask(actions.dims(), 1)),
                Optional.of(ActionBounds.of(states, mask(states.getFirst().length, 0))));
    }

    private static boolean[] mask(int dims, int last) {
        var mask = new boolean[dims];
        Arrays.fill(mask, 0, dims - last, true);
        return mask;
    }

    /// The first instruction of each episode.
    public List<String> instructions() {
        var instructions = new ArrayList<String>();
        for (int e = 0; e < source.episodes(); e++) {
            instructions.add(source.instruction(new ActionChunks.Place(e, 0)));
        }
        return instructions;
    }

    /// The number of frames, each of which starts a window.
    public int size() {
        return chunks.size();
    }

    @Override
    public void close() {
        source.close();
    }
}
