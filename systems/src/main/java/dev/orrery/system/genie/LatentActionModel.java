package dev.orrery.system.genie;

import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.quantize.Quantized;
import dev.orrery.quantize.VectorQuantizer;
import dev.orrery.spacetime.Patches;
import dev.orrery.spacetime.SpatioTemporalTransformer;
import dev.orrery.system.genie.LatentActionsConfig.LamInput;
import dev.orrery.system.genie.LatentActionsConfig.Sight;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.List;

/// What was done between frames, as one of a few codes, learned from video alone.
///
/// The encoder has one more token in each frame; what it becomes in frame t+1 is the code of the
/// step from t to t+1. The decoder predicts frame t+1 from frames up to t and codes up to that one:
/// only the code can tell it about frame t+1. What it puts out is added to frame t, so that it
/// starts from a copy and codes need not tell what a scene looks like. [LatentActionsConfig.Sight]
/// narrows what both see. At play time the codebook is all that is needed.
///
/// A view is what the model sees, `(B, T, N, V)`: patches of pixels, or the tokenizer's code
/// vectors. Names: `action_token`, `encoder`, `vq`, `embed`, `action_up`, `decoder`. Source:
/// arXiv:2402.15391 section 2.1.
public final class LatentActionModel extends Module {

    /// What a training step needs.
    ///
    /// @param total the loss
    /// @param prediction mean squared error of predicted frames, weighed as it counts, a part of it
    /// @param quantized actions `(B, T-1, A)`
    public record Loss(Tensor total, Tensor prediction, Quantized quantized) {}

    /// Mean squared change of a frame that counts as none.
    private static final double LEAST_MOTION = 1e-5;

    private final LamInput input;
    private final Sight sight;
    private final double motionWeight;
    private final Patches patches;
    private final Tensor actionToken;
    private final SpatioTemporalTransformer encoder, decoder;
    private final VectorQuantizer vq;
    private final Linear embed, actionUp;

    public LatentActionModel(GenieConfig config, Seed seed) {
        var own = config.latentActions();
        input = own.lamInput();
        sight = own.sight();
        motionWeight = own.motionWeight();
        patches = config.actionPatches();
        int context = config.data().context(), code = own.codes().width();
        int values =
                switch (input) {
                    case PIXELS -> patches.values();
                    case TOKENS -> config.tokenizer().codes().width();
                };
        var small = Init.normal(0.02);
        actionToken = parameter("action_token", small, seed, values);
        encoder =
                child(
                        "encoder",
                        new SpatioTemporalTransformer(
                                new SpatioTemporalTransformer.Config(
                                        own.encoder().block(),
                                        own.encoder().blocks(),
                                        patches.grid().behind(1),
                                        context,
                                        values,
                                        code),
                                seed.split("encoder")));
        vq =
                child(
                        "vq",
                        new VectorQuantizer(
                                VectorQuantizer.Config.cosine(own.codes().codes(), code),
                                seed.split("vq")));
        int width = own.decoder().width();
        embed = child("embed", Linear.of(values, width, true, small, seed.split("embed")));
        // Codes are of length 1: with smaller weights their embedding would be lost beside a
        // patch's.
        var visible = Init.normal(1 / Math.sqrt(code));
        actionUp = child("action_up", Linear.of(code, width, true, visible, seed.split("up")));
        decoder =
                child(
                        "decoder",
                        new SpatioTemporalTransformer(
                                new SpatioTemporalTransformer.Config(
                                        own.decoder().block(),
                                        own.decoder().blocks(),
                                        patches.grid(),
                                        context,
                                        width,
                                        values),
                                Init.normal(0.002),
                                seed.split("decoder")));
    }

    /// The codebook.
    public VectorQuantizer vq() {
        return vq;
    }

    /// What this model sees of pixels `(B, T, H, W, 3)` whose ids are `ids (B, T, N)`.
    public Tensor view(Tensor video, VideoTokenizer tokenizer, Tensor ids) {
        return switch (input) {
            case PIXELS -> patches.split(patches.pad(video));
            case TOKENS -> tokenizer.embed(ids).detach();
        };
    }

