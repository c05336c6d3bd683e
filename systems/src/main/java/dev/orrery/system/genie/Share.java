package dev.orrery.system.genie;

import dev.orrery.quantize.Quantized;
import dev.orrery.run.Report;
import dev.orrery.system.genie.BudgetConfig.Portion;
import dev.orrery.system.genie.GenieConfig.Stages;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What one core's share of a training step came to; its gradients are in the model.
///
/// @param numbers losses
/// @param patches what the tokenizer quantised
/// @param actions what the latent action model quantised
record Share(Report numbers, List<Quantized> patches, List<Quantized> actions)
        implements AutoCloseable {

    /// The tokenizer's step before it quantises.
    static Share lookContinuously(Genie genie, GenieData data, Portion portion, Seed seed) {
        try (var _ = TensorScope.open()) {
            var loss = genie.tokenizer().continuousLoss(data.batch(portion, seed).pixels());
            loss.backward();
            return new Share(Report.of("tokenizer/mse", loss.item()), List.of(), List.of());
        }
    }

    /// The tokenizer's step.
    static Share look(Genie genie, GenieData data, Portion portion, Seed seed) {
        try (var _ = TensorScope.open()) {
            var loss = genie.tokenizer().loss(data.batch(portion, seed).pixels());
            loss.total().backward();
            var numbers =
                    Report.of("tokenizer/loss", loss.total().item())
                            .with("tokenizer/mse", loss.reconstruction().item());
            return new Share(numbers, List.of(released(loss.quantized())), List.of());
        }
    }

    /// The step of latent actions, of dynamics, or of both.
    static Share learn(
            Genie genie,
            GenieData data,
            boolean actions,
            boolean frames,
            Portion portion,
            Seed seed) {
        try (var _ = TensorScope.open()) {
            var batch = data.batch(portion, seed);
            var pixels = batch.pixels();
            var ids = genie.tokenizer().encode(pixels);
            var numbers = Report.empty();
            var quantized = new ArrayList<Quantized>();
            var total = Tensor.zeros();
            var led = Optional.<Tensor>empty();
            if (actions) {
                var lam = genie.latentActions().orElseThrow();
                var loss = lam.loss(lam.view(pixels, genie.tokenizer(), ids));
                numbers =
                        numbers.with("actions/loss", loss.total().item())
                                .with("actions/mse", loss.prediction().item());
                quantized.add(released(loss.quantized()));
                total = total.add(loss.total());
                var embedding = loss.quantized().embedding();
                led =
                        Optional.of(
                                genie.config().training().stages() == Stages.E2E
                                        ? embedding
                                        : embedding.detach());
            }
            if (frames) {
                var masked =
                        FrameMask.draw(
                                genie.config().dynamics().masking(),
                                ids,
                                genie.config().tokenizer().codes().codes(),
                                seed.split("mask"));
                var known = led.orElseGet(() -> done(genie, batch, pixels, ids));
                var loss = genie.dynamics().loss(ids, masked, known);
                numbers = numbers.with("dynamics/ce", loss.item());
                total = total.add(loss);
            }
            total.backward();
            return new Share(numbers, List.of(), quantized);
        }
    }

    /// What was done in a batch, where the latent action model does not learn.
    private static Tensor done(Genie genie, GenieData.Batch batch, Tensor pixels, Tensor ids) {
        if (genie.latentActions().isPresent()) {
            return genie.actions(genie.infer(pixels, ids)).detach();
        }
        if (batch.actions().min().item() < 0) {
            throw new IllegalArgumentException(
                    "genie: latentActions.useGtActions needs an action for every frame, and a clip"
                            + " has steps without one; complete the action files, or set it to false");
        }
        return genie.actions(batch.actions());
    }

    /// Codes and latents for the end of the step, which another thread ends.
    private static Quantized released(Quantized q) {
        return new Quantized(
                TensorScope.release(q.ids()),
                TensorScope.release(q.embedding().detach()),
                TensorScope.release(q.loss().detach()),
                TensorScope.release(q.latents()));
    }

    @Override
    public void close() {
        for (var quantised : List.of(patches, actions)) {
            for (var q : quantised) {
                List.of(q.ids(), q.embedding(), q.loss(), q.latents()).forEach(Tensor::close);
            }
        }
    }
}
