package dev.orrery.system.openvla;

import dev.orrery.env.tabletop.Camera;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Projector;
import dev.orrery.env.tabletop.Question;
import dev.orrery.env.tabletop.QuestionCorpus;
import dev.orrery.env.tabletop.Words;
import dev.orrery.policy.ActionChunks;
import dev.orrery.policy.ActionTokenizer;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.policy.tabletop.FolderFrames;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.policy.tabletop.RobotFrames;
import dev.orrery.policy.tabletop.SceneLabels;
import dev.orrery.run.Run;
import dev.orrery.run.TabletopDemonstrations;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Episodes as training batches, and scenes for the towers' schooling.
final class OpenVlaData implements AutoCloseable {

    private final OpenVlaConfig.Model model;
    private final RobotFrames frames;
    private final ActionTokenizer tokens;
    private final Retina retina;
    private final boolean cropped;

    private OpenVlaData(
            OpenVlaConfig.Model model,
            RobotFrames frames,
            ActionTokenizer tokens,
            boolean cropped) {
        this.model = model;
        this.frames = frames;
        this.tokens = tokens;
        this.cropped = cropped;
        retina = OpenVla.retina(model.vision().sight());
    }

    /// What the configuration names: a folder, or else demonstrations that are recorded now with
    /// the run's seed; that may be stopped meanwhile.
    static OpenVlaData of(OpenVlaConfig config, Run run) {
        var wanted = config.demonstrations();
        var io = config.model().io();
        var source =
                wanted.folder().isEmpty()
                        ? new FrameSource.Recorded(
                                TabletopDemonstrations.record(
                                        run, wanted.families(), wanted.perFamily()))
                        : FolderFrames.open(
                                Path.of(wanted.folder()), io.stateDims(), io.actionDims());
        return of(config.model(), source).cropped(wanted.cropped());
    }

    /// The same data, of whose pictures parts are shown: any 90 % in [#batch(int, Seed)], the
    /// middle in [#batch(List)].
    OpenVlaData cropped(boolean shown) {
        return new OpenVlaData(model, frames, tokens, shown);
    }

    /// Whether parts of pictures are shown.
    boolean isCropped() {
        return cropped;
    }

    /// The families that are trained.
    static List<Family> families(OpenVlaConfig config) {
        return TabletopDemonstrations.families(config.demonstrations().families());
    }

    private static RobotFrames.Learner learner(OpenVlaConfig.Model model) {
        return new RobotFrames.Learner("openvla", model.io().actionDims(), model.answer().chunk());
    }

    /// Frames of any source, with statistics and action tokens of their own; closes the source if
    /// they cannot be learned from.
    static OpenVlaData of(OpenVlaConfig.Model model, FrameSource source) {
        var frames = RobotFrames.of(learner(model), source);
        try {
            var tokens = TabletopTokens.of(model.io(), frames.instructions());
            return new OpenVlaData(model, frames, tokens, false);
        } catch (RuntimeException e) {
            frames.close();
            throw e;
        }
    }

    /// Frames of any source under the statistics and action tokens of a trained policy.
    ///
    /// @throws IllegalArgumentException if an action lies far outside those statistics; the message
    ///   names episode and frame
    static OpenVlaData like(OpenVlaCheckpoint trained, FrameSource source) {
        var model = trained.model().config();
        var frames = RobotFrames.like(learner(model), trained.robot(), source);
        return new OpenVlaData(model, frames, trained.model().tokens(), trained.habit().cropped());
    }

    @Override
    public void close() {
        frames.close();
    }

    /// The number of episodes.
    int episodes() {
        return frames.source().episodes();
    }

    /// The number of frames, each of which starts a window.
    int size() {
        return frames.size();
    }

    /// The bounds of the data.
    RobotStatistics.Robot robot() {
        return frames.robot();
    }

    /// Which ids stand for bins.
    ActionTokenizer tokens() {
        return tokens;
    }

    /// Observations with the actions that follow them.
    ///
    /// @param prompt what is seen, told and felt
    /// @param actions normalised `(B, K, A)`
    /// @param ids of the first action `(B, A)`
    /// @param real `(B, K, 1)`: 0 after an episode's end, else 1
    /// @param labels what is where; all zero where that is not known
    record Batch(
            OpenVla.Prompt prompt, Tensor actions, Tensor ids, Tensor real, SceneLabels labels) {}

