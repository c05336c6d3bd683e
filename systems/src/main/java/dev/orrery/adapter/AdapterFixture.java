package dev.orrery.adapter;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.lm.ComparedModel;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.DecoderFamily;
import dev.orrery.lm.decoder.DecoderPass;
import dev.orrery.nn.Conv1d;
import dev.orrery.nn.Conv2d;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Window;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Fixtures of adapters on two linear layers, or on a decoder-only language model.
public final class AdapterFixture implements FixtureModel {

    private static final String DELTA = "delta_weight.";

    private static final String PAIR = "fc2(relu(fc1(x)))",
            MIXED = "tail(relu(head(mean(relu(along(words(ids)))) + mean(relu(eye(image))))))";

    /// The two layers with a rectifier between them.
    private static final class Pair extends Module {
        private final Linear first, second;

        Pair(PublicConfig c) {
            boolean biased = c.flag("bias", true);
            int in = c.integer("in"), hidden = c.integer("hidden"), out = c.integer("out");
            first = child("fc1", Linear.of(in, hidden, biased, Seed.of(0).split("fc1")));
            second = child("fc2", Linear.of(hidden, out, biased, Seed.of(0).split("fc2")));
        }

        Tensor forward(Tensor x) {
            return second.forward(Functional.relu(first.forward(x)));
        }
    }

    /// A text and a picture, seen by layers of every kind that can be adapted.
    private static final class Mixed extends Module {
        private final Embedding words;
        private final Conv1d along;
        private final Conv2d eye;
        private final Linear head, tail;

        Mixed() {
            var seed = Seed.of(0);
            words = child("words", new Embedding(11, 6, seed.split("words")));
            along = child("along", new Conv1d(6, 8, Window.same(3), seed.split("along")));
            eye = child("eye", new Conv2d(3, 8, Window.of(3).withStride(2), seed.split("eye")));
            head = child("head", new Linear(8, 5, seed.split("head")));
            tail = child("tail", new Linear(5, 3, seed.split("tail")));
        }

        Tensor forward(Tensor ids, Tensor image) {
            var text = Functional.relu(along.forward(words.forward(ids).transpose(1, 2)));
            var seen = Functional.relu(eye.forward(image)).flatten(2, 3);
            var both = text.mean(2, false).add(seen.mean(2, false));
            return tail.forward(Functional.relu(head.forward(both)));
        }
    }

    @Override
    public String name() {
        return "adapters (LoRA, rsLoRA, DoRA, DeLoRA, OFT)";
    }

    @Override
    public boolean runs(Fixture fixture) {
        if (!fixture.kind().equals("adapter") || !Files.isRegularFile(fixture.config()))
            return false;
        var config = PublicConfig.read(fixture.config());
        var form = config.text("form", "");
        return form.equals(PAIR)
                || form.equals(MIXED)
                || DecoderFamily.knows(config.text("model_type", ""));
    }

    @Override
    public Map<String, Tensor> run(Fixture fixture) {
        var config = PublicConfig.read(fixture.config());
        var inputs = fixture.inputs();
        if (config.text("form", "").equals(MIXED)) {
            var mixed = Module.unset(Mixed::new);
            mixed.load(fixture.weightsFile());
            return run(
                    fixture,
                    mixed,
                    "y",
                    () -> mixed.forward(inputs.get("ids"), inputs.get("image")),
                    y -> Functional.mseLoss(y, inputs.get("target")));
        }
        if (!config.text("form", "").isEmpty()) {
            var pair = Module.unset(() -> new Pair(config));
            pair.load(fixture.weightsFile());
            var x = inputs.get("x");
            return run(
                    fixture,
                    pair,
                    "y",
                    () -> pair.forward(x),
                    y -> Functional.mseLoss(y, inputs.get("target")));
        }
        var lm = ComparedModel.open(CausalLm.weights(config), fixture).model();
        var ids = inputs.get("input_ids");
        return run(
                fixture,
                lm,
                "logits",
                () -> lm.forward(ids, DecoderPass.whole(ids.size(1))),
                logits -> CausalLm.loss(logits, inputs.get("labels")));
    }

    private interface Loss {
        Tensor of(Tensor output);
    }

    private static Map<String, Tensor> run(
            Fixture fixture, Module model, String output, Supplier<Tensor> forward, Loss loss) {
        var found = new LinkedHashMap<String, Tensor>();
        try (var _ = Grad.disabled()) {
            found.put(output + "_base", forward.get());
        }
        var adapter =
                Adapter.open(
                        model,
                        PeftFiles.read(fixture.folder().resolve(PeftFiles.CONFIG)),
                        fixture.adapterFile().orElse(fixture.folder().resolve(PeftFiles.WEIGHTS)));
        var changed = forward.get();
        found.put(output, changed);
        var scalar = loss.of(changed);
        found.put("loss", scalar);
        scalar.backward();
        adapter.namedParameters()
                .forEach((name, p) -> found.put("grad." + inMemory(name, adapter), p.grad()));
        try (var _ = Grad.disabled()) {
            var expected = fixture.expected().keySet();
            if (expected.contains("merged_output")) {
                merge(adapter, found);
                found.put("merged_output", forward.get());
            } else {
                adapter.paths().stream()
                        .filter(path -> expected.contains(DELTA + path))
                        .forEach(path -> found.put(DELTA + path, adapter.delta(path)));
            }
            adapter.detach();
        }
        return found;
    }

    /// Merges, and tells by how much each weight changed: one that two layers share changes twice.
    private static void merge(Adapter adapter, Map<String, Tensor> found) {
        var before = new LinkedHashMap<String, Tensor>();
        adapter.layers().forEach((path, layer) -> before.put(path, layer.storedWeight().copy()));
        adapter.merge();
        adapter.layers()
                .forEach((path, layer) ->
                        found.put(DELTA + path, layer.storedWeight().sub(before.get(path))));
    }

    /// PEFT's name while a model is in memory, which has the adapter's name in it.
    private static String inMemory(String name, Adapter adapter) {
        for (var path : adapter.savedPaths()) {
            var whole = "base_model.model." + path;
            if (name.startsWith(whole + ".")) {
                return whole + ".modules_to_save.default" + name.substring(whole.length());
            }
        }
        for (var bias : adapter.saved().biases().keySet()) {
            if (name.equals("base_model.model." + bias)) return name;
        }
        if (name.endsWith("lora_magnitude_vector")) return name + ".default.weight";
        for (var own : List.of(".weight", ".bias")) {
            if (name.endsWith(own)) {
                return name.substring(0, name.length() - own.length()) + ".default" + own;
            }
        }
        return name + ".default";
    }
}
