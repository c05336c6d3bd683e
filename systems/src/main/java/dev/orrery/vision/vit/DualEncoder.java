package dev.orrery.vision.vit;

import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicWeights;
import dev.orrery.lm.Trace;
import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Path;
import java.util.Optional;

/// CLIP or SigLIP: pictures and texts as unit vectors whose products say how well they fit.
///
/// Names: `vision_model`, `text_model`, `logit_scale`, and CLIP's `visual_projection`,
/// `text_projection` or SigLIP's `logit_bias`. Source: arXiv:2103.00020, 2303.15343.
public final class DualEncoder extends Module {

    private final VisionTower.Kind kind;
    private final VisionTower vision;
    private final TextTower text;
    private final Optional<Linear> visualProjection, textProjection;
    private final Tensor scale;
    private final Optional<Tensor> bias;

    /// @param projection channels of CLIP's common space
    public DualEncoder(VisionTower.Size seen, TextTower.Size read, int projection, Seed seed) {
        kind = seen.kind();
        boolean clip = kind == VisionTower.Kind.CLIP;
        vision = child("vision_model", new VisionTower(seen, seed.split("vision")));
        text = child("text_model", new TextTower(read, seed.split("text")));
        visualProjection = projection("visual_projection", seen.layers(), clip, projection, seed);
        textProjection = projection("text_projection", read.layers(), clip, projection, seed);
        var shape = clip ? new long[0] : new long[] {1};
        scale = parameter("logit_scale", Init.constant(Math.log(clip ? 1 / .07 : 10)), seed, shape);
        bias =
                clip
                        ? Optional.empty()
                        : Optional.of(parameter("logit_bias", Init.constant(-10), seed, shape));
    }

    private Optional<Linear> projection(
            String name, VitConfig from, boolean clip, int to, Seed seed) {
        return clip
                ? Optional.of(child(name, Linear.withoutBias(from.width(), to, seed.split(name))))
                : Optional.empty();
    }

    /// Opens published weights, a file or a folder.
    ///
    /// @throws dev.orrery.checkpoint.CheckpointException naming what is missing, unexpected or
    ///   misshapen
    public static DualEncoder open(PublicConfig config, Path weights) {
        return weights(config).open(weights);
    }

    /// How published weights of a configuration are read and written.
    public static PublicWeights<DualEncoder> weights(PublicConfig config) {
        var type = config.text("model_type", "");
        var kind =
                switch (type) {
                    case "clip" -> VisionTower.Kind.CLIP;
                    case "siglip", "siglip2" -> VisionTower.Kind.SIGLIP;
                    default ->
                            throw config.wrong(
                                    "model_type",
                                    "is '%s'; known: clip, siglip, siglip2".formatted(type));
                };
        var pictures = config.part("vision_config");
        var seen =
                type.equals("siglip2")
                        ? VisionTower.Size.readCut(pictures)
                        : VisionTower.Size.read(pictures, kind);
        var read = TextTower.Size.read(config.part("text_config"), kind);
        int projection = config.integer("projection_dim", 512);
        return new PublicWeights<>(
                config,
                () -> new DualEncoder(seen, read, projection, Seed.of(0)),
                PublicConfig.without(name -> name.endsWith(".embeddings.position_ids")));
    }

    /// The picture half.
    public VisionTower vision() {
        return vision;
    }

    /// The word half.
    public TextTower text() {
        return text;
    }

    /// Pictures in the common space, not yet of unit length: `(B, D)`.
    public Tensor picture(Tensor pooled) {
        return visualProjection.map(p -> p.forward(pooled)).orElse(pooled);
    }

    /// Texts in the common space, not yet of unit length: `(B, D)`.
    public Tensor words(Tensor pooled) {
        return textProjection.map(p -> p.forward(pooled)).orElse(pooled);
    }

    /// How well each picture fits each text.
    ///
    /// @param pictures unit vectors `(B, D)`
    /// @param texts unit vectors `(C, D)`
    /// @return `(B, C)`: softmax scores of CLIP, sigmoid scores of SigLIP
    public Tensor fit(Tensor pictures, Tensor texts) {
        var scores = pictures.matmul(texts.transpose(0, 1)).mul(scale.exp());
        return bias.map(b -> scores.add(b)).orElse(scores);
    }

    /// Its training loss for pairs in the same order.
    ///
    /// @param fit `(B, B)`
    public Tensor loss(Tensor fit) {
        long batch = fit.size(0);
        if (kind == VisionTower.Kind.CLIP) {
            var own = Tensor.arange(batch);
            return Functional.crossEntropy(fit, own)
                    .add(Functional.crossEntropy(fit.transpose(0, 1), own))
                    .mul(0.5);
        }
        return sigmoidLoss(fit);
    }

    /// SigLIP's loss: each pair of a picture and a text is judged by itself.
    ///
    /// @param fit `(B, B)`, own pairs on the diagonal
    public static Tensor sigmoidLoss(Tensor fit) {
        var signs = Tensor.eye(fit.size(0)).mul(2).sub(1);
        return Functional.softplus(fit.mul(signs).neg()).sum(0, false).mean();
    }

    /// Both halves of one batch, by the names of reference outputs.
    public record Outputs(VisionTower.Seen seen, TextTower.Read read) {}

    /// Runs both halves of SigLIP 2 on pictures of any aspect.
    public Outputs forward(
            VisionTower.Cut pictures, Tensor ids, Tensor mask, Trace visual, Trace verbal) {
        return new Outputs(vision.forward(pictures, visual), text.forward(ids, mask, verbal));
    }

    /// Runs both halves.
    public Outputs forward(Tensor images, Tensor ids, Tensor mask, Trace visual, Trace verbal) {
        return new Outputs(vision.forward(images, visual), text.forward(ids, mask, verbal));
    }
}
