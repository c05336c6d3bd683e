package dev.orrery.system.genie;

import dev.orrery.spacetime.TemporalCache;
import dev.orrery.tensor.Engine;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayDeque;
import java.util.List;

/// Samples frame after frame of B worlds side by side, as far as one likes.
///
/// The models see at most T frames: when as many are held, the oldest quarter is dropped and what
/// was computed about the others is computed anew, because their place in time has changed;
/// dropping one at a time would compute it anew for every frame. Otherwise a MaskGIT step costs one
/// frame, whose operations run on one thread where they are small. For one thread of the program;
/// close it.
public final class FrameSampler implements AutoCloseable {

    private static final int DROPPED = 4;

    private final Genie genie;
    private final int context, tokens, width;
    private final TemporalCache dynamics, decoder;
    private final ArrayDeque<long[]> frames = new ArrayDeque<>(), steps = new ArrayDeque<>();
    private long batch;

    public FrameSampler(Genie genie) {
        this.genie = genie;
        context = genie.config().data().context();
        tokens = genie.dynamics().tokens();
        width = genie.config().dynamics().network().width();
        dynamics = genie.dynamics().cache();
        decoder = genie.tokenizer().decoderCache();
    }

    /// Begins with given frames.
    ///
    /// @param ids I64 `(B, P, N)`, at most T frames
    /// @param actions what led from each to the next, I64 `(B, P-1)`
    /// @return pixels of the last one `(B, H, W, 3)`
    public Tensor begin(Tensor ids, Tensor actions) {
        if (ids.size(1) > context || actions.size(1) != ids.size(1) - 1) {
            throw new IllegalArgumentException(
                    "genie: a prompt of %d frames with %d actions between them; needs 1 to %d frames and one action less"
                            .formatted(ids.size(1), actions.size(1), context));
        }
        genie.tokenizer().checkIds(ids);
        batch = ids.size(0);
        frames.clear();
        steps.clear();
        for (int t = 0; t < ids.size(1); t++) {
            frames.add(ids.select(1, t).toLongs());
            if (t > 0) {
                steps.add(actions.select(1, t - 1).toLongs());
            }
        }
        return look();
    }

    /// Takes the window's frames into the caches and shows the last.
    private Tensor look() {
        try (var _ = Grad.disabled();
                var scope = TensorScope.open()) {
            var ids = stacked(frames, tokens);
            dynamics.clear();
            decoder.clear();
            genie.dynamics().begin(ids, genie.actions(stacked(steps, 1).squeeze(-1)), dynamics);
            return scope.keep(last(genie.tokenizer().decodeNext(ids, decoder)));
        }
    }

    private Tensor stacked(ArrayDeque<long[]> rows, long width) {
        if (rows.isEmpty()) {
            return Tensor.of(new long[0], batch, 0, width);
        }
        return Tensor.stack(rows.stream().map(row -> Tensor.of(row, batch, width)).toList(), 1);
    }

    private static Tensor last(Tensor video) {
        return video.select(1, video.size(1) - 1);
    }

    /// Does an action in each world and samples what follows.
    ///
    /// @param codes I64 `(B)`
    /// @return pixels `(B, H, W, 3)`
    public Tensor next(Tensor codes, MaskGitSampler sampler, Seed seed) {
        if (frames.isEmpty()) {
            throw new IllegalStateException("genie: begin with a prompt first");
        }
        if (frames.size() == context) {
            forgetOldest();
        }
        try (var _ = Grad.disabled();
                var scope = TensorScope.open()) {
            var action = genie.actions(codes);
            var model = genie.dynamics();
            var ids =
                    Engine.aloneIfSmall(
                            batch * tokens,
                            width,
                            () ->
                                    sampler.sample(
                                            (known, hidden) ->
                                                    model.next(known, hidden, action, dynamics),
                                            batch,
                                            tokens,
                                            seed));
            frames.add(ids.toLongs());
            steps.add(codes.toLongs());
            var frame = ids.unsqueeze(1);
            if (frames.size() < context) {
                model.extend(frame, action, dynamics);
            }
            return scope.keep(last(genie.tokenizer().decodeNext(frame, decoder)));
        }
    }

    private void forgetOldest() {
        for (int i = 0; i < Math.max(1, context / DROPPED); i++) {
            frames.removeFirst();
            if (!steps.isEmpty()) steps.removeFirst();
        }
        try (var _ = TensorScope.open()) {
            if (!frames.isEmpty()) {
                look();
            }
        }
    }

    /// The ids of the frame that was sampled last, `B · N`.
    public long[] ids() {
        return frames.getLast().clone();
    }

    /// The ids of all frames that the models see, oldest first, `B · N` each.
    public List<long[]> window() {
        return frames.stream().map(long[]::clone).toList();
    }

    @Override
    public void close() {
        dynamics.close();
        decoder.close();
    }
}
