package dev.orrery.vision.vit;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.lm.ComparedModel;
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
public final class VisionFixture implements FixtureModel {

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
    public boolean runs(Fixture fixture) {
        return fixture.kind().equals("model")
                && (DUAL.contains(fixture.modelClass())
                        || HALVES.containsKey(fixture.modelClass())
                        || DINO.contains(fixture.modelClass())
                        || isTimm(fixture));
    }

    private static boolean isTimm(Fixture fixture) {
        if (!fixture.reference().contains("VisionTransformer")
                || !Files.isRegularFile(fixture.config())) return false;
        var kind = PublicConfig.read(fixture.config()).text("kind", "");
        return kind.equals("dino") || kind.equals("siglip");
    }

    @Override
    public Map<String, Tensor> run(Fixture fixture) {
        var config = PublicConfig.read(fixture.config());
        if (DUAL.contains(fixture.modelClass())) return dual(fixture, config);
        var half = HALVES.get(fixture.modelClass());
        if (half != null) {
            return half.pictures() ? pictures(fixture, config, half) : words(fixture, config, half);
        }
        return DINO.contains(fixture.modelClass()) ? dino(fixture, config) : timm(fixture, config);
    }

    private static Map<String, Tensor> dual(Fixture fixture, PublicConfig config) {
        var compared = ComparedModel.open(DualEncoder.weights(config), fixture);
        var model = compared.model();
        var in = fixture.inputs();
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
        return differentiated(compared, model.loss(fit), found);
    }

    private static VisionTower.Cut cut(Map<String, Tensor> in) {
        var patches = in.get("pixel_values");
        var all = Tensor.ones(DType.I64, patches.size(0), patches.size(1));
        var there = in.getOrDefault("pixel_attention_mask", all);
        return new VisionTower.Cut(patches, there, in.get("spatial_shapes"));
    }

    private static Map<String, Tensor> pictures(Fixture fixture, PublicConfig config, Half half) {
        var compared =
                ComparedModel.open(
                        HalfEncoder.pictures(config, half.kind(), half.projected()), fixture);
        var model = compared.model();
        var trace = Trace.recording();
        var seen = model.tower().forward(fixture.inputs().get("pixel_values"), trace);
        var found = new LinkedHashMap<>(trace.found());
        found.put("last_hidden_state", seen.tokens());
        found.put("pooler_output", seen.pooled());
        model.project(seen.pooled()).ifPresent(p -> found.put("image_embeds", p));
        return differentiated(compared, Reference.ramp(seen.tokens()), found);
    }

    private static Map<String, Tensor> words(Fixture fixture, PublicConfig config, Half half) {
        var compared =
                ComparedModel.open(
                        HalfEncoder.words(config, half.kind(), half.projected()), fixture);
        var model = compared.model();
        var ids = fixture.inputs().get("input_ids");
        var all = Tensor.ones(DType.I64, ids.shape());
        var mask = fixture.inputs().getOrDefault("attention_mask", all);
        var trace = Trace.recording();
        var read = model.tower().forward(ids, mask, trace);
        var found = new LinkedHashMap<>(trace.found());
        found.put("last_hidden_state", read.tokens());
        found.put("pooler_output", read.pooled());
        model.project(read.pooled()).ifPresent(p -> found.put("text_embeds", p));
        return differentiated(compared, Reference.ramp(read.tokens()), found);
    }

    private static Map<String, Tensor> dino(Fixture fixture, PublicConfig config) {
        var compared = ComparedModel.open(Dinov2.weights(config), fixture);
        var model = compared.model();
        var in = fixture.inputs();
        var trace = Trace.recording();
        var last = model.forward(in.get("pixel_values"), trace);
        var found = new LinkedHashMap<>(trace.found());
        found.put("last_hidden_state", last);
        found.put("pooler_output", last.select(1, 0));
        if (in.containsKey("pixel_values_large")) {
            try (var _ = Grad.disabled()) {
                var large = model.embed(in.get("pixel_values_large"));
                found.put("large.embeddings", large);
                found.put("large.last_hidden_state", model.encode(large, Trace.silent()));
            }
        }
        return differentiated(compared, Reference.ramp(last), found);
    }

    private static Map<String, Tensor> timm(Fixture fixture, PublicConfig c) {
        var sizes = TimmSizes.read(c, fixture.weightsFile());
        var compared =
                ComparedModel.open(
                        new PublicWeights<>(
                                c,
                                () -> new TimmVit(sizes, Seed.of(0)),
                                PublicConfig.without(name -> name.startsWith("head."))),
                        fixture);
        var model = compared.model();
        var seen = model.forward(fixture.inputs().get("pixel_values"));
        var pooled = model.pooled(seen);
        var found = new LinkedHashMap<String, Tensor>();
        found.put("forward_features", seen.tokens());
        found.put("penultimate_patch_tokens", seen.penultimate());
        found.put("pooled", pooled);
        var loss = Reference.ramp(seen.penultimate()).add(pooled.square().mean());
        return differentiated(compared, loss, found);
    }

    private static Map<String, Tensor> differentiated(
            ComparedModel<?> compared, Tensor loss, Map<String, Tensor> found) {
        compared.differentiate(loss, found);
        return found;
    }
}
