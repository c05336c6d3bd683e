package dev.orrery.vision.vit;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.lm.Backbone;
import dev.orrery.lm.ComparedModel;
import dev.orrery.lm.ComparedPass;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicWeights;
import dev.orrery.lm.Reference;
import dev.orrery.lm.Trace;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Fixtures of vision encoders: CLIP, SigLIP, DINOv2, and transformers in timm's layout.
public final class VisionFixture implements Backbone {

    private static final String HIDDEN = "last_hidden_state";
    private static final List<String> DUAL = List.of("CLIPModel", "SiglipModel", "Siglip2Model");
    private static final Map<String, Half> HALVES =
            Map.of(
                    "CLIPVisionModel", new Half(VisionTower.Kind.CLIP, true, false),
                    "CLIPVisionModelWithProjection", new Half(VisionTower.Kind.CLIP, true, true),
                    "CLIPTextModel", new Half(VisionTower.Kind.CLIP, false, false),
                    "CLIPTextModelWithProjection", new Half(VisionTower.Kind.CLIP, false, true),
                    "SiglipVisionModel", new Half(VisionTower.Kind.SIGLIP, true, false),
                    "SiglipTextModel", new Half(VisionTower.Kind.SIGLIP, false, false));
    private static final List<String> DINO = List.of("Dinov2Model", "Dinov2WithRegistersModel");

    /// One half of a dual encoder.
    private record Half(VisionTower.Kind kind, boolean pictures, boolean projected) {}

    @Override
    public String name() {
        return "vision encoders (CLIPModel, SiglipModel and their halves, Siglip2Model, Dinov2Model, Dinov2WithRegistersModel,"
                + " timm VisionTransformer)";
    }

    @Override
    public boolean isOf(Fixture fixture) {
        return DUAL.contains(fixture.modelClass())
                || HALVES.containsKey(fixture.modelClass())
                || DINO.contains(fixture.modelClass())
                || isTimm(fixture);
    }

    private static boolean isTimm(Fixture fixture) {
        if (!fixture.reference().contains("VisionTransformer")
                || !Files.isRegularFile(fixture.config())) return false;
        var kind = PublicConfig.read(fixture.config()).text("kind", "");
        return kind.equals("dino") || kind.equals("siglip");
    }

    @Override
    public ComparedPass open(Fixture fixture) {
        var config = PublicConfig.read(fixture.config());
        var in = fixture.inputs();
        if (DUAL.contains(fixture.modelClass())) {
            return ComparedModel.open(DualEncoder.weights(config), fixture)
                    .passing("logits_per_image", model -> dual(model, in));
        }
        var half = HALVES.get(fixture.modelClass());
        if (half != null) {
            boolean pictures = half.pictures(), projected = half.projected();
            return pictures
                    ? ComparedModel.open(
                                    HalfEncoder.pictures(config, half.kind(), projected), fixture)
                            .passing(HIDDEN, model -> pictures(model, in))
                    : ComparedModel.open(HalfEncoder.words(config, half.kind(), projected), fixture)
                            .passing(HIDDEN, model -> words(model, in));
        }
        return DINO.contains(fixture.modelClass())
                ? ComparedModel.open(Dinov2.weights(config), fixture)
                        .passing(HIDDEN, model -> dino(model, in))
                : ComparedModel.open(timm(config, fixture), fixture)
                        .passing("forward_features", model -> timm(model, in));
    }

