package dev.orrery.system.genie;

import dev.orrery.nn.Module;
import dev.orrery.quantize.Quantized;
import dev.orrery.quantize.VectorQuantizer;
import dev.orrery.spacetime.Patches;
import dev.orrery.spacetime.SpatioTemporalTransformer;
import dev.orrery.spacetime.TemporalCache;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;

/// Video to ids and back: two spatio-temporal transformers around a codebook.
///
/// Both see the past only, so a frame's ids never change when frames follow. Pixels are `(B, T, H,
/// W, 3)` in [0, 1], ids I64 `(B, T, N)`. Names: `encoder`, `vq`, `decoder`. Source: ST-ViViT of
/// arXiv:2402.15391 section 2.1.
public final class VideoTokenizer extends Module {

    /// What a training step needs.
    ///
    /// @param total the loss
    /// @param reconstruction mean squared error of pixels, a part of it
    /// @param quantized latents and codes
    public record Loss(Tensor total, Tensor reconstruction, Quantized quantized) {}

    private final Patches patches;
    private final int height, width, codes;
    private final SpatioTemporalTransformer encoder, decoder;
    private final VectorQuantizer vq;

    public VideoTokenizer(GenieConfig config, Seed seed) {
        var own = config.tokenizer();
        patches = config.tokenizerPatches();
        height = config.data().height();
        width = config.data().width();
        codes = own.codes().codes();
        int context = config.data().context(), code = own.codes().width();
        encoder =
                child(
                        "encoder",
                        new SpatioTemporalTransformer(
                                new SpatioTemporalTransformer.Config(
                                        own.block(own.encoder()),
                                        own.encoder().blocks(),
                                        patches.grid(),
                                        context,
                                        patches.values(),
                                        code),
                                seed.split("encoder")));
        vq =
                child(
                        "vq",
                        new VectorQuantizer(
                                VectorQuantizer.Config.cosine(codes, code), seed.split("vq")));
        decoder =
                child(
                        "decoder",
                        new SpatioTemporalTransformer(
                                new SpatioTemporalTransformer.Config(
                                        own.block(own.decoder()),
                                        own.decoder().blocks(),
                                        patches.grid(),
                                        context,
                                        code,
                                        patches.values()),
                                seed.split("decoder")));
    }

    /// The codebook.
    public VectorQuantizer vq() {
        return vq;
    }

    /// How frames are cut.
    public Patches patches() {
        return patches;
    }

    /// RGB bytes `(..., 3)` as numbers in [0, 1].
    public static Tensor pixels(Tensor rgb) {
        return rgb.to(DType.F32).div(255);
    }

    /// Numbers in [0, 1] as RGB bytes.
    public static Tensor rgb(Tensor pixels) {
        return pixels.mul(255).round().clamp(0, 255).to(DType.U8);
    }

    /// The loss of reconstructing pixels.
    public Loss loss(Tensor video) {
        var x = cut(video);
        var quantized = vq.forward(encoder.forward(x));
        var y = decoder.forward(quantized.embedding()).sigmoid();
        var error = Functional.mseLoss(y, x);
        return new Loss(error.add(quantized.loss()), error, quantized);
    }

    /// The error of reconstructing pixels from vectors of length 1 that are not quantised.
    Tensor continuousLoss(Tensor video) {
        var x = cut(video);
        var latents = vq.prepare(encoder.forward(x));
        return Functional.mseLoss(decoder.forward(latents).sigmoid(), x);
    }

    /// Lets the codes start where the vectors of this video are.
    void startCodes(Tensor video, Seed seed) {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            vq.start(encoder.forward(cut(video)), seed);
        }
    }

    private Tensor cut(Tensor video) {
        return patches.split(patches.pad(video));
    }

    /// The ids `(B, T, N)` of pixels. Nothing is recorded for gradients.
    ///
    /// @throws IllegalArgumentException if there are more frames than the context, or of another
    ///   size, or pixels are not in [0, 1]
    public Tensor encode(Tensor video) {
        check(video);
        try (var _ = Grad.disabled();
                var scope = TensorScope.open()) {
            return scope.keep(vq.encode(encoder.forward(cut(video))));
        }
    }

    private void check(Tensor video) {
        if (video.rank() != 5
                || video.size(2) != height
                || video.size(3) != width
                || video.size(4) != 3) {
            throw new IllegalArgumentException(
                    "genie: frames are %s; this tokenizer needs (B, T, %d, %d, 3): resize them, or train one for their size"
                            .formatted(video, height, width));
        }
        try (var _ = TensorScope.open()) {
            double least = video.min().item(), most = video.max().item();
            if (!(least >= 0 && most <= 1)) {
                throw new IllegalArgumentException(
                        "genie: pixels from %s to %s; they must be numbers from 0 to 1"
                                .formatted(least, most));
            }
        }
    }

    /// The pixels `(B, T, H, W, 3)` of ids. Nothing is recorded for gradients.
    ///
    /// @throws IllegalArgumentException if an id is not below K
    public Tensor decode(Tensor ids) {
        try (var _ = Grad.disabled();
                var scope = TensorScope.open()) {
            return scope.keep(picture(decoder.forward(embed(ids))));
        }
    }

    /// The code vectors `(B, T, N, D)` of ids.
    ///
    /// @throws IllegalArgumentException if an id is not below K
    public Tensor embed(Tensor ids) {
        if (ids.rank() != 3 || ids.size(2) != patches.count()) {
            throw new IllegalArgumentException(
                    "genie: ids are %s; needs (B, T, %d)".formatted(ids, patches.count()));
        }
        return vq.lookup(ids);
    }

    /// An empty cache for [#decodeNext].
    public TemporalCache decoderCache() {
        return decoder.cache();
    }

    /// The pixels of ids that follow the frames in a cache, which they are added to.
    public Tensor decodeNext(Tensor ids, TemporalCache cache) {
        try (var _ = Grad.disabled();
                var scope = TensorScope.open()) {
            return scope.keep(picture(decoder.append(embed(ids), cache)));
        }
    }

    private Tensor picture(Tensor decoded) {
        return patches.join(decoded.sigmoid()).narrow(2, 0, height).narrow(3, 0, width);
    }

    /// Ids that a player or a file gave, checked.
    ///
    /// @throws IllegalArgumentException if one is not below K
    void checkIds(Tensor ids) {
        try (var _ = TensorScope.open()) {
            if (ids.numel() > 0 && (ids.min().item() < 0 || ids.max().item() >= codes)) {
                throw new IllegalArgumentException(
                        "genie: ids from %.0f to %.0f; this tokenizer has codes 0 to %d"
                                .formatted(ids.min().item(), ids.max().item(), codes - 1));
            }
        }
    }
}
