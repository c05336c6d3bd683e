package dev.orrery.system.pi0;

import dev.orrery.data.text.PaddedTokens;
import dev.orrery.env.tabletop.Camera;
import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Projector;
import dev.orrery.policy.ActionChunks;
import dev.orrery.policy.FastTokens;
import dev.orrery.policy.FastTraining;
import dev.orrery.policy.Normalizer;
import dev.orrery.policy.Norms;
import dev.orrery.policy.Statistics;
import dev.orrery.policy.Wording;
import dev.orrery.policy.tabletop.FolderFrames;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.policy.tabletop.PictureSheet;
import dev.orrery.policy.tabletop.SceneLabels;
import dev.orrery.run.Run;
import dev.orrery.run.TabletopDemonstrations;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.Augmentation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Episodes as training batches.
final class Pi0Data implements AutoCloseable {

    private static final int FAST_WINDOWS = 2000;

    private final Pi0Config.Io io;
    private final FrameSource source;
    private final ActionChunks chunks;
    private final Norms norms;
    private final Normalizer stateNorm, actionNorm;
    private final Wording wording;
    private final Optional<FastTokens> codec;
    private final List<Augmentation> changes;

    private Pi0Data(Pi0Config config, FrameSource source, ActionChunks chunks, Norms norms) {
        io = config.model().io();
        this.source = source;
        this.chunks = chunks;
        this.norms = norms;
        stateNorm = norms.state();
        actionNorm = norms.action();
        wording = TabletopWording.of(config.model());
        codec =
                config.training().head() == ActionHead.FAST
                        ? Optional.of(trainCodec())
                        : Optional.empty();
        changes = changes(config);
    }

    /// How pictures of the two cameras are changed. The questions' answers say where things are, so
    /// as long as they are asked, only colours change.
    private static List<Augmentation> changes(Pi0Config config) {
        boolean asked = config.grounding().steps() > 0 || config.training().grounding() > 0;
        return config.demonstrations().augmented()
                ? List.of(asked ? Augmentation.PI0_WRIST : Augmentation.PI0, Augmentation.PI0_WRIST)
                : List.of();
    }

    /// FAST tokens of as many windows as suffice.
    private FastTokens trainCodec() {
        int step = Math.max(1, chunks.size() / FAST_WINDOWS);
        var windows = new ArrayList<float[][]>();
        for (int i = 0; i < chunks.size(); i += step) {
            var rows = chunks.window(chunks.place(i)).actions();
            var window = new float[rows.length][];
            for (int h = 0; h < rows.length; h++) {
                window[h] = actionNorm.normalise(rows[h], io.actionDims());
            }
            windows.add(window);
        }
        return FastTraining.fit(windows, Pi0Config.FAST_VOCABULARY, FastTraining.SCALE);
    }

    /// What the configuration names: a folder, or else demonstrations that are recorded now.
    static Pi0Data of(Pi0Config config, Run run) {
        var folder = config.demonstrations().folder();
        return folder.isEmpty() ? record(config, run) : open(config, Path.of(folder));
    }

    /// Records demonstrations with the run's seed; it may be stopped meanwhile.
    static Pi0Data record(Pi0Config config, Run run) {
        var wanted = config.demonstrations();
        return of(
                config,
                new FrameSource.Recorded(
                        TabletopDemonstrations.record(run, wanted.families(), wanted.perFamily())));
    }

    /// Records demonstrations and checks their statistics.
    static Pi0Data record(Pi0Config config, long seed) {
        var wanted = config.demonstrations();
        var demonstrations =
                Demonstrations.collect(
                        TabletopDemonstrations.families(wanted.families()),
                        wanted.perFamily(),
                        seed,
                        Demonstrations.NOISE);
        return of(config, new FrameSource.Recorded(demonstrations));
    }

