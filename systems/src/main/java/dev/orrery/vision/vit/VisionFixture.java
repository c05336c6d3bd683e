package dev.orrery.vision.vit;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.Reference;
import dev.orrery.lm.Trace;
import dev.orrery.nn.Activation;
import dev.orrery.nn.Module;
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

    private static final List<String> DUAL = List.of("CLIPModel", "SiglipModel");
    private static final List<String> DINO = List.of("Dinov2Model", "Dinov2WithRegistersModel");

    @Override
    public String name() {
        return "vision encoders (CLIPModel, SiglipModel, Dinov2Model, Dinov2WithRegistersModel,"
                + " timm VisionTransformer)";
    }

    @Override
    public boolean runs(Fixture fixture) {
        return fixture.kind().equals("model")
                && (DUAL.contains(fixture.modelClass())
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
        return DINO.contains(fixture.modelClass()) ? dino(fixture, config) : timm(fixture, config);
    }

    private static Map<String, Tensor> dual(Fixture fixture, PublicConfig config) {
        var model = DualEncoder.open(config, fixture.weightsFile());
        var in = fixture.inputs();
        var ids = in.get("input_ids");
        var mask = in.getOrDefault("attention_mask", Tensor.ones(DType.I64, ids.shape()));
        Trace visual = Trace.recording(), verbal = Trace.recording();
        var out = model.forward(in.get("pixel_values"), ids, mask, visual, verbal);
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
        return differentiated(model, model.loss(fit), found);
    }

    private static Map<String, Tensor> dino(Fixture fixture, PublicConfig config) {
        var model = Dinov2.open(config, fixture.weightsFile());
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
        return differentiated(model, weighted(last), found);
    }

    private static Map<String, Tensor> timm(Fixture fixture, PublicConfig c) {
        int width = c.integer("embed_dim");
        var layers =
                new VitConfig(
                        width,
                        c.integer("depth"),
                        c.integer("num_heads"),
                        (int) (width * c.number("mlp_ratio", 4)),
                        c.text("act", "gelu").equals("gelu_tanh")
                                ? Activation.GELU_TANH
                                : Activation.named(c.text("act", "gelu")),
                        c.number("layer_norm_eps", 1e-6));
        int image = c.integer("img_size"), patch = c.integer("patch_size");
        var sizes =
                c.flag("class_token", false)
                        ? TimmVit.Config.dino(
                                layers, image, patch, c.integer("reg_tokens", 0), "gamma")
                        : TimmVit.Config.siglip(layers, image, patch);
        var model = Module.unset(() -> new TimmVit(sizes, Seed.of(0)));
        model.load(fixture.weightsFile());
        var seen = model.forward(fixture.inputs().get("pixel_values"));
        var pooled = model.pooled(seen);
        var found = new LinkedHashMap<String, Tensor>();
        found.put("forward_features", seen.tokens());
        found.put("penultimate_patch_tokens", seen.penultimate());
        found.put("pooled", pooled);
        var loss = weighted(seen.penultimate()).add(pooled.square().mean());
        return differentiated(model, loss, found);
    }

    /// Squares weighted along the channels from -1 to 1: a scalar that fixtures differentiate.
    private static Tensor weighted(Tensor x) {
        return x.square().mul(Tensor.linspace(-1, 1, x.size(2)).to(DType.F32)).mean();
    }

    private static Map<String, Tensor> differentiated(
            Module model, Tensor loss, Map<String, Tensor> found) {
        Reference.differentiate(model, loss, found);
        return found;
    }
}
