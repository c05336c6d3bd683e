package dev.orrery.system.genie;

import static dev.orrery.tensor.Axis.axis;

import dev.orrery.nn.Init;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// GenieRedux's tokenizer and latent action model, which share all but one layer: pixels to codes
/// and back.
///
/// A tokenizer has a code for each patch, a latent action model one for each step from a frame to
/// the next. The first frame has an embedding and an output layer of its own. Names are those of
/// the published files. Source: the GenieRedux repository, arXiv:2409.06445.
public final class GenieReduxVideo extends Module {

    private final GenieReduxConfig.Codes codes;
    private final GenieReduxBlock.Distances distances;
    private final Patches first, rest;
    private final GenieReduxBlock.Stack encoder, decoder;
    private final Linear projectIn, projectOut, firstPixels, pixels;
    private final Tensor book;
    private final Optional<Actions> actions;

    private static final class Patches extends Module {
        private final LayerNorm raw, embedded;
        private final Linear linear;

        Patches(int pixels, int width, Seed seed) {
            raw = child("1", new LayerNorm(pixels));
            linear = child("2", new Linear(pixels, width, seed));
            embedded = child("3", new LayerNorm(width));
        }

        Tensor forward(Tensor x) {
            return embedded.forward(linear.forward(raw.forward(x)));
        }
    }

    private static final class Actions extends Module {
        private final Linear linear;
        private final LayerNorm norm;

        Actions(int places, int width, Seed seed) {
            linear = child("1", new Linear((long) places * width, width, seed));
            norm = child("2", new LayerNorm(width));
        }

        /// `(B, T, H, W, D)` to `(B, T, D)`.
        Tensor forward(Tensor x) {
            return norm.forward(linear.forward(x.flatten(2, 4)));
        }
    }

    public GenieReduxVideo(GenieReduxConfig config, GenieReduxConfig.Codes codes, Seed seed) {
        this.codes = codes;
        int width = config.width(), size = 3 * codes.patch() * codes.patch();
        distances =
                child(
                        "spatial_rel_pos_bias",
                        new GenieReduxBlock.Distances(width, config.heads(), seed.split("bias")));
        first = child("to_patch_emb_first_frame", new Patches(size, width, seed.split("first")));
        rest = child("to_patch_emb", new Patches(size, width, seed.split("rest")));
        encoder =
                child(
                        "encoder",
                        new GenieReduxBlock.Stack(
                                config, GenieReduxBlock.Order.SPACE_FIRST, seed.split("encoder")));
        decoder =
                child(
                        "decoder",
                        new GenieReduxBlock.Stack(
                                config, GenieReduxBlock.Order.TIME_FIRST, seed.split("decoder")));
        projectIn = child("vq.project_in", new Linear(width, codes.codeWidth(), seed.split("in")));
        projectOut =
                child("vq.project_out", new Linear(codes.codeWidth(), width, seed.split("out")));
        book =
                parameter(
                        "vq._codebook.embed",
                        Init.normal(1),
                        seed,
                        1,
                        codes.codes(),
                        codes.codeWidth());
        // Counts that training kept; stored, of no use here.
        buffer("vq._codebook.initted", Tensor.ones(1));
        buffer("vq._codebook.cluster_size", Tensor.zeros(1, codes.codes()));
        buffer("vq._codebook.embed_avg", Tensor.zeros(1, codes.codes(), codes.codeWidth()));
        firstPixels = child("to_pixels_first_frame.0", new Linear(width, size, seed.split("p1")));
        pixels = child("to_pixels.0", new Linear(width, size, seed.split("p")));
        actions =
                codes.places() == 0
                        ? Optional.empty()
                        : Optional.of(
                                child(
                                        "to_action_emb",
                                        new Actions(codes.places(), width, seed.split("action"))));
    }

    /// Patches and codes.
    public GenieReduxConfig.Codes codes() {
        return codes;
    }

