package dev.orrery.adapter;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.DecoderFamily;
import dev.orrery.lm.decoder.DecoderPass;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/// Fixtures of adapters on two linear layers, or on a decoder-only language model.
public final class AdapterFixture implements FixtureModel {

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

    @Override
    public String name() {
        return "adapters (LoRA, rsLoRA, DoRA, DeLoRA, OFT)";
    }

    @Override
    public boolean runs(Fixture fixture) {
        if (!fixture.kind().equals("adapter") || !Files.isRegularFile(fixture.config()))
            return false;
        var config = PublicConfig.read(fixture.config());
        return config.text("form", "").equals("fc2(relu(fc1(x)))")
                || DecoderFamily.knows(config.text("model_type", ""));
    }

    @Override
    public Map<String, Tensor> run(Fixture fixture) {
        var config = PublicConfig.read(fixture.config());
        var inputs = fixture.inputs();
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
        var lm = CausalLm.open(config, fixture.weightsFile());
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
                .forEach((name, p) -> found.put("grad." + inMemory(name), p.grad()));
        try (var _ = Grad.disabled()) {
            adapter.paths().forEach(path -> found.put("delta_weight." + path, adapter.delta(path)));
            adapter.merge();
            found.put("merged_output", forward.get());
            adapter.detach();
        }
        return found;
    }

    /// PEFT's name while a model is in memory, which has the adapter's name in it.
    private static String inMemory(String name) {
        if (name.endsWith("lora_magnitude_vector")) return name + ".default.weight";
        return name.endsWith(".weight")
                ? name.substring(0, name.length() - ".weight".length()) + ".default.weight"
                : name + ".default";
    }
}
