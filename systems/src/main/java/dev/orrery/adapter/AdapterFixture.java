package dev.orrery.adapter;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.checkpoint.Weights;
import dev.orrery.lm.Backbone;
import dev.orrery.lm.ComparedModel;
import dev.orrery.lm.ComparedPass;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicWeights;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// Fixtures of adapters on small models of a few layers, or on any backbone whose own fixtures are
/// run.
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

    /// The small models.
    private static final class Small implements Backbone {

        @Override
        public String name() {
            return "two linear layers, and layers of every kind";
        }

        @Override
        public boolean isOf(Fixture fixture) {
            return Files.isRegularFile(fixture.config())
                    && List.of(PAIR, MIXED).contains(form(PublicConfig.read(fixture.config())));
        }

        private static String form(PublicConfig config) {
            return config.text("form", "");
        }

        @Override
        public ComparedPass open(Fixture fixture) {
            var config = PublicConfig.read(fixture.config());
            var in = fixture.inputs();
            return form(config).equals(MIXED)
                    ? open(fixture, config, Mixed::new)
                            .passing(
                                    "y",
                                    mixed ->
                                            found(
                                                    mixed.forward(in.get("ids"), in.get("image")),
                                                    in))
                    : open(fixture, config, () -> new Pair(config))
                            .passing("y", pair -> found(pair.forward(in.get("x")), in));
        }

        private static <M extends Module> ComparedModel<M> open(
                Fixture fixture, PublicConfig config, Supplier<M> build) {
            return ComparedModel.open(
                    new PublicWeights<>(config, build, UnaryOperator.identity()), fixture);
        }

        private static Map<String, Tensor> found(Tensor y, Map<String, Tensor> in) {
            var found = new LinkedHashMap<String, Tensor>();
            found.put("y", y);
            found.put("loss", Functional.mseLoss(y, in.get("target")));
            return found;
        }
    }

    private final List<Backbone> backbones;

    /// @param backbones the models that can be adapted besides the small ones
    public AdapterFixture(List<Backbone> backbones) {
        this.backbones = Stream.concat(Stream.of(new Small()), backbones.stream()).toList();
    }

    @Override
    public String name() {
        return "adapters (LoRA, rsLoRA, DoRA, DeLoRA, OFT) on backbones";
    }

    @Override
    public boolean runs(Fixture fixture) {
        return fixture.kind().equals("adapter") && backbone(fixture).isPresent();
    }

    private Optional<Backbone> backbone(Fixture fixture) {
        return backbones.stream().filter(b -> b.isOf(fixture)).findFirst();
    }

    /// Results under their names with the adapter, and as `NAME_base` without it; the main one is
    /// `merged_output` when the adapter is merged.
    @Override
    public Map<String, Tensor> run(Fixture fixture) {
        var pass = backbone(fixture).orElseThrow().open(fixture);
        var found = new LinkedHashMap<String, Tensor>();
        try (var _ = Grad.disabled()) {
            pass.results().get().forEach((name, plain) -> found.put(name + "_base", plain));
        }
        var adapter = open(fixture, pass.compared());
        found.putAll(pass.results().get());
        var loss = found.get("loss");
        if (loss != null) loss.backward();
        adapter.namedParameters()
                .forEach((name, p) -> {
                    if (p.hasGrad()) found.put("grad." + inMemory(name, adapter), p.grad());
                });
        try (var _ = Grad.disabled()) {
            var expected = fixture.expected().keySet();
            if (expected.contains("merged_output")) {
                merge(adapter, found);
                found.put("merged_output", pass.results().get().get(pass.output()));
            } else {
                adapter.paths().stream()
                        .filter(path -> expected.contains(DELTA + path))
                        .forEach(path -> found.put(DELTA + path, adapter.delta(path)));
            }
            adapter.detach();
        }
        return found;
    }

    /// Opens the adapter by the names that modules have in its own file, and by those in the file
    /// of the base where it is silent.
    private static Adapter open(Fixture fixture, ComparedModel<?> base) {
        var weights = fixture.adapterFile().orElse(fixture.folder().resolve(PeftFiles.WEIGHTS));
        var named = new ArrayList<String>();
        Weights.read(weights)
                .keySet()
                .forEach(name -> {
                    var path = StoredModel.path(name);
                    named.add(path.isEmpty() ? StoredModel.whole(name) : path + ".weight");
                });
        var paths = base.publicPaths(named);
        return Adapter.open(
                base.model(),
                PeftFiles.read(fixture.folder().resolve(PeftFiles.CONFIG)),
                weights,
                own -> paths.getOrDefault(own, own));
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