    private static Map<String, Tensor> dual(DualEncoder model, Map<String, Tensor> in) {
        var ids = in.get("input_ids");
        var mask = in.getOrDefault("attention_mask", Tensor.ones(DType.I64, ids.shape()));
        Trace visual = Trace.recording(), verbal = Trace.recording();
        var pixels = in.get("pixel_values");
        var out =
                in.containsKey("spatial_shapes")
                        ? model.forward(cut(in), ids, mask, visual, verbal)
                        : model.forward(pixels, ids, mask, visual, verbal);
        var found = new LinkedHashMap<String, Tensor>();
        visual.found().forEach((name, t) -> found.put("vision." + name, t));
        verbal.found().forEach((name, t) -> found.put("text." + name, t));
        var picture = model.picture(out.seen().pooled());
        var words = model.words(out.read().pooled());
        found.put("vision.last_hidden_state", out.seen().tokens());
        found.put("vision.pooler_output", picture);
        found.put("text.last_hidden_state", out.read().tokens());
        found.put("text.pooler_output", words);
        var pictures = Functional.normalize(picture, -1);
        var texts = Functional.normalize(words, -1);
        var fit = model.fit(pictures, texts);
        found.put("image_embeds", pictures);
        found.put("text_embeds", texts);
        found.put("logits_per_image", fit);
        found.put("logits_per_text", fit.transpose(0, 1));
        found.put("loss", model.loss(fit));
        return found;
    }

    private static VisionTower.Cut cut(Map<String, Tensor> in) {
        var patches = in.get("pixel_values");
        var all = Tensor.ones(DType.I64, patches.size(0), patches.size(1));
        var there = in.getOrDefault("pixel_attention_mask", all);
        return new VisionTower.Cut(patches, there, in.get("spatial_shapes"));
    }

    private static Map<String, Tensor> pictures(
            HalfEncoder<VisionTower> model, Map<String, Tensor> in) {
        var trace = Trace.recording();
        var seen = model.tower().forward(in.get("pixel_values"), trace);
        var found = new LinkedHashMap<>(trace.found());
        found.put(HIDDEN, seen.tokens());
        found.put("pooler_output", seen.pooled());
        model.project(seen.pooled()).ifPresent(p -> found.put("image_embeds", p));
        found.put("loss", Reference.ramp(seen.tokens()));
        return found;
    }

    private static Map<String, Tensor> words(HalfEncoder<TextTower> model, Map<String, Tensor> in) {
        var ids = in.get("input_ids");
        var all = Tensor.ones(DType.I64, ids.shape());
        var mask = in.getOrDefault("attention_mask", all);
        var trace = Trace.recording();
        var read = model.tower().forward(ids, mask, trace);
        var found = new LinkedHashMap<>(trace.found());
        found.put(HIDDEN, read.tokens());
        found.put("pooler_output", read.pooled());
        model.project(read.pooled()).ifPresent(p -> found.put("text_embeds", p));
        found.put("loss", Reference.ramp(read.tokens()));
        return found;
    }

    private static Map<String, Tensor> dino(Dinov2 model, Map<String, Tensor> in) {
        var trace = Trace.recording();
        var last = model.forward(in.get("pixel_values"), trace);
        var found = new LinkedHashMap<>(trace.found());
        found.put(HIDDEN, last);
        found.put("pooler_output", last.select(1, 0));
        if (in.containsKey("pixel_values_large")) {
            try (var _ = Grad.disabled()) {
                var large = model.embed(in.get("pixel_values_large"));
                found.put("large.embeddings", large);
                found.put("large.last_hidden_state", model.encode(large, Trace.silent()));
            }
        }
        found.put("loss", Reference.ramp(last));
        return found;
    }

    private static PublicWeights<TimmVit> timm(PublicConfig c, Fixture fixture) {
        var sizes = TimmSizes.read(c, fixture.weightsFile());
        return new PublicWeights<>(
                c,
                () -> new TimmVit(sizes, Seed.of(0)),
                PublicConfig.without(name -> name.startsWith("head.")));
    }

    private static Map<String, Tensor> timm(TimmVit model, Map<String, Tensor> in) {
        var seen = model.forward(in.get("pixel_values"));
        var pooled = model.pooled(seen);
        var found = new LinkedHashMap<String, Tensor>();
        found.put("forward_features", seen.tokens());
        found.put("penultimate_patch_tokens", seen.penultimate());
        found.put("pooled", pooled);
        found.put("loss", Reference.ramp(seen.penultimate()).add(pooled.square().mean()));
        return found;
    }
}
