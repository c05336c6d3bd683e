package dev.orrery.flow.dit;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
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
import dev.orrery.nn.Module;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/// Fixtures of [Sit]: its output and intermediates, the losses of each path and prediction with
/// their gradients, and the traces of the samplers.
public final class SitFixture implements FixtureModel {

    /// The time at which guided outputs are recorded, and the size of the last, noiseless step.
    private static final double GUIDED_AT = 0.37, LAST_STEP = 0.04;

    private static final int GUIDED_CHANNELS = 3;

    private static final String LABELS = "y_embedder.embedding_table.weight";

    @Override
    public String name() {
        return "SiT";
    }

    @Override
    public boolean runs(Fixture fixture) {
        return fixture.kind().equals("model")
                && Files.isRegularFile(fixture.config())
                && config(fixture).replaceAll("\\s", "").contains("\"model\":\"SiT\"");
    }

    @Override
    public Map<String, Tensor> run(Fixture fixture) {
        var embedding = Safetensors.read(fixture.weightsFile()).get(LABELS);
        var parsed = Sit.Config.parse(config(fixture));
        var sizes = embedding == null ? parsed : parsed.withLabels(embedding.size(0));
        var model = Module.unset(() -> new Sit(sizes, Seed.of(0)));
        model.load(fixture.weightsFile());
        var inputs = fixture.inputs();
        var wanted = fixture.expected();
        var found = new LinkedHashMap<String, Tensor>();
        forward(model, inputs, found);
        paths().forEach((name, path) -> {
            var point =
                    path.point(
                            inputs.get("x0_noise"),
                            inputs.get("x1_data"),
                            inputs.get("train_t").toDoubles());
            found.put("xt." + name, point.x());
            found.put("ut." + name, point.velocity());
        });
        losses(model, inputs, wanted, found);
        try (var _ = Grad.disabled()) {
            samples(model, sizes, inputs, wanted, found);
        }
        return found;
    }

    private static void forward(Sit model, Map<String, Tensor> inputs, Map<String, Tensor> found) {
        Tensor x = inputs.get("x"), t = inputs.get("t"), y = inputs.get("y");
        found.put("t_frequencies", DitTimestep.sit(Sit.FREQUENCIES).at(t));
        found.put("t_embed", model.embedTime(t));
        found.put("y_embed", model.embedLabels(y));
        found.put("patch_embed", model.embedPatches(x).sub(model.stateDict().get("pos_embed")));
        var blocks = model.blockOutputs(x, model.condition(t, y));
        for (int i = 0; i < blocks.size(); i++) found.put("block_out." + i, blocks.get(i));
        found.put("out", model.forward(x, t, y));
    }

    /// Losses named `train_loss.PATH.PREDICTION.WEIGHT`, their mean and its gradients.
    private static void losses(
            Sit model,
            Map<String, Tensor> inputs,
            Map<String, Tensor> wanted,
            Map<String, Tensor> found) {
        var all = new java.util.ArrayList<Tensor>();
        for (var name : wanted.keySet()) {
            var parts = name.split("\\.");
            if (!parts[0].equals("train_loss") || parts.length != 4) continue;
            var path = paths().get(parts[1]);
            if (path == null) continue;
            var objective =
                    new FlowObjective(
                            path,
                            Prediction.parse(parts[2]),
                            Weighting.valueOf(parts[3].toUpperCase(Locale.ROOT)),
                            DataAt.ONE);
            var batch =
                    objective.batch(
                            inputs.get("x0_noise"),
                            inputs.get("x1_data"),
                            inputs.get("train_t").toDoubles());
            var output = model.forward(batch.x(), inputs.get("train_t"), inputs.get("y"));
            var loss = objective.perSample(output, batch, LossMask.everything());
            found.put(name, loss);
            all.add(loss);
        }
        if (all.isEmpty()) return;
        var loss = Tensor.cat(all, 0).mean();
        found.put("loss", loss);
        loss.backward();
        model.namedParameters()
                .forEach((name, parameter) -> {
                    if (parameter.hasGrad()) found.put("grad." + name, parameter.grad());
                });
    }

    private static void samples(
            Sit model,
            Sit.Config sizes,
            Map<String, Tensor> inputs,
            Map<String, Tensor> wanted,
            Map<String, Tensor> found) {
        Tensor start = inputs.get("ode_init"), labels = inputs.get("ode_y");
        var field = model.with(labels, sizes.channels());
        for (var name : wanted.keySet()) {
            if (name.startsWith("out_cfg_scale")) {
                double scale = Double.parseDouble(name.substring("out_cfg_scale".length()));
                found.put(name, guided(model, sizes, start, labels, scale));
            }
        }
        for (var rule : List.of(Solver.Fixed.EULER, Solver.Fixed.HEUN)) {
            var name = "ode_%s_trace".formatted(rule.name().toLowerCase(Locale.ROOT));
            if (!wanted.containsKey(name)) continue;
            var grid = StepGrid.uniform((int) wanted.get(name).size(0) - 1);
            found.put(name, Tensor.stack(rule.trace(field, start, grid), 0));
        }
        var noise = inputs.get("sde_noise");
        if (noise == null) return;
        int steps = (int) noise.size(0);
        var grid =
                new StepGrid(
                        IntStream.rangeClosed(0, steps)
                                .mapToDouble(k -> (1 - LAST_STEP) * k / steps)
                                .toArray());
        for (var form : List.of(Diffusion.Form.SIGMA, Diffusion.Form.LINEAR)) {
            var trace =
                    new Diffusion(new FlowPath.Linear(), form, 1)
                            .trace(field, start, grid, k -> noise.select(0, k));
            found.put(
                    "sde_euler_%s_trace".formatted(form.name().toLowerCase(Locale.ROOT)),
                    Tensor.stack(trace.subList(1, trace.size()), 0));
        }
    }

    /// The official guided forward: both halves of the doubled batch carry the guided channels; of
    /// the others each half keeps its own.
    private static Tensor guided(
            Sit model, Sit.Config sizes, Tensor x, Tensor labels, double scale) {
        var guided = Guidance.of(scale).field(model.with(labels, GUIDED_CHANNELS)).at(x, GUIDED_AT);
        if (sizes.channels() <= GUIDED_CHANNELS) return Tensor.cat(List.of(guided, guided), 0);
        var own =
                model.with(labels, sizes.channels()).both(Tensor.cat(List.of(x, x), 0), GUIDED_AT);
        int rest = sizes.channels() - GUIDED_CHANNELS;
        var first = guided.narrow(1, 0, GUIDED_CHANNELS);
        return Tensor.cat(
                List.of(Tensor.cat(List.of(first, first), 0), own.narrow(1, GUIDED_CHANNELS, rest)),
                1);
    }

    private static Map<String, FlowPath> paths() {
        return Map.of(
                "Linear", new FlowPath.Linear(),
                "GVP", new FlowPath.Trigonometric(),
                "VP", new FlowPath.VariancePreserving());
    }

    private static String config(Fixture fixture) {
        try {
            return Files.readString(fixture.config());
        } catch (IOException e) {
            throw new CheckpointException(
                    fixture.config(), "", "cannot be read: " + e.getMessage(), "check it", e);
        }
    }
}