    /// Opens a LeRobot data set and checks its statistics.
    static Pi0Data open(Pi0Config config, Path folder) {
        var source =
                FolderFrames.open(
                        folder, config.model().io().stateDims(), config.model().io().actionDims());
        try {
            return of(config, source);
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    /// Frames of any source under the statistics of a trained policy; no questions are asked.
    static Pi0Data like(Pi0Checkpoint trained, FrameSource source) {
        var config =
                Pi0Config.laptop()
                        .with(trained.pi0().config())
                        .withoutGrounding()
                        .with(new Pi0Config.Demonstrations(List.of(), 1, ""));
        var episodes = new ArrayList<float[][]>();
        read(source, new ArrayList<>(), new ArrayList<>(), episodes);
        return new Pi0Data(
                config,
                source,
                ActionChunks.of(episodes, config.model().io().horizon()),
                trained.norms());
    }

    /// Collects states, clamped actions, and the latter by episodes.
    private static void read(
            FrameSource source,
            List<float[]> states,
            List<float[]> actions,
            List<float[][]> episodes) {
        for (int e = 0; e < source.episodes(); e++) {
            var episode = new float[source.length(e)][];
            for (int t = 0; t < episode.length; t++) {
                var place = new ActionChunks.Place(e, t);
                states.add(source.state(place));
                episode[t] = source.action(place);
                for (int a = 0; a < episode[t].length; a++) {
                    episode[t][a] = Math.clamp(episode[t][a], -1f, 1f);
                }
                actions.add(episode[t]);
            }
            episodes.add(episode);
        }
    }

    private static Pi0Data of(Pi0Config config, FrameSource source) {
        var states = new ArrayList<float[]>();
        var actions = new ArrayList<float[]>();
        var episodes = new ArrayList<float[][]>();
        read(source, states, actions, episodes);
        var constant = config.demonstrations().constants();
        var stateStatistics = constant.sound(Statistics.of(states), "state");
        var actionStatistics = constant.sound(Statistics.of(actions), "action");
        boolean quantiles =
                config.model().variant() == Pi0Variant.PI05
                        || config.training().head() == ActionHead.FAST;
        return new Pi0Data(
                config,
                source,
                ActionChunks.of(episodes, config.model().io().horizon()),
                Norms.of(
                        stateStatistics,
                        actionStatistics,
                        quantiles ? Norms.Rule.QUANTILES : Norms.Rule.MEAN_STD));
    }

    int episodes() {
        return source.episodes();
    }

    /// Whether batches say what their pictures show.
    boolean labelled() {
        return source.labelled();
    }

    @Override
    public void close() {
        source.close();
    }

    /// The number of frames, each of which starts a window.
    int size() {
        return chunks.size();
    }

    /// Statistics, and what is done with them: π0.5 and FAST want quantiles.
    Norms norms() {
        return norms;
    }

    /// What the head FAST writes with.
    Optional<FastTokens> codec() {
        return codec;
    }

    /// Observations with the actions that follow them and what their pictures show.
    ///
    /// @param prompt pictures and instructions
    /// @param state `(B, stateDims)`
    /// @param actions `(B, 1, H, A)`
    /// @param real `(B, 1, H, 1)`: 0 after an episode's end, else 1
    /// @param labels what is where; all zero where that is not known
    record Batch(
            Pi0.Prompt prompt, Tensor state, Tensor actions, Tensor real, SceneLabels labels) {}

    /// A batch of frames drawn at random.
    ///
    /// @param pointing share of the instructions that are replaced by questions where something is
    Batch batch(int size, double pointing, Seed seed) {
        int overhead = Projector.OVERHEAD_BYTES, wrist = Projector.WRIST_BYTES;
        byte[] above = new byte[size * overhead], near = new byte[size * wrist];
        float[] state = new float[size * io.stateDims()];
        float[] action = new float[size * io.horizon() * io.actionDims()];
        float[] real = new float[size * io.horizon()];
        long[] tokens = new long[size * io.textTokens()];
        boolean[] words = new boolean[tokens.length];
        var labels = new SceneLabels.Sheet(size);
        var picks = seed.split("frame").integers(chunks.size(), size).toLongs();
        var choices = seed.split("question").uniforms(2 * size);
        boolean[] seenAbove = new boolean[size], seenNear = new boolean[size];
        for (int b = 0; b < size; b++) {
            var place = chunks.place((int) picks[b]);
            seenAbove[b] = source.overhead(place, above, b * overhead);
            seenNear[b] = source.wrist(place, near, b * wrist);
            float[] felt = source.state(place);
            put(stateNorm.normalise(felt, io.stateDims()), state, b);
            var window = chunks.window(place);
            for (int h = 0; h < io.horizon(); h++) {
                int row = b * io.horizon() + h;
                put(actionNorm.normalise(window.actions()[h], io.actionDims()), action, row);
                real[row] = window.padding()[h] ? 0 : 1;
            }
            var text = labels.text(b, source, place, pointing, choices);
            put(wording.tokens(text, stateNorm.normalise(felt, felt.length)), tokens, words, b);
        }
        return new Batch(
                new Pi0.Prompt(
                        List.of(
                                change(
                                        0,
                                        PictureSheet.unit(above, size, Camera.OVERHEAD_PIXELS),
                                        seed),
                                change(
                                        1,
                                        PictureSheet.unit(near, size, Camera.WRIST_PIXELS),
                                        seed)),
                        List.of(Tensor.of(seenAbove, size), Tensor.of(seenNear, size)),
                        Tensor.of(tokens, size, io.textTokens()),
                        Tensor.of(words, size, io.textTokens())),
                Tensor.of(state, size, io.stateDims()),
                Tensor.of(action, size, 1, io.horizon(), io.actionDims()),
                Tensor.of(real, size, 1, io.horizon(), 1),
                labels.labels());
    }

    static void put(float[] row, float[] into, int at) {
        System.arraycopy(row, 0, into, at * row.length, row.length);
    }

    private Tensor change(int camera, Tensor pictures, Seed seed) {
        return changes.isEmpty()
                ? pictures
                : changes.get(camera).apply(pictures, seed.split("augment").split(camera));
    }

    static void put(PaddedTokens text, long[] ids, boolean[] mask, int at) {
        System.arraycopy(text.ids(), 0, ids, at * text.ids().length, text.ids().length);
        System.arraycopy(text.mask(), 0, mask, at * text.mask().length, text.mask().length);
    }
}
