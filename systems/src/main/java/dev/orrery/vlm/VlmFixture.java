package dev.orrery.vlm;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.lm.Backbone;
import dev.orrery.lm.ComparedModel;
import dev.orrery.lm.ComparedPass;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.Trace;
import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.DecoderFamily;
import dev.orrery.lm.decoder.Greedy;
import dev.orrery.nn.Activation;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.vit.TimmVit;
import dev.orrery.vision.vit.VitConfig;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Fixtures of vision-language models: PaliGemma, and the two-tower model of OpenVLA.
public final class VlmFixture implements Backbone {

    private static final String PALIGEMMA = "PaliGemmaForConditionalGeneration";
    private static final int REGISTERS = 4;

    @Override
    public String name() {
        return "vision-language models (PaliGemmaForConditionalGeneration, openvla)";
    }

    @Override
    public boolean isOf(Fixture fixture) {
        return fixture.modelClass().equals(PALIGEMMA)
                || Files.isRegularFile(fixture.config())
                        && PublicConfig.read(fixture.config())
                                .text("model_type", "")
                                .equals("openvla");
    }

    @Override
    public ComparedPass open(Fixture fixture) {
        var config = PublicConfig.read(fixture.config());
        if (fixture.modelClass().equals(PALIGEMMA)) {
            // the library leaves Gemma 2's cap out there, which the model itself has
            return ComparedModel.open(PaliGemma.uncapped(config), fixture)
                    .passing("logits", model -> paligemma(model, fixture, config));
        }
        var text = config.part("text_config");
        var towers = List.of(tower(config, 0), tower(config, 1));
        var size = Prismatic.Size.of(towers, DecoderFamily.read(text));
        return ComparedModel.open(Prismatic.weights(size, config), fixture)
                .passing("logits", model -> openvla(model, fixture, config));
    }

    private static Map<String, Tensor> paligemma(
            PaliGemma model, Fixture fixture, PublicConfig config) {
        var in = fixture.inputs();
        var pictures = model.look(in.get("pixel_values"));
        var ids = in.get("input_ids");
        var all = Tensor.ones(DType.I64, ids.shape());
        var mask = in.getOrDefault("attention_mask", all);
        var types = in.getOrDefault("token_type_ids", Tensor.zeros(DType.I64, ids.shape()));
        long mark = config.integer("image_token_index", config.integer("image_token_id", 256_000));
        var trace = Trace.recording();
        var embedded = model.embed(pictures, ids, mark);
        var logits = model.forward(embedded, types.eq(0), mask, trace);
        var found = new LinkedHashMap<>(trace.found());
        found.put("image_features", pictures);
        found.put("logits", logits);
        if (in.containsKey("labels")) {
            found.put("loss", CausalLm.loss(logits, in.get("labels")));
        }
        var wanted = fixture.expected().get("greedy_ids");
        if (wanted != null && in.containsKey("prompt_ids")) {
            var prompt = in.get("prompt_ids");
            var start = model.embed(pictures, prompt, mark);
            found.put("greedy_ids", greedy(model.language(), start, prompt.size(1), wanted));
        }
        return found;
    }

    private static Tensor greedy(CausalLm lm, Tensor start, long prefix, Tensor wanted) {
        var all = Tensor.ones(DType.I64, start.size(0), start.size(1));
        return Greedy.of(lm, start, all, prefix, (int) wanted.size(1)).ids();
    }

    private static Map<String, Tensor> openvla(Prismatic model, Fixture fixture, PublicConfig c) {
        var in = fixture.inputs();
        var ids = in.get("input_ids");
        var patches = model.look(in.get("pixel_values"));
        var projected = model.project(patches);
        var logits = model.forward(model.embed(projected, ids));
        var found = new LinkedHashMap<String, Tensor>();
        found.put("vision_features", patches);
        found.put("projected", projected);
        found.put("logits", logits);
        if (in.containsKey("labels")) {
            var labels = in.get("labels");
            var none = Tensor.full(-100, DType.I64, labels.size(0), projected.size(1));
            var all =
                    Tensor.cat(
                            List.of(
                                    labels.narrow(1, 0, 1),
                                    none,
                                    labels.narrow(1, 1, labels.size(1) - 1)),
                            1);
            found.put("loss", CausalLm.loss(logits, all));
        }
        var wanted = fixture.expected().get("greedy_action_ids");
        if (wanted != null) {
            long prompt = ids.size(1) - c.integer("n_action_tokens", 7);
            var start = model.embed(projected, ids.narrow(1, 0, prompt));
            found.put("greedy_action_ids", greedy(model.language(), start, 0, wanted));
        }
        return found;
    }

    /// One tower: DINOv2 first, SigLIP second. Both have the exact GELU, as the library version
    /// that OpenVLA was trained with had; SigLIP's own is the tanh formula.
    private static TimmVit.Config tower(PublicConfig c, int i) {
        int width = number(c, "dims", i), image = number(c, "image_sizes", i);
        var layers =
                new VitConfig(
                        width,
                        c.integer("depth"),
                        number(c, "heads", i),
                        (int) (width * c.numbers("mlp_ratios").get(i)),
                        Activation.GELU,
                        1e-6);
        int patch = c.integer("patch_size");
        return i == 0
                ? TimmVit.Config.dino(
                        layers, image, patch, c.integer("reg_tokens", REGISTERS), "scale_factor")
                : TimmVit.Config.siglip(layers, image, patch);
    }

    private static int number(PublicConfig c, String key, int i) {
        var all = c.numbers(key);
        if (all.size() != 2) throw c.wrong(key, "names %d towers, not 2".formatted(all.size()));
        return all.get(i).intValue();
    }
}
