package dev.orrery.flow.dit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.flow.DataAt;
import dev.orrery.flow.Diffusion;
import dev.orrery.flow.FlowObjective;
import dev.orrery.flow.FlowObjective.Weighting;
import dev.orrery.flow.FlowPath;
import dev.orrery.flow.Guidance;
import dev.orrery.flow.LossMask;
import dev.orrery.flow.Prediction;
import dev.orrery.flow.Solver;
import dev.orrery.flow.StepGrid;
import dev.orrery.nn.DitTimestep;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Compares the model, the losses and the samplers with stored outputs of the official code.
class SitGoldenTest {

    private static final Path FOLDER = Path.of("src/test/resources/goldens/sit");

    private final Map<String, Tensor> inputs =
            Safetensors.read(FOLDER.resolve("inputs.safetensors"));
    private final Map<String, Tensor> expected =
            Safetensors.read(FOLDER.resolve("expected.safetensors"));
    private final Sit model = model();

    @Test
    void embeddingsBlocksAndOutputAgree() {
        Tensor x = inputs.get("x"), t = inputs.get("t"), y = inputs.get("y");
        agree("t_frequencies", DitTimestep.sit(256).at(t));
        agree("t_embed", model.embedTime(t));
        agree("patch_embed", model.embedPatches(x).sub(model.stateDict().get("pos_embed")));
        agree("out", model.forward(x, t, y));
    }

    @Test
    void positionTableIsTheOfficialOne() {
        var fresh = new Sit(config(), Seed.of(1)).stateDict().get("pos_embed");
        assertThat(fresh.allclose(model.stateDict().get("pos_embed"), 1e-5, 1e-6)).isTrue();
    }

    @Test
    void pathsAgree() {
        paths().forEach((name, path) -> {
            var point = path.point(noise(), data(), times());
            agree("xt." + name, point.x());
            agree("ut." + name, point.velocity());
        });
    }

    @Test
    void lossesAndGradientsAgree() {
        var total =
                Tensor.stack(
                                List.of(
                                        loss("Linear", Prediction.VELOCITY, Weighting.NONE),
                                        loss("Linear", Prediction.NOISE, Weighting.VELOCITY),
                                        loss("GVP", Prediction.VELOCITY, Weighting.NONE),
                                        loss("VP", Prediction.SCORE, Weighting.LIKELIHOOD)),
                                0)
                        .mean();
        agree("loss", total);
        total.backward();
        int compared = 0;
        for (var name : expected.keySet()) {
            if (!name.startsWith("grad.")) continue;
            agree(name, model.namedParameters().get(name.substring(5)).grad());
            compared++;
        }
        assertThat(compared).isEqualTo(5);
    }

    @Test
    void guidanceOnThreeChannelsAgrees() {
        var model = this.model.with(inputs.get("ode_y"), 3);
        var guided = Guidance.of(3).field(model).at(inputs.get("ode_init"), 0.37);
        var reference = expected.get("out_cfg_scale3");
        agree("out_cfg_scale3", guided, reference.narrow(0, 0, 2));
    }

    @Test
    void odeSamplersAgree() {
        var field = model.with(inputs.get("ode_y"), 4);
        var euler = Solver.Fixed.EULER.trace(field, inputs.get("ode_init"), StepGrid.uniform(5));
        var heun = Solver.Fixed.HEUN.trace(field, inputs.get("ode_init"), StepGrid.uniform(3));
        agree("ode_euler_trace", Tensor.stack(euler, 0));
        agree("ode_heun_trace", Tensor.stack(heun, 0));
    }

    @Test
    void stochasticSamplersAgree() {
        var grid = new StepGrid(IntStream.range(0, 6).mapToDouble(k -> 0.96 * k / 5).toArray());
        var forms = Map.of("sigma", Diffusion.Form.SIGMA, "linear", Diffusion.Form.LINEAR);
        forms.forEach((name, form) -> {
            var trace =
                    new Diffusion(new FlowPath.Linear(), form, 1)
                            .trace(
                                    model.with(inputs.get("ode_y"), 4),
                                    inputs.get("ode_init"),
                                    grid,
                                    k -> inputs.get("sde_noise").select(0, k));
            agree("sde_euler_" + name + "_trace", Tensor.stack(trace.subList(1, trace.size()), 0));
        });
    }

    @Test
    void wrongImagesAreNamed() {
        assertThatThrownBy(() ->
                        model.forward(
                                Tensor.zeros(1, 3, 8, 8), Tensor.zeros(1), inputs.get("ode_y")))
                .hasMessageContaining("(B, 4, 8, 8)");
        assertThatThrownBy(() -> new Sit.Config(9, 2, 4, 48, 2, 4, 7, Sit.Options.USUAL))
                .hasMessageContaining("crop it to 8");
    }

    private Tensor loss(String path, Prediction prediction, Weighting weighting) {
        var objective = new FlowObjective(paths().get(path), prediction, weighting, DataAt.ONE);
        var batch = objective.batch(noise(), data(), times());
        var output = model.forward(batch.x(), inputs.get("train_t"), inputs.get("y"));
        var losses = objective.perSample(output, batch, LossMask.everything());
        agree(
                "train_loss.%s.%s.%s"
                        .formatted(
                                path,
                                prediction.name().toLowerCase(java.util.Locale.ROOT),
                                weighting.name().toLowerCase(java.util.Locale.ROOT)),
                losses);
        return losses;
    }

    private void agree(String name, Tensor actual) {
        agree(name, actual, expected.get(name));
    }

    private static void agree(String name, Tensor actual, Tensor reference) {
        assertThat(actual.shape()).as(name).isEqualTo(reference.shape());
        double worst = actual.sub(reference).abs().max().item();
        assertThat(actual.allclose(reference, 1e-4, 5e-5)).as("%s off by %s", name, worst).isTrue();
    }

    private static Map<String, FlowPath> paths() {
        return Map.of(
                "Linear", new FlowPath.Linear(),
                "GVP", new FlowPath.Trigonometric(),
                "VP", new FlowPath.VariancePreserving());
    }

    private Tensor noise() {
        return inputs.get("x0_noise");
    }

    private Tensor data() {
        return inputs.get("x1_data");
    }

    private double[] times() {
        return inputs.get("train_t").toDoubles();
    }

    private static Sit.Config config() {
        return new Sit.Config(8, 2, 4, 48, 2, 4, 7, new Sit.Options(3, true));
    }

    private static Sit model() {
        var model = new Sit(config(), Seed.of(1));
        model.load(FOLDER.resolve("weights.safetensors"));
        return model;
    }
}
