package dev.orrery.system.internvlam1;

import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Question;
import dev.orrery.policy.ActionChunks;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.policy.tabletop.FolderFrames;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.policy.tabletop.LessonSheet;
import dev.orrery.policy.tabletop.Lexicon;
import dev.orrery.policy.tabletop.QuestionBatches;
import dev.orrery.policy.tabletop.RobotFrames;
import dev.orrery.policy.tabletop.SceneLabels;
import dev.orrery.run.Run;
import dev.orrery.run.TabletopDemonstrations;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vlm.CompactVlm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The two loaders: questions about pictures, and frames of demonstrations with the actions that
/// follow.
final class InternVlaM1Data implements AutoCloseable {

    private final InternVlaM1Config.Model model;
    private final RobotFrames frames;
    private final QuestionBatches first, then;

    private InternVlaM1Data(InternVlaM1Config config, RobotFrames frames) {
        model = config.model();
        this.frames = frames;
        first = questions(model, config.spatial().lessons().types());
        then = questions(model, InternVlaM1Config.Lessons.GROUNDING.types());
    }

    /// Questions of some types, as a model reads them.
    static QuestionBatches questions(InternVlaM1Config.Model model, List<Question.Type> types) {
        return new QuestionBatches(model.lexicon(), model.io().textTokens(), types, false);
    }

    /// What the configuration names: a folder, or else demonstrations that are recorded now with
    /// the run's seed; that may be stopped meanwhile.
    static InternVlaM1Data of(InternVlaM1Config config, Run run) {
        var wanted = config.demonstrations();
        var io = config.model().io();
        return of(
                config,
                wanted.folder().isEmpty()
                        ? new FrameSource.Recorded(
                                TabletopDemonstrations.record(
                                        run, wanted.families(), wanted.perFamily()))
                        : FolderFrames.open(
                                Path.of(wanted.folder()), Integer.MAX_VALUE, io.actionDims()));
    }

    /// Frames of any source; closes it if they cannot be learned from.
    ///
    /// @throws IllegalArgumentException if boxes are to be written first, and the source does not
    ///   know where things are
    static InternVlaM1Data of(InternVlaM1Config config, FrameSource source) {
        var io = config.model().io();
        if (config.model().prompt().boxesFirst() && !source.labelled()) {
            source.close();
            throw new IllegalArgumentException(
                    "internvla-m1: boxes are to be written first, and the demonstrations do not"
                            + " know where things are; set model.prompt.boxesFirst=false or record"
                            + " demonstrations");
        }
        var learner = new RobotFrames.Learner("internvla-m1", io.actionDims(), io.chunk());
        return new InternVlaM1Data(config, RobotFrames.of(learner, source));
    }

    /// Prompts as the model reads them.
    private static String text(InternVlaM1Config.Model model, String instruction) {
        var prompt = model.prompt().spatial() ? SpatialPrompt.TABLETOP : SpatialPrompt.NONE;
        return prompt.text(Lexicon.checked(instruction));
    }

    /// What a policy is shown and told.
    ///
    /// @throws IllegalArgumentException if an observation has no picture of the two cameras, or its
    ///   instruction is empty or far too long
    static CompactVlm.Prompt prompt(InternVlaM1Config.Model model, List<Observation> observations) {
        var sheet = new LessonSheet(model.lexicon(), observations.size(), model.io().textTokens());
        for (int b = 0; b < observations.size(); b++) {
            sheet.pictures().observation(b, observations.get(b));
            sheet.prompt(b, text(model, observations.get(b).text()));
        }
        return sheet.prompts();
    }

    /// The number of episodes.
    int episodes() {
        return frames.source().episodes();
    }

    /// Whether it is known what the frames show.
    boolean labelled() {
        return frames.source().labelled();
    }

    /// The number of frames, each of which starts a window.
    int size() {
        return frames.size();
    }

    /// The bounds of the data.
    RobotStatistics.Robot robot() {
        return frames.robot();
    }

    /// Questions of stage 1.
    QuestionBatches.Asked lessons(int size, Seed seed) {
        return first.batch(size, seed);
    }

    /// Questions that go on in stage 2.
    QuestionBatches.Asked reminders(int size, Seed seed) {
        return then.batch(size, seed);
    }

    /// Frames with the actions that follow them.
    ///
    /// @param prompt what is seen and told
    /// @param actions normalised `(B, K, A)`
    /// @param real `(B, K)`: 0 after an episode's end, else 1
    /// @param labels where things are; zeros where that is not known
    record Batch(CompactVlm.Prompt prompt, Tensor actions, Tensor real, SceneLabels labels) {}

    /// Frames drawn at random.
    Batch batch(int size, Seed seed) {
        var picks = seed.split("frame").integers(frames.size(), size).toLongs();
        var places = new ArrayList<ActionChunks.Place>();
        for (long pick : picks) places.add(frames.chunks().place((int) pick));
        return batch(places);
    }

    /// These frames.
    Batch batch(List<ActionChunks.Place> places) {
        var io = model.io();
        int size = places.size(), horizon = io.chunk(), dims = io.actionDims();
        var sheet = new LessonSheet(model.lexicon(), size, io.textTokens());
        var actions = new float[size * horizon * dims];
        var real = new float[size * horizon];
        for (int b = 0; b < size; b++) {
            var place = places.get(b);
            var source = frames.source();
            sheet.pictures().frame(b, source, place);
            sheet.prompt(b, text(model, source.instruction(place)));
            int row = b;
            source.truth(place)
                    .ifPresent(truth ->
                            sheet.labels()
                                    .instruct(
                                            row, truth.scene(), truth.demonstration().task(), ""));
            var window = frames.chunks().window(place);
            for (int h = 0; h < horizon; h++) {
                var action = robot().action().normalise(window.actions()[h]);
                System.arraycopy(action, 0, actions, (b * horizon + h) * dims, dims);
                real[b * horizon + h] = window.padding()[h] ? 0 : 1;
            }
        }
        return new Batch(
                sheet.prompts(),
                Tensor.of(actions, size, horizon, dims),
                Tensor.of(real, size, horizon),
                sheet.labels().labels());
    }

    @Override
    public void close() {
        frames.close();
    }
}
