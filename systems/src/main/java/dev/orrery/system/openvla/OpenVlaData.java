package dev.orrery.system.openvla;

import dev.orrery.env.tabletop.Camera;
import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Projector;
import dev.orrery.env.tabletop.Question;
import dev.orrery.env.tabletop.QuestionCorpus;
import dev.orrery.env.tabletop.Words;
import dev.orrery.policy.ActionBounds;
import dev.orrery.policy.ActionChunks;
import dev.orrery.policy.ActionTokenizer;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.policy.Statistics;
import dev.orrery.policy.tabletop.FolderFrames;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.policy.tabletop.SceneLabels;
import dev.orrery.run.Run;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Episodes as training batches, and scenes for the towers' schooling.
final class OpenVlaData implements AutoCloseable {

    private final OpenVlaConfig.Model model;
    private final FrameSource source;
    private final ActionChunks chunks;
    private final RobotStatistics.Robot robot;
    private final ActionTokenizer tokens;
    private final Retina retina;
    private final boolean cropped;

    private OpenVlaData(
            OpenVlaConfig.Model model,
            FrameSource source,
            ActionChunks chunks,
            RobotStatistics.Robot robot,
            ActionTokenizer tokens,
            boolean cropped) {
        this.model = model;
        this.source = source;
        this.chunks = chunks;
        this.robot = robot;
        this.tokens = tokens;
        this.cropped = cropped;
        retina = OpenVla.retina(model.vision().sight());
    }

    /// What the configuration names: a folder, or else demonstrations that are recorded now with
    /// the run's seed; that may be stopped meanwhile.
    static OpenVlaData of(OpenVlaConfig config, Run run) {
        var wanted = config.demonstrations();
        if (!wanted.folder().isEmpty()) {
            var io = config.model().io();
            return of(
                            config.model(),
                            FolderFrames.open(
                                    Path.of(wanted.folder()), io.stateDims(), io.actionDims()))
                    .cropped(wanted.cropped());
        }
        var families = families(config);
        run.progress()
                .stage("recording demonstrations", (long) families.size() * wanted.perFamily());
        var recorded =
                Demonstrations.collect(
                        families,
                        wanted.perFamily(),
                        run.seed(),
                        Demonstrations.NOISE,
                        (done, _) -> {
                            run.heed("recording demonstrations");
                            run.progress().at(done, "");
                        });
        return of(config.model(), new FrameSource.Recorded(recorded)).cropped(wanted.cropped());
    }

    /// The same data, of whose pictures parts are shown: any 90 % in [#batch(int, Seed)], the
    /// middle in [#batch(List)].
    OpenVlaData cropped(boolean shown) {
        return new OpenVlaData(model, source, chunks, robot, tokens, shown);
    }

    /// Whether parts of pictures are shown.
    boolean isCropped() {
        return cropped;
    }

    /// The families that are trained.
    static List<Family> families(OpenVlaConfig config) {
        var named = config.demonstrations().families();
        return named.isEmpty() ? Family.CORE : named.stream().map(Family::parse).toList();
    }