    /// Whether batches say what their pictures show; crops move it away from where it is said to
    /// be.
    boolean labelled() {
        return frames.source().labelled() && !cropped;
    }

    /// Frames drawn at random.
    Batch batch(int size, Seed seed) {
        return batch(size, 0, seed);
    }

    /// Frames drawn at random.
    ///
    /// @param pointing share of the instructions that are replaced by questions where something is
    Batch batch(int size, double pointing, Seed seed) {
        var picks = seed.split("frame").integers(frames.size(), size).toLongs();
        var places = new ArrayList<ActionChunks.Place>();
        for (long pick : picks) places.add(frames.chunks().place((int) pick));
        var crops = seed.split("crop");
        return batch(
                places,
                new Asked(pointing, seed.split("question").uniforms(2 * size)),
                (sheet, b) -> {
                    if (cropped) sheet.cropAnywhere(b, crops.split(b));
                });
    }

    /// These frames, as the policy sees them when it acts.
    Batch batch(List<ActionChunks.Place> places) {
        return batch(
                places,
                new Asked(0, new float[2 * places.size()]),
                (sheet, b) -> {
                    if (cropped) sheet.cropMiddle(b);
                });
    }

    /// What a sheet does with the pictures of one of its rows.
    private interface Look {
        void at(PromptSheet sheet, int row);
    }

    /// @param pointing share of the instructions that are replaced by questions
    /// @param choices two numbers a frame in [0, 1): whether, and which question
    private record Asked(double pointing, float[] choices) {}

    private Batch batch(List<ActionChunks.Place> places, Asked asked, Look look) {
        int size = places.size(), dims = model.io().actionDims(), horizon = model.answer().chunk();
        var source = frames.source();
        var robot = frames.robot();
        var sheet = new PromptSheet(model, retina, robot, size);
        var actions = new float[size * horizon * dims];
        var ids = new long[size * dims];
        var real = new float[size * horizon];
        var labels = SceneLabels.Sheet.tellingSides(size);
        for (int b = 0; b < size; b++) {
            var place = places.get(b);
            int row = b;
            sheet.pictures().frame(b, source, place);
            look.at(sheet, b);
            sheet.words(b, labels.text(b, source, place, asked.pointing(), asked.choices()));
            sheet.state(b, source.state(place));
            var window = frames.chunks().window(place);
            for (int h = 0; h < horizon; h++) {
                var action = robot.action().normalise(window.actions()[h]);
                System.arraycopy(action, 0, actions, (row * horizon + h) * dims, dims);
                real[row * horizon + h] = window.padding()[h] ? 0 : 1;
                if (h == 0) System.arraycopy(tokens.encode(action), 0, ids, row * dims, dims);
            }
        }
        return new Batch(
                sheet.prompt(),
                Tensor.of(actions, size, horizon, dims),
                Tensor.of(ids, size, dims),
                Tensor.of(real, size, horizon, 1),
                labels.labels());
    }

    /// Scenes with captions, drawn at random. They show every kind of block, and come from the
    /// simulator whatever the demonstrations are.
    VisionSchool.Batch scenes(int size, Seed seed) {
        int overhead = Projector.OVERHEAD_BYTES, wrist = Projector.WRIST_BYTES;
        byte[] above = new byte[size * overhead], near = new byte[size * wrist];
        var captions = new long[size * VisionSchool.CAPTION];
        var sheet = new SceneLabels.Sheet(size);
        var projector = new Projector();
        for (int b = 0; b < size; b++) {
            var question = QuestionCorpus.sample(Question.Type.CAPTION, seed.split(b).key());
            projector.overhead(question, above, b * overhead);
            projector.wrist(question, near, b * wrist);
            sheet.point(b, projector.scene(question), 0);
            var words = Words.tokens(question.answer(), VisionSchool.CAPTION);
            System.arraycopy(
                    words.ids(), 0, captions, b * VisionSchool.CAPTION, VisionSchool.CAPTION);
        }
        return new VisionSchool.Batch(
                List.of(
                        retina.see(above, size, Camera.OVERHEAD_PIXELS),
                        retina.see(near, size, Camera.WRIST_PIXELS)),
                sheet.labels(),
                Tensor.of(captions, size, VisionSchool.CAPTION));
    }
}
