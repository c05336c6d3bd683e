package dev.orrery.system.genie;

import dev.orrery.env.Image;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vision.Resample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// One player in a learned world: a prompt, then a frame for each action, without end.
///
/// ```java
/// try (var dream = Dream.begin(genie, List.of(picture), 7)) {
///     var next = dream.step(3);
/// }
/// ```
///
/// The same prompt, seed and acts give the same frames bit for bit, at a given number of the
/// engine's threads. For one thread at a time; several dreams may share a [Genie]. Close it.
public final class Dream implements AutoCloseable {

    /// An action and how the frame after it was sampled.
    public record Act(int code, MaskGitSampler sampler) {}

    /// Everything that a dream can be repeated from, and what came of it.
    ///
    /// @param seed what chance depended on
    /// @param prompt ids of the prompt's frames, N each
    /// @param acts what was done after the prompt
    /// @param frames ids of the frames that followed, N each
    public record Trajectory(long seed, List<long[]> prompt, List<Act> acts, List<long[]> frames) {

        public Trajectory {
            prompt = List.copyOf(prompt);
            acts = List.copyOf(acts);
            frames = List.copyOf(frames);
        }
    }

    private final Genie genie;
    private final long seed;
    private final List<long[]> prompt;
    private final FrameSampler sampler;
    private final List<Act> acts = new ArrayList<>();
    private final List<long[]> frames = new ArrayList<>();
    private Image picture;

    private Dream(Genie genie, List<long[]> prompt, long seed) {
        this.genie = genie;
        this.seed = seed;
        this.prompt = prompt;
        sampler = new FrameSampler(genie);
        picture = start();
    }

    /// Begins with pictures that lie one frame apart; usually one.
    ///
    /// @param seed what chance depends on
    /// @throws IllegalArgumentException if there is none, there are more than the context holds, or
    ///   one has another size
    public static Dream begin(Genie genie, List<Image> prompt, long seed) {
        var data = genie.config().data();
        if (prompt.isEmpty() || prompt.size() > data.context()) {
            throw new IllegalArgumentException(
                    "genie: a prompt of %d pictures; needs 1 to %d"
                            .formatted(prompt.size(), data.context()));
        }
        try (var _ = TensorScope.open()) {
            var frames = new ArrayList<Tensor>();
            for (var image : prompt) {
                checkSize(image, data);
                frames.add(
                        VideoTokenizer.pixels(
                                Tensor.of(image.rgb(), 1, 1, image.height(), image.width(), 3)));
            }
            var ids = genie.tokenizer().encode(Tensor.cat(frames, 1));
            return new Dream(genie, ids.unbind(1).stream().map(Tensor::toLongs).toList(), seed);
        }
    }

    private static void checkSize(Image image, GenieConfig.Data data) {
        if (image.height() != data.height() || image.width() != data.width()) {
            throw new IllegalArgumentException(
                    "genie: the prompt is %d x %d pixels, this world %d x %d; resize it (Dream.resized does)"
                            .formatted(image.width(), image.height(), data.width(), data.height()));
        }
    }

    /// A picture at the size of a world's frames.
    public static Image resized(Genie genie, Image picture) {
        var data = genie.config().data();
        return Resample.BILINEAR.resize(picture, data.height(), data.width());
    }

    /// Dreams a trajectory again, and checks that the same comes of it.
    ///
    /// @throws IllegalArgumentException if its ids do not belong to this model
    /// @throws IllegalStateException if a frame came out otherwise: other weights, or another
    ///   number of threads
    public static Dream replay(Genie genie, Trajectory trajectory) {
        var dream = new Dream(genie, trajectory.prompt(), trajectory.seed());
        for (int t = 0; t < trajectory.acts().size(); t++) {
            var act = trajectory.acts().get(t);
            dream.step(act.code(), act.sampler());
            boolean told = t < trajectory.frames().size();
            if (told && !Arrays.equals(dream.frames.get(t), trajectory.frames().get(t))) {
                dream.close();
                throw new IllegalStateException(
                        "genie: frame %d of the trajectory comes out otherwise; replay it with the weights and ORRERY_THREADS that it was made with"
                                .formatted(t + 1));
            }
        }
        return dream;
    }

    /// Back to the prompt; the same actions give the same frames again.
    ///
    /// @return the prompt's last frame as the model sees it
    public Image reset() {
        acts.clear();
        frames.clear();
        return picture = start();
    }

    private Image start() {
        try (var _ = TensorScope.open()) {
            int n = genie.dynamics().tokens();
            var ids = Tensor.stack(prompt.stream().map(f -> Tensor.of(f, 1, n)).toList(), 1);
            var before = Tensor.zeros(DType.I64, 1, prompt.size() - 1);
            return image(sampler.begin(ids, between(ids, before)));
        }
    }

    /// What was done between the prompt's frames, as the model sees it.
    private Tensor between(Tensor ids, Tensor unknown) {
        if (ids.size(1) < 2 || genie.latentActions().isEmpty()) {
            return unknown;
        }
        return genie.infer(genie.tokenizer().decode(ids), ids);
    }

    /// Does an action and returns the frame that follows, sampled as the configuration says.
    ///
    /// @param code from 0 to [Genie#codes] exclusive
    /// @throws IllegalArgumentException if it is no action
    public Image step(int code) {
        return step(code, MaskGitSampler.of(genie.config().evaluation()));
    }

    /// Does an action and returns the frame that follows.
    ///
    /// @param code from 0 to [Genie#codes] exclusive
    /// @throws IllegalArgumentException if it is no action
    public Image step(int code, MaskGitSampler how) {
        if (code < 0 || code >= genie.codes()) {
            throw new IllegalArgumentException(
                    "genie: action %d; this world has 0 to %d".formatted(code, genie.codes() - 1));
        }
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var own = Seed.of(seed).split(acts.size());
            picture = image(sampler.next(Tensor.of(new long[] {code}, 1), how, own));
            acts.add(new Act(code, how));
            frames.add(sampler.ids());
            return picture;
        }
    }

    private static Image image(Tensor pixels) {
        int height = (int) pixels.size(1), width = (int) pixels.size(2);
        return new Image(height, width, VideoTokenizer.rgb(pixels).toBytes());
    }

    /// The latest frame.
    public Image picture() {
        return picture;
    }

    /// How many actions were done.
    public int length() {
        return acts.size();
    }

    /// The ids of the latest frame, N.
    public long[] ids() {
        return sampler.ids();
    }

    /// Everything so far.
    public Trajectory trajectory() {
        return new Trajectory(seed, prompt, acts, frames);
    }

    @Override
    public void close() {
        sampler.close();
    }
}
