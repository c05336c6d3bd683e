package dev.orrery.vlm.janus;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.lm.Backbone;
import dev.orrery.lm.ComparedModel;
import dev.orrery.lm.ComparedPass;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.Trace;
import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.DecoderPass;
import dev.orrery.lm.decoder.Greedy;
import dev.orrery.lm.decoder.Sampler;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Fixtures of Janus: a text with pictures in it, a picture that is written with a teacher, both
/// with gradients, greedy decoding, and pictures that are written with guidance.
///
/// Guided pictures are expected as `image_ids@G`, G being the guidance, and `decoded@G`. Their
/// prompts begin with the text's first token and end with the one that begins a picture; padding is
/// 0.
public final class JanusFixture implements Backbone {

    private static final String ARCHITECTURE = "JanusForConditionalGeneration";
    private static final String GUIDED = "image_ids@", PICTURE = "decoded@";

    @Override
    public String name() {
        return "Janus (%s)".formatted(ARCHITECTURE);
    }

    @Override
    public boolean isOf(Fixture fixture) {
        return fixture.modelClass().equals(ARCHITECTURE);
    }

    @Override
    public Map<String, Tensor> run(Fixture fixture) {
        var pass = open(fixture);
        var found = pass.results().get();
        Tensor text = found.get("loss"), picture = found.get("image_loss");
        if (text == null || picture == null || text == picture) {
            pass.differentiate(found);
            return found;
        }
        // gradients are of both losses, the loss that is expected is that of the text alone
        var gradients = new LinkedHashMap<String, Tensor>();
        pass.compared().differentiate(text.add(picture), gradients);
        gradients.forEach(found::putIfAbsent);
        return found;
    }

    @Override
    public ComparedPass open(Fixture fixture) {
        return ComparedModel.open(Janus.weights(PublicConfig.read(fixture.config())), fixture)
                .passing("logits", model -> pass(model, fixture));
    }

    private static Map<String, Tensor> pass(Janus model, Fixture fixture) {
        var in = fixture.inputs();
        var found = new LinkedHashMap<String, Tensor>();
        if (in.containsKey("input_ids")) read(model, fixture, in, found);
        if (in.containsKey("tokens")) {
            var written = write(model, in, found);
            found.putIfAbsent("loss", written);
        }
        var prompts = in.get("prompt_ids");
        if (prompts != null) guided(model, fixture, prompts, found);
        return found;
    }

    private static void read(
            Janus model, Fixture fixture, Map<String, Tensor> in, Map<String, Tensor> found) {
        var ids = in.get("input_ids");
        var images = in.get("pixel_values");
        var mask = in.getOrDefault("attention_mask", Tensor.ones(DType.I64, ids.shape()));
        Tensor embedded;
        if (images == null) {
            embedded = model.embed(ids);
        } else {
            var pictures = model.look(images);
            found.put("image_features", pictures);
            embedded = model.embed(ids, pictures);
        }
        var start = new Greedy.Start(embedded, mask, 0);
        var trace = Trace.recording();
        var pass = DecoderPass.whole(ids.size(1)).at(start.positions()).padded(mask).shown(trace);
        var logits = model.language().logits(model.forward(embedded, pass));
        found.putAll(trace.found());
        found.put("logits", logits);
        var greedy = fixture.expected().get("greedy_ids");
        if (greedy != null) {
            int steps = (int) greedy.size(1);
            found.put("greedy_ids", Greedy.of(model.language(), start, steps).ids());
        }
        if (in.containsKey("labels")) {
            found.put("loss", CausalLm.loss(logits, in.get("labels")));
        }
    }

    /// A picture behind the first prompt, every code given.
    private static Tensor write(Janus model, Map<String, Tensor> in, Map<String, Tensor> found) {
        var tokens = in.get("tokens");
        long pictures = tokens.size(0), length = tokens.size(1);
        var prompt = in.get("prompt_ids").narrow(0, 0, 1);
        long before = prompt.size(1);
        var words = model.embed(prompt.expand(pictures, before));
        var embedded = Tensor.cat(List.of(words, model.embedCodes(tokens)), 1);
        var hidden = model.forward(embedded, DecoderPass.whole(before + length));
        var logits = model.codeLogits(hidden.narrow(1, before - 1, length));
        found.put("image_logits", logits);
        var loss = Functional.crossEntropy(logits.flatten(0, 1), tokens.flatten(0, 1));
        found.put("image_loss", loss);
        return loss;
    }

    private static void guided(
            Janus model, Fixture fixture, Tensor prompts, Map<String, Tensor> found) {
        var mask =
                fixture.inputs()
                        .getOrDefault("prompt_mask", Tensor.ones(DType.I64, prompts.shape()));
        var first = prompts.select(0, 0).toLongs();
        var kept = Set.of(first[0], first[first.length - 1]);
        var prompt = new PictureWriter.Prompt(prompts, mask, kept, 0);
        fixture.expected()
                .forEach((name, codes) -> {
                    if (!name.startsWith(GUIDED)) return;
                    double guidance = Double.parseDouble(name.substring(GUIDED.length()));
                    var writer = new PictureWriter(model, guidance, Sampler.greedy());
                    var written = writer.write(prompt, (int) codes.size(1), Seed.of(0));
                    found.put(name, written);
                    var picture = name.replace(GUIDED, PICTURE);
                    if (fixture.expected().containsKey(picture))
                        found.put(picture, model.picture(written));
                });
    }
}
