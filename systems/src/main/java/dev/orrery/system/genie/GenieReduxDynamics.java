package dev.orrery.system.genie;

import dev.orrery.nn.Embedding;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Arrays;

/// GenieRedux's dynamics: the ids of frames and what was done on each to logits of the ids of the
/// frames **after** each.
///
/// Actions are vectors: of the latent action model ([GenieReduxVideo#vectors]), which are added,
/// or, in the guided form, one-hot or embedded, which are appended. Names are those of the
/// published files. Source: the GenieRedux repository, arXiv:2409.06445.
public final class GenieReduxDynamics extends Module {

    private final GenieReduxConfig.Dynamics sizes;
    private final Embedding tokens, places;
    private final GenieReduxBlock.Distances distances;
    private final GenieReduxBlock.Stack transformer;
    private final Linear head;

    public GenieReduxDynamics(GenieReduxConfig config, GenieReduxConfig.Dynamics sizes, Seed seed) {
        this.sizes = sizes;
        int width = config.width() - sizes.actions();
        tokens =
                child(
                        "maskgit.token_emb",
                        new Embedding(sizes.codes() + 1L, width, seed.split("tokens")));
        places =
                child(
                        "maskgit.pos_emb",
                        new Embedding(sizes.longest(), width, seed.split("places")));
        distances =
                child(
                        "maskgit.continuous_pos_bias",
                        new GenieReduxBlock.Distances(
                                config.headWidth(), config.heads(), seed.split("bias")));
        transformer =
                child(
                        "maskgit.transformer",
                        new GenieReduxBlock.Stack(
                                config,
                                GenieReduxBlock.Order.SPACE_FIRST,
                                seed.split("transformer")));
        head =
                child(
                        "maskgit.to_logits",
                        new Linear(config.width(), sizes.codes(), seed.split("head")));
    }

    /// What it was built from.
    public GenieReduxConfig.Dynamics sizes() {
        return sizes;
    }

    /// The id that hides a token.
    public int hidden() {
        return sizes.codes();
    }

    /// Logits `(B, T, H, W, K)` of the ids of the frames after each.
    ///
    /// @param ids I64 `(B, T, H, W)`, [#hidden] where they are not known
    /// @param actions F32 `(B, T, A)`, A the width of the model, or, guided, of an action
    /// @throws IllegalArgumentException if shapes do not fit or the video is too long
    public Tensor logits(Tensor ids, Tensor actions) {
        return logits(tokens.forward(ids), ids, actions);
    }

    /// The same of the later guided models, whose tokens also carry ten times the tokenizer's code
    /// (`use_token` in their configuration).
    public Tensor logits(Tensor ids, Tensor actions, GenieReduxVideo tokenizer) {
        var unknown = ids.eq((long) hidden());
        var codes = tokenizer.vectors(ids.maskedFill(unknown, 0)).mul(10);
        var known = codes.maskedFill(unknown.unsqueeze(-1), 0);
        return logits(tokens.forward(ids).add(known), ids, actions);
    }

    private Tensor logits(Tensor x, Tensor ids, Tensor actions) {
        long count = ids.rank() == 4 ? ids.size(1) * ids.size(2) * ids.size(3) : Long.MAX_VALUE;
        long wide = sizes.actions() == 0 ? x.size(-1) : sizes.actions();
        boolean fits =
                count <= sizes.longest()
                        && actions.rank() == 3
                        && actions.size(0) == ids.size(0)
                        && actions.size(1) == ids.size(1)
                        && actions.size(2) == wide;
        if (!fits) {
            throw new IllegalArgumentException(
                    "GenieRedux: ids %s with actions %s; it takes (B, T, H, W) of at most %d tokens with (B, T, %d)"
                            .formatted(
                                    Arrays.toString(ids.shape()),
                                    Arrays.toString(actions.shape()),
                                    sizes.longest(),
                                    wide));
        }
        var order = Tensor.arange(count).reshape(1, ids.size(1), ids.size(2), ids.size(3));
        var placed = x.add(places.forward(order));
        var done = actions.unsqueeze(2).unsqueeze(2);
        if (sizes.actions() == 0) {
            placed = placed.add(done);
        } else {
            var everywhere = done.expand(ids.size(0), ids.size(1), ids.size(2), ids.size(3), wide);
            placed = Tensor.cat(java.util.List.of(placed, everywhere), -1);
        }
        var bias = distances.forward((int) ids.size(2), (int) ids.size(3));
        return head.forward(transformer.forward(placed, bias));
    }
}
