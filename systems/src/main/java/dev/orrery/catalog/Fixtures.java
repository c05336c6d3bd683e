package dev.orrery.catalog;

import dev.orrery.adapter.AdapterFixture;
import dev.orrery.audio.SpeechFixture;
import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.flow.dit.SitFixture;
import dev.orrery.lm.Backbone;
import dev.orrery.lm.decoder.CausalLmFixture;
import dev.orrery.lm.encoder.EncoderFixture;
import dev.orrery.policy.PictureFixture;
import dev.orrery.quantize.QuantizerFixture;
import dev.orrery.run.ConfigBinder;
import dev.orrery.system.pi0.Pi0FastFixture;
import dev.orrery.system.pi0.Pi0Fixture;
import dev.orrery.system.pi0.Pi0Weights;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.vit.VisionFixture;
import dev.orrery.vision.vqgan.VqganFixture;
import dev.orrery.vlm.VlmFixture;
import dev.orrery.vlm.janus.JanusFixture;
import dev.orrery.vlm.qwen.QwenVlFixture;
import dev.orrery.worldmodel.WorldModelFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The models whose arithmetic can be proved against fixtures of reference values; see [Fixture].
public final class Fixtures {

    private Fixtures() {}

    /// All of them.
    public static List<FixtureModel> models() {
        var models =
                new ArrayList<>(
                        List.of(
                                new Pi0Family(),
                                new Pi0FastFixture(),
                                new SitFixture(),
                                new PictureFixture(),
                                new WorldModelFixture(),
                                new QuantizerFixture()));
        models.addAll(backbones());
        models.add(new AdapterFixture(backbones()));
        return List.copyOf(models);
    }

    private static List<Backbone> backbones() {
        return List.of(
                new CausalLmFixture(),
                new EncoderFixture(),
                new VisionFixture(),
                new VlmFixture(),
                new QwenVlFixture(),
                new JanusFixture(),
                new VqganFixture(),
                new SpeechFixture());
    }

    /// Whether a fixture can be run.
    public static boolean runs(Fixture fixture) {
        return models().stream().anyMatch(m -> m.runs(fixture));
    }

    /// The model that runs a fixture.
    ///
    /// @throws IllegalArgumentException if there is none; the message names those there are
    public static FixtureModel model(Fixture fixture) {
        return models().stream()
                .filter(m -> m.runs(fixture))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "%s: nothing here runs %s; supported: %s"
                                        .formatted(fixture.folder(), describe(fixture), names())));
    }

    /// What a fixture is of, in a few words.
    public static String describe(Fixture fixture) {
        var type =
                fixture.modelClass().isEmpty() ? fixture.title() : "class " + fixture.modelClass();
        return "kind %s, %s".formatted(fixture.kind(), type);
    }

    private static String names() {
        return models().stream().map(FixtureModel::name).collect(Collectors.joining(", "));
    }

    /// π0 and π0.5 as LeRobot and openpi publish them.
    private static final class Pi0Family implements FixtureModel {

        @Override
        public String name() {
            return "pi0 (PI0Pytorch, PI05Pytorch)";
        }

        @Override
        public boolean runs(Fixture fixture) {
            return fixture.kind().equals("policy")
                    && List.of("PI0Pytorch", "PI05Pytorch").contains(fixture.modelClass());
        }

        @Override
        public Map<String, Tensor> run(Fixture fixture) {
            var config = ConfigBinder.readObject(fixture.config());
            var pi0 = Pi0Weights.load(fixture.weightsFile(), config);
            return Pi0Fixture.outputs(pi0, fixture.inputs(), fixture.expected().keySet());
        }
    }
}
