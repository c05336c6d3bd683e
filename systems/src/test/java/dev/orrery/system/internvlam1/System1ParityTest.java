package dev.orrery.system.internvlam1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.flow.DiscreteDiffusion;
import dev.orrery.nn.Dropout;
import dev.orrery.nn.Module;
import dev.orrery.system.internvlam1.QueryTransformer.Looked;
import dev.orrery.system.internvlam1.QueryTransformer.Manner;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The query transformer, the action expert and the sampler against a script of our own on
/// PyTorch's layers; see `README.md` beside the numbers.
class System1ParityTest {

    private static final Path FOLDER = Path.of("src/test/resources/internvla-m1");
    private static final double TOLERANCE = 2e-5;
    private static final int STEPS = 50, COUNT = 5;

    private final TensorScope scope = TensorScope.open();
    private final Map<String, Tensor> inputs =
            Safetensors.read(FOLDER.resolve("inputs.safetensors"));
    private final Map<String, Tensor> expected =
            Safetensors.read(FOLDER.resolve("expected.safetensors"));
    private final System1 model = new System1();

    private static final class System1 extends Module {
        final QueryTransformer queries =
                child(
                        "layer_qformer",
                        new QueryTransformer(
                                new QueryTransformer.Size(24, 16, 5, 2, 4, .1), Seed.of(1)));
        final ActionDit net =
                child(
                        "action_model.net",
                        new ActionDit(new ActionDit.Size(3, 4, 16, 2, 4, 5), Seed.of(2)));
    }

    @BeforeEach
    void load() {
        model.load(FOLDER.resolve("weights.safetensors"));
    }

    @AfterEach
    void close() {
        model.close();
        scope.close();
    }

    private Tensor in(String name) {
        return inputs.get(name).detach();
    }

    private void same(String name, Tensor actual) {
        var wanted = expected.get(name);
        assertThat(actual.shape()).as(name).isEqualTo(wanted.shape());
        assertThat(actual.detach().sub(wanted).abs().max().item()).as(name).isLessThan(TOLERANCE);
    }

    private Tensor condition(List<Tensor> states, Tensor places, Manner manner) {
        var looked = new Looked(states, in("valid").gt(.5), Optional.of(places));
        return model.queries.forward(looked, manner, Dropout.NONE);
    }

    @Test
    void conditionLossAndAllGradientsEqualTheReference() {
        var states = List.of(leaf("states.0"), leaf("states.1"));
        var places = leaf("places");
        var z = condition(states, places, Manner.PAPER);
        same("z", z);
        var diffusion = DiscreteDiffusion.squaredCosine(STEPS);
        var steps = Arrays.stream(in("steps").toDoubles()).mapToInt(s -> (int) s).toArray();
        var noised = diffusion.noised(in("actions"), in("noise"), steps);
        same("noised", noised);
        var dropped = in("dropped").gt(.5).view(2, 1, 1);
        var told = Tensor.where(dropped, model.net.nothing(), z);
        var guess = model.net.forward(noised, in("steps"), told);
        same("guess", guess);
        var loss = guess.sub(in("noise")).square().mean();
        same("loss", loss);
        loss.backward();
        same("grad.states.0", states.get(0).grad());
        same("grad.states.1", states.get(1).grad());
        same("grad.places", places.grad());
        var gradients = new LinkedHashMap<>(model.namedParameters());
        gradients.forEach((name, p) -> same("grad." + name, p.grad()));
        assertThat(gradients).hasSize(55);
    }

    private Tensor leaf(String name) {
        return in(name).mul(1.0).requiresGrad_(true);
    }

    @Test
    void theReleasedMannerSeesPaddingAndPassesTheWholeGradient() {
        same(
                "z_released",
                condition(List.of(in("states.0"), in("states.1")), in("places"), Manner.RELEASED));
    }

    @Test
    void theNoiseScheduleEqualsTheReference() {
        for (int steps : new int[] {STEPS, 100}) {
            var diffusion = DiscreteDiffusion.squaredCosine(steps);
            var kept = new float[steps];
            for (int s = 0; s < steps; s++) kept[s] = (float) diffusion.kept(s);
            same(steps == STEPS ? "kept" : "kept100", Tensor.of(kept, steps));
        }
    }

    @Test
    void everyStepOfGuidedSamplingEqualsTheReference() {
        try (var _ = Grad.disabled()) {
            var z = condition(List.of(in("states.0"), in("states.1")), in("places"), Manner.PAPER);
            var head = new ActionHead(ActionHead.Kind.DDPM, STEPS, .1);
            var trace = head.trace(model.net, z, in("start"), COUNT, 1.5);
            var off = Tensor.stack(trace, 0).sub(expected.get("trace")).abs().max().item();
            assertThat(off).isLessThan(2e-4);
        }
    }

    @Test
    void aNullConditionThatWasNotTrainedGuidesNothing() {
        var head = new ActionHead(ActionHead.Kind.DDPM, STEPS, 0);
        assertThatThrownBy(() -> head.trace(model.net, expected.get("z"), in("start"), COUNT, 1.5))
                .hasMessageContaining("guidance weight 1.5 needs a model with a learned null")
                .hasMessageContaining("or use weight 1");
    }
}