    /// The loss of predicting each next frame of a view: the error relative to that of a copy of
    /// the frame before, and what draws codes and vectors together.
    public Loss loss(Tensor view) {
        var actions = actions(view);
        return loss(view, actions);
    }

    /// As [#loss(Tensor)] with actions that [#actions] gave.
    Loss loss(Tensor view, Quantized actions) {
        long steps = view.size(1) - 1;
        var predicted = predict(view.narrow(1, 0, steps), actions.embedding());
        var scale = scale(view.narrow(1, 1, steps));
        var error = predicted.sub(view.narrow(1, 1, steps)).mul(scale).square();
        var motion = motion(view).mul(scale);
        var weighted = motionWeight == 0 ? error : error.mul(motion.mul(motionWeight).add(1));
        var prediction = weighted.mean();
        var ofCopy = motion.square().mean().detach().clampMin(LEAST_MOTION);
        return new Loss(prediction.div(ofCopy).add(actions.loss()), prediction, actions);
    }

    /// By what an error of each patch counts: one over its contrast, or one.
    private Tensor scale(Tensor patches) {
        if (sight.contrast() == 0) return Tensor.ones(1);
        var centred = patches.sub(patches.mean(-1, true));
        return centred.square().mean(-1, true).add(sight.contrast()).rsqrt();
    }

    /// How much each number changes from a frame to the next.
    private static Tensor motion(Tensor view) {
        long steps = view.size(1) - 1;
        return view.narrow(1, 1, steps).sub(view.narrow(1, 0, steps)).abs();
    }

    /// The actions of the T-1 steps of a view.
    public Quantized actions(Tensor view) {
        long b = view.size(0), t = view.size(1), values = view.size(3);
        if (t < 2) {
            throw new IllegalArgumentException(
                    "genie: %d frame has no step in it; a latent action needs 2 frames or more"
                            .formatted(t));
        }
        var frames = sight.pairs() ? pairs(view) : view;
        if (sight.changes()) frames = changes(frames);
        long rows = frames.size(0), length = frames.size(1);
        var token = actionToken.expand(rows, length, 1, values);
        var seen = encoder.forward(Tensor.cat(List.of(token, frames), 2));
        var read = seen.narrow(1, 1, length - 1).select(2, 0);
        return vq.forward(read.reshape(b, t - 1, read.size(2)));
    }

    /// What each frame changes about the one before; the first changes nothing.
    private static Tensor changes(Tensor view) {
        long steps = view.size(1) - 1;
        var first = Tensor.zerosLike(view.narrow(1, 0, 1));
        var later = view.narrow(1, 1, steps).sub(view.narrow(1, 0, steps));
        return Tensor.cat(List.of(first, later), 1);
    }

    /// Each frame with the one before: `(B, T, N, V)` to `(B (T-1), 2, N, V)`.
    private static Tensor pairs(Tensor frames) {
        long steps = frames.size(1) - 1;
        var before = frames.narrow(1, 0, steps).unsqueeze(2);
        var after = frames.narrow(1, 1, steps).unsqueeze(2);
        return Tensor.cat(List.of(before, after), 2).flatten(0, 1);
    }

    /// The ids `(B, T-1)` of the actions of a view. Nothing is recorded for gradients.
    public Tensor infer(Tensor view) {
        try (var _ = Grad.disabled();
                var scope = TensorScope.open()) {
            return scope.keep(actions(view).ids());
        }
    }

    /// What follows each of `(B, T, N, V)` frames when `actions (B, T, A)` are done in them.
    public Tensor predict(Tensor view, Tensor actions) {
        var x = embed.forward(view).add(actionUp.forward(actions).unsqueeze(2));
        if (!sight.pairs()) return view.add(decoder.forward(x));
        var alone = decoder.forward(x.flatten(0, 1).unsqueeze(1));
        return view.add(alone.reshape(view.shape()));
    }
}
