package dev.orrery.system.openvla;

import dev.orrery.env.tabletop.Words;
import dev.orrery.lm.Trace;
import dev.orrery.nn.Activation;
import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.policy.tabletop.SceneLabels;
import dev.orrery.run.Report;
import dev.orrery.system.openvla.OpenVlaConfig.Sight;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.vit.DualEncoder;
import dev.orrery.vision.vit.TextTower;
import dev.orrery.vision.vit.TimmVit;
import dev.orrery.vision.vit.VisionTower;
import dev.orrery.vision.vit.VitConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the vision towers learn before they see an action, in place of the pretraining of SigLIP
/// and DINOv2.
///
/// - The semantic tower learns which caption belongs to which picture, by SigLIP's loss.
/// - The spatial tower learns what lies in each patch, and where in it.
///
/// The heads belong to training only. Both towers have a last block that only their schooling uses.
final class VisionSchool extends Module {

    /// Words of a caption, padding included.
    static final int CAPTION = 20;

    private static final int TEXT_DEPTH = 2, HEADS = 4;
    private static final double THINGS = 4, BIAS = -3;

    private final Optional<Captions> captions;
    private final Optional<Places> places;

    VisionSchool(OpenVlaConfig.Vision vision, Seed seed) {
        captions =
                vision.sight() == Sight.SPATIAL
                        ? Optional.empty()
                        : Optional.of(
                                child(
                                        "captions",
                                        new Captions(vision.semantic(), seed.split("captions"))));
        places =
                vision.sight() == Sight.SEMANTIC
                        ? Optional.empty()
                        : Optional.of(
                                child(
                                        "places",
                                        new Places(vision.spatial(), seed.split("places"))));
    }

    /// Scenes to learn from.
    ///
    /// @param images one tensor a camera `(B, 3 · towers, side, side)`
    /// @param labels what lies where
    /// @param captions word ids `(B, CAPTION)`
    record Batch(List<Tensor> images, SceneLabels labels, Tensor captions) {}

    /// The loss of a batch, and how well the lessons are known.
    record Lesson(Tensor loss, Report report) {}

    Lesson forward(OpenVla model, Batch batch) {
        var towers = model.prismatic().towers();
        var losses = new ArrayList<Tensor>();
        var report = Report.empty();
        if (places.isPresent()) {
            var result = places.get().forward(towers.getFirst(), batch);
            losses.add(result.loss());
            report = report.with("placed", result.known().item());
        }
        if (captions.isPresent()) {
            int index = towers.size() - 1;
            var pictures = batch.images().getFirst().narrow(1, 3L * index, 3);
            var result = captions.get().forward(towers.get(index), pictures, batch.captions());
            losses.add(result.loss());
            report = report.with("captioned", result.known().item());
        }
        var loss = losses.stream().reduce(Tensor::add).orElseThrow();
        return new Lesson(loss, Report.of("school", loss.item()).plus(report));
    }

    private record Result(Tensor loss, Tensor known) {}

    /// Which caption belongs to which picture.
    private static final class Captions extends Module {
        private final TextTower text;
        private final Tensor scale, bias;

        Captions(int width, Seed seed) {
            var layers =
                    new VitConfig(
                            HEADS * (width / HEADS),
                            TEXT_DEPTH,
                            HEADS,
                            2 * width,
                            Activation.GELU_TANH,
                            1e-6);
            text =
                    child(
                            "text_model",
                            new TextTower(
                                    new TextTower.Size(
                                            layers,
                                            Words.size(),
                                            CAPTION,
                                            Words.END,
                                            width,
                                            VisionTower.Kind.SIGLIP),
                                    seed.split("text_model")));
            scale = parameter("logit_scale", Init.constant(Math.log(10)), seed, 1);
            bias = parameter("logit_bias", Init.constant(BIAS), seed, 1);
        }

        Result forward(TimmVit tower, Tensor pictures, Tensor words) {
            var seen = Functional.normalize(tower.pooled(tower.forward(pictures, 0)), -1);
            var read = text.forward(words, words, Trace.silent()).pooled();
            var fit = seen.matmul(Functional.normalize(read, -1).t()).mul(scale.exp()).add(bias);
            var own = Tensor.arange(fit.size(0));
            var found = fit.detach().argmax(1, false).eq(own).to(DType.F32).mean();
            return new Result(DualEncoder.sigmoidLoss(fit), found);
        }
    }

    /// What lies in each patch, and where in it.
    private static final class Places extends Module {
        private final Linear name, offset;

        Places(int width, Seed seed) {
            name =
                    child(
                            "name",
                            new Linear(width, 1 + SceneLabels.NAMES.size(), seed.split("name")));
            offset = child("offset", new Linear(width, 2, seed.split("offset")));
        }

        Result forward(TimmVit tower, Batch batch) {
            var tokens = new ArrayList<Tensor>();
            for (int camera = 0; camera < batch.images().size(); camera++) {
                var own = batch.images().get(camera).narrow(1, 0, 3);
                var all = tower.forward(own, camera).tokens();
                long patches = tower.config().input().tokens(camera);
                tokens.add(all.narrow(1, all.size(1) - patches, patches));
            }
            var x = Tensor.cat(tokens, 1);
            var labels = batch.labels();
            var logits = name.forward(x);
            var there = labels.names().gt(0L).to(DType.F32);
            var total = there.sum().add(1e-6);
            var each =
                    Functional.crossEntropyEach(logits.flatten(0, 1), labels.names().reshape(-1))
                            .reshape(labels.names().shape());
            var naming = each.mul(there.mul(THINGS - 1).add(1.0)).mean();
            var away = offset.forward(x).sub(labels.offsets()).abs().sum(-1, false);
            var placing = away.mul(there).sum().div(total);
            var right = logits.detach().argmax(-1, false).eq(labels.names()).to(DType.F32);
            return new Result(naming.add(placing), right.mul(there).sum().div(total));
        }
    }
}
