package dev.orrery.vision.vqgan;

import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicWeights;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A convolutional image tokenizer with a codebook: pictures `(B, 3, H, W)` to codes `(B, S)` and
/// back, as Janus and Chameleon publish theirs.
///
/// Names: `encoder`, `quant_conv`, `quantize.embedding`, `post_quant_conv`, `decoder`. Source:
/// arXiv:2012.09841; Janus-Pro, arXiv:2501.17811.
///
/// Like the reference, encoding looks for the nearest code as it is, and decoding from codes takes
/// them at unit length; trained codebooks have unit length, so that both agree.
public final class Vqgan extends Module {

    private static final double COMMITMENT = 0.25;
    private static final String INSIDE = "vqmodel.";

    private final VqganConfig config;
    private final VqganEncoder encoder;
    private final Optional<VqganDecoder> decoder;
    private final PointConv before, after;
    private final Embedding codebook;

    public Vqgan(VqganConfig config, Seed seed) {
        this.config = config;
        encoder = child("encoder", new VqganEncoder(config, seed.split("encoder")));
        before =
                child(
                        "quant_conv",
                        new PointConv(config.latents(), config.width(), seed.split("q")));
        codebook =
                child(
                        "quantize.embedding",
                        new Embedding(config.codes(), config.width(), seed.split("codes")));
        after =
                child(
                        "post_quant_conv",
                        new PointConv(config.width(), config.latents(), seed.split("p")));
        decoder =
                config.decodes()
                        ? Optional.of(
                                child("decoder", new VqganDecoder(config, seed.split("decoder"))))
                        : Optional.empty();
    }

    /// Opens published weights, a file or a folder.
    public static Vqgan open(PublicConfig config, Path weights) {
        return weights(config).open(weights);
    }

    /// How published weights of a configuration are read and written.
    public static PublicWeights<Vqgan> weights(PublicConfig config) {
        var sizes = VqganConfig.read(config);
        return new PublicWeights<>(config, () -> new Vqgan(sizes, Seed.of(0)), Vqgan::ownNames);
    }

    /// Of a whole model that has a tokenizer the tokenizer alone.
    private static Map<String, Tensor> ownNames(Map<String, Tensor> state) {
        boolean inside = state.keySet().stream().anyMatch(name -> name.contains(INSIDE));
        var own = new LinkedHashMap<String, Tensor>();
        state.forEach((name, tensor) -> {
            int at = name.indexOf(INSIDE);
            var inner = at < 0 ? name : name.substring(at + INSIDE.length());
            boolean used = at >= 0 || !inside;
            if (used && !inner.equals("quantize.codebook_used")) own.put(inner, tensor);
        });
        return own;
    }

    /// What it is made of.
    public VqganConfig config() {
        return config;
    }

    /// Before the quantiser.
    ///
    /// @param encoded `(B, latents, h, w)`
    /// @param latents `(B, width, h, w)`
    public record Encoded(Tensor encoded, Tensor latents) {}

    /// @param images `(B, 3, H, W)` in [-1, 1]; sides are multiples of two to the levels less one
    public Encoded encode(Tensor images) {
        long fold = 1L << (config.levels().size() - 1);
        if (images.rank() != 4 || images.size(2) % fold != 0 || images.size(3) % fold != 0) {
            throw new IllegalArgumentException(
                    "vqgan: pictures of shape %s; sides must be multiples of %d, resize them"
                            .formatted(java.util.Arrays.toString(images.shape()), fold));
        }
        var encoded = encoder.forward(images);
        return new Encoded(encoded, before.forward(encoded));
    }

    /// What the quantiser makes of latents.
    ///
    /// @param indices I64 `(B, h * w)`, rows first
    /// @param quantized `(B, width, h, w)`; gradients pass straight to the latents
    /// @param loss of codes that follow latents and latents that follow codes
    public record Codes(Tensor indices, Tensor quantized, Tensor loss) {}

    /// @param latents of [#encode]
    public Codes quantize(Tensor latents) {
        long batch = latents.size(0), height = latents.size(2), width = latents.size(3);
        var rows = latents.permute(0, 2, 3, 1).reshape(batch * height * width, config.width());
        var codes = codebook.weight();
        var distance =
                rows.square()
                        .sum(1, true)
                        .add(codes.square().sum(1, false))
                        .sub(rows.matmul(codes.transpose(0, 1)).mul(2));
        var indices = distance.detach().argmin(1, false);
        var chosen =
                codebook.forward(indices)
                        .view(batch, height, width, config.width())
                        .permute(0, 3, 1, 2);
        var loss =
                chosen.detach()
                        .sub(latents)
                        .square()
                        .mean()
                        .add(chosen.sub(latents.detach()).square().mean().mul(COMMITMENT));
        var through = latents.add(chosen.sub(latents).detach());
        return new Codes(indices.view(batch, height * width), through, loss);
    }

    /// Pictures `(B, 3, H, W)` of quantised latents.
    public Tensor decode(Tensor quantized) {
        return decoder.orElseThrow(() ->
                        new IllegalStateException(
                                "vqgan: this tokenizer was published without a decoder"))
                .forward(after.forward(quantized));
    }

    /// Pictures of codes.
    ///
    /// @param indices `(B, h * w)`, rows first
    /// @param height rows h of codes
    public Tensor decodeCodes(Tensor indices, long height) {
        long batch = indices.size(0), width = indices.size(1) / height;
        if (height * width != indices.size(1)) {
            throw new IllegalArgumentException(
                    "vqgan: %d codes do not fill %d rows".formatted(indices.size(1), height));
        }
        var unit = Functional.normalize(codebook.forward(indices), -1);
        return decode(unit.view(batch, height, width, config.width()).permute(0, 3, 1, 2));
    }
}