    /// Frames of any source, with statistics and action tokens of their own; closes the source if
    /// they cannot be learned from.
    static OpenVlaData of(OpenVlaConfig.Model model, FrameSource source) {
        try {
            var instructions = new ArrayList<String>();
            var states = new ArrayList<float[]>();
            var episodes = new ArrayList<float[][]>();
            for (int e = 0; e < source.episodes(); e++) {
                var episode = new float[source.length(e)][];
                for (int t = 0; t < episode.length; t++) {
                    states.add(source.state(new ActionChunks.Place(e, t)));
                    episode[t] = action(source, e, t);
                }
                instructions.add(source.instruction(new ActionChunks.Place(e, 0)));
                episodes.add(episode);
            }
            var chunks = ActionChunks.of(episodes, model.answer().chunk());
            var robot = robot(model, episodes, states);
            var tokens = TabletopTokens.of(model.io(), instructions);
            return new OpenVlaData(model, source, chunks, robot, tokens, false);
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    /// Frames of any source under the statistics and action tokens of a trained policy.
    ///
    /// @throws IllegalArgumentException if an action lies far outside those statistics; the message
    ///   names episode and frame
    static OpenVlaData like(OpenVlaCheckpoint trained, FrameSource source) {
        try {
            var model = trained.model().config();
            var episodes = new ArrayList<float[][]>();
            for (int e = 0; e < source.episodes(); e++) {
                var episode = new float[source.length(e)][];
                for (int t = 0; t < episode.length; t++) {
                    episode[t] = action(source, e, t);
                    check(trained.robot().action(), episode[t], e, t);
                }
                episodes.add(episode);
            }
            return new OpenVlaData(
                    model,
                    source,
                    ActionChunks.of(episodes, model.answer().chunk()),
                    trained.robot(),
                    trained.model().tokens(),
                    trained.cropped());
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    private static void check(ActionBounds bounds, float[] action, int episode, int frame) {
        var wide = new double[action.length];
        for (int d = 0; d < wide.length; d++) wide[d] = action[d];
        bounds.far(wide)
                .ifPresent(what -> {
                    throw new IllegalArgumentException(
                            "openvla: episode %d, frame %d: %s".formatted(episode, frame, what));
                });
    }

    private static float[] action(FrameSource source, int episode, int frame) {
        var action = source.action(new ActionChunks.Place(episode, frame));
        for (int a = 0; a < action.length; a++) action[a] = Math.clamp(action[a], -1f, 1f);
        return action;
    }

    /// The bounds of what was done and felt; the gripper, which comes last, is not scaled.
    private static RobotStatistics.Robot robot(
            OpenVlaConfig.Model model, List<float[][]> episodes, List<float[]> states) {
        var rows = episodes.stream().flatMap(Arrays::stream).toList();
        var actions = Statistics.of(rows);
        if (actions.dims() != model.io().actionDims()) {
            throw new IllegalArgumentException(
                    "openvla: the data's actions have %d dimensions, the model writes %d; set model.io.actionDims to %d"
                            .formatted(actions.dims(), model.io().actionDims(), actions.dims()));
        }
        actions.preflight("action", Set.of(actions.dims() - 1));
        var felt = Statistics.of(states);
        return new RobotStatistics.Robot(
                bounds(rows, actions, mask(actions.dims(), 1)),
                Optional.of(bounds(states, felt, mask(felt.dims(), 0))));
    }

    private static ActionBounds bounds(List<float[]> rows, Statistics statistics, boolean[] mask) {
        var least = new double[mask.length];
        var greatest = new double[mask.length];
        for (int d = 0; d < mask.length; d++) {
            int dim = d;
            var column = rows.stream().mapToDouble(row -> row[dim]).summaryStatistics();
            least[d] = column.getMin();
            greatest[d] = column.getMax();
        }
        return ActionBounds.of(statistics.q01(), statistics.q99(), least, greatest, mask);
    }

    private static boolean[] mask(int dims, int last) {
        var mask = new boolean[dims];
        Arrays.fill(mask, 0, dims - last, true);
        return mask;
    }

    @Override
    public void close() {
        source.close();
    }

    /// The number of episodes.
    int episodes() {
        return source.episodes();
    }

    /// The number of frames, each of which starts a window.
    int size() {
        return chunks.size();
    }

    /// The bounds of the data.
    RobotStatistics.Robot robot() {
        return robot;
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
    record Batch(OpenVla.Prompt prompt, Tensor actions, Tensor ids, Tensor real) {}

    /// Frames drawn at random.
    Batch batch(int size, Seed seed) {
        var picks = seed.split("frame").integers(chunks.size(), size).toLongs();
        var places = new ArrayList<ActionChunks.Place>();
        for (long pick : picks) places.add(chunks.place((int) pick));
        var crops = seed.split("crop");
        return batch(
                places,
                (sheet, b) -> {
                    if (cropped) sheet.cropAnywhere(b, crops.split(b));
                });
    }

    /// These frames, as the policy sees them when it acts.
    Batch batch(List<ActionChunks.Place> places) {
        return batch(
                places,
                (sheet, b) -> {
                    if (cropped) sheet.cropMiddle(b);
                });
    }

    /// What a sheet does with the pictures of one of its rows.
    private interface Look {
        void at(PromptSheet sheet, int row);
    }

    private Batch batch(List<ActionChunks.Place> places, Look look) {
        int size = places.size(), dims = model.io().actionDims(), horizon = model.answer().chunk();
        var sheet = new PromptSheet(model, retina, robot, size);
        var actions = new float[size * horizon * dims];
        var ids = new long[size * dims];
        var real = new float[size * horizon];
        for (int b = 0; b < size; b++) {
            var place = places.get(b);
            int row = b;
            sheet.pictures().frame(b, source, place);
            look.at(sheet, b);
            sheet.words(b, source.instruction(place));
            sheet.state(b, source.state(place));
            var window = chunks.window(place);
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
                Tensor.of(real, size, horizon, 1));
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
