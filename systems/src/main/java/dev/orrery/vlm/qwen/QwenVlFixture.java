package dev.orrery.vlm.qwen;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.env.Image;
import dev.orrery.lm.Backbone;
import dev.orrery.lm.ComparedModel;
import dev.orrery.lm.ComparedPass;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.Trace;
import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.DecoderPass;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Fixtures of Qwen2.5-VL: positions, pictures' tokens, one teacher-forced pass with its gradients,
/// and greedy decoding. Gradients go by the file's names or by the reference's, which are those of
/// later files.
public final class QwenVlFixture implements Backbone {

    private static final String ARCHITECTURE = "Qwen2_5_VLForConditionalGeneration";
    private static final String PREPARATION = "Qwen2VLImageProcessor";

    @Override
    public String name() {
        return "Qwen2.5-VL (%s)".formatted(ARCHITECTURE);
    }

    @Override
    public boolean isOf(Fixture fixture) {
        return fixture.modelClass().equals(ARCHITECTURE);
    }

    @Override
    public boolean runs(Fixture fixture) {
        return Backbone.super.runs(fixture)
                || fixture.kind().equals("preprocessing")
                        && fixture.modelClass().equals(PREPARATION);
    }

    @Override
    public Map<String, Tensor> run(Fixture fixture) {
        return isOf(fixture) ? Backbone.super.run(fixture) : preparation(fixture);
    }

    private static Map<String, Tensor> preparation(Fixture fixture) {
        var c = PublicConfig.read(fixture.config());
        var patch =
                new QwenVision.Patch(
                        c.integer("in_channels"),
                        c.integer("temporal_patch_size"),
                        c.integer("patch_size"),
                        c.integer("merge_size"),
                        c.integer("patch_size") * c.integer("merge_size"));
        var pictures = new ArrayList<Image>();
        fixture.inputs()
                .forEach((_, t) ->
                        pictures.add(new Image((int) t.size(0), (int) t.size(1), t.toBytes())));
        var limits = new QwenPictures(patch, c.integer("min_pixels"), c.integer("max_pixels"));
        var patches = limits.prepare(pictures);
        var grids = new ArrayList<Tensor>();
        patches.grids()
                .forEach(g ->
                        grids.add(Tensor.of(new long[] {g.frames(), g.rows(), g.columns()}, 3)));
        return Map.of("pixel_values", patches.patches(), "image_grid_thw", Tensor.stack(grids, 0));
    }

    @Override
    public ComparedPass open(Fixture fixture) {
        return ComparedModel.open(QwenVl.weights(PublicConfig.read(fixture.config())), fixture)
                .passing("logits", model -> pass(model, fixture));
    }

    private static Map<String, Tensor> pass(QwenVl model, Fixture fixture) {
        var in = fixture.inputs();
        var ids = in.get("input_ids");
        var mask = in.getOrDefault("attention_mask", Tensor.ones(DType.I64, ids.shape()));
        var embedded = embed(model, ids, mask, in);
        var trace = Trace.recording();
        var pass =
                DecoderPass.whole(ids.size(1)).at(embedded.positions()).padded(mask).shown(trace);
        var logits = model.forward(embedded, pass);
        var found = new LinkedHashMap<>(trace.found());
        found.put("position_ids", embedded.positions());
        found.put("rope_delta", embedded.shift());
        if (embedded.pictures().numel() > 0) found.put("image_features", embedded.pictures());
        found.put("logits", logits);
        if (in.containsKey("labels")) {
            found.put("loss", CausalLm.loss(logits, in.get("labels")));
        }
        var steps = fixture.expected().get("greedy_ids");
        if (steps != null) {
            found.put("greedy_ids", model.greedy(embedded, mask, (int) steps.size(1)).ids());
        }
        return found;
    }

    private static QwenVl.Embedded embed(
            QwenVl model, Tensor ids, Tensor mask, Map<String, Tensor> in) {
        if (in.containsKey("pixel_values_videos")) {
            var seconds = in.get("second_per_grid_ts").to(DType.F64).toDoubles();
            return model.embedFilms(
                    ids, mask, in.get("pixel_values_videos"), grids(in, "video"), seconds);
        }
        if (!in.containsKey("pixel_values")) return model.embed(ids, mask);
        return model.embed(ids, mask, in.get("pixel_values"), grids(in, "image"));
    }

    private static List<PictureGrid> grids(Map<String, Tensor> in, String kind) {
        return PictureGrid.of(in.get(kind + "_grid_thw").toLongs());
    }
}