    /// Whether this is a latent action model.
    public boolean hasActions() {
        return actions.isPresent();
    }

    /// Ids of codes: `(B, T, H, W)` of patches, or of a latent action model `(B, T - 1)` of steps.
    ///
    /// @param video F32 `(B, T, height, width, 3)` in [0, 1]
    /// @throws IllegalArgumentException if the size does not fit the patches
    public Tensor encode(Tensor video) {
        return ids(latents(patches(video)));
    }

    /// Pixels `(B, T, height, width, 3)` of a tokenizer's ids, about in [0, 1].
    public Tensor decode(Tensor ids) {
        if (hasActions()) {
            throw new IllegalArgumentException(
                    "GenieRedux: a latent action model draws the next frames of a video, not ids;"
                            + " use predict");
        }
        return draw(vectors(ids));
    }

    /// The frames after each `(B, T - 1, height, width, 3)` from those before and the steps' ids.
    ///
    /// @param video `(B, T, height, width, 3)` in [0, 1]; the last frame does not count
    /// @param ids `(B, T - 1)`
    public Tensor predict(Tensor video, Tensor ids) {
        if (!hasActions()) {
            throw new IllegalArgumentException("GenieRedux: a tokenizer predicts no frames");
        }
        var before = patches(video).narrow(1, 0, video.size(1) - 1);
        return draw(before.add(vectors(ids).unsqueeze(2).unsqueeze(2)));
    }

    /// What ids stand for in the model's width, `(..., D)`.
    public Tensor vectors(Tensor ids) {
        return projectOut.forward(Functional.embedding(ids, book.squeeze(0)));
    }

    private Tensor latents(Tensor patches) {
        var x = encoder.forward(patches, bias(patches));
        return actions.map(a -> a.forward(x).narrow(1, 1, x.size(1) - 1)).orElse(x);
    }

    /// The nearest code by direction; the codes' lengths count, as in the reference.
    private Tensor ids(Tensor latents) {
        var unit = GenieReduxBlock.unit(projectIn.forward(latents));
        return unit.matmul(book.squeeze(0).t()).argmax(-1, false);
    }

    private Tensor bias(Tensor x) {
        return distances.forward((int) x.size(2), (int) x.size(3));
    }

    private Tensor patches(Tensor video) {
        int p = codes.patch();
        boolean fits =
                video.rank() == 5
                        && video.size(4) == 3
                        && video.size(2) % p == 0
                        && video.size(3) % p == 0
                        && video.size(1) > (hasActions() ? 1 : 0);
        long places = fits ? video.size(2) / p * (video.size(3) / p) : 0;
        if (!fits || hasActions() && places != codes.places()) {
            throw new IllegalArgumentException(
                    "GenieRedux: a video of shape %s; it takes (B, T, height, width, 3), sides of whole patches of %d%s"
                            .formatted(
                                    Arrays.toString(video.shape()),
                                    p,
                                    hasActions()
                                            ? ", %d of them in a frame, two frames or more"
                                                    .formatted(codes.places())
                                            : ""));
        }
        var x = video.rearrange("b t (h p) (w q) c -> b t h w (c p q)", axis("p", p), axis("q", p));
        var start = first.forward(x.narrow(1, 0, 1));
        if (x.size(1) == 1) {
            return start;
        }
        return Tensor.cat(List.of(start, rest.forward(x.narrow(1, 1, x.size(1) - 1))), 1);
    }

    private Tensor draw(Tensor vectors) {
        var x = decoder.forward(vectors, bias(vectors));
        var start = firstPixels.forward(x.narrow(1, 0, 1));
        var all =
                x.size(1) == 1
                        ? start
                        : Tensor.cat(
                                List.of(start, pixels.forward(x.narrow(1, 1, x.size(1) - 1))), 1);
        int p = codes.patch();
        return all.rearrange("b t h w (c p q) -> b t (h p) (w q) c", axis("p", p), axis("q", p));
    }
}
