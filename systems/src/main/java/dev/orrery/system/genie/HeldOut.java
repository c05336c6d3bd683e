package dev.orrery.system.genie;

import dev.orrery.quantize.CodeUsage;
import dev.orrery.run.Report;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.function.Function;

/// What each model makes of clips that nothing was learned from: the first numbers of a run.
///
/// `tokenizer/psnr` of reconstructed frames in dB, `actions/psnr` of next frames predicted from the
/// right code, `actions/perplexity` of the codes, `dynamics/ce` of hidden ids in nats.
final class HeldOut {

    private static final int CHUNK = 16;
    private static final long MASKS = 77;

    private final Genie genie;
    private final GenieData data;
    private final int clips;

    HeldOut(Genie genie, GenieData data) {
        this(genie, data, genie.config().evaluation().clips());
    }

    HeldOut(Genie genie, GenieData data, int clips) {
        this.genie = genie;
        this.data = data;
        this.clips = clips;
    }

    Report report() {
        var report = Report.of("tokenizer/psnr", decibels(mean(this::tokenizerError)));
        if (genie.latentActions().isPresent()) {
            report =
                    report.with("actions/psnr", decibels(mean(this::actionError)))
                            .with("actions/perplexity", usage().perplexity());
        }
        return report.with("dynamics/ce", crossEntropy());
    }

    /// Cross-entropy of hidden ids in nats; the same ids are hidden each time.
    double crossEntropy() {
        return mean(this::dynamicsError);
    }

    /// How often each latent action was done.
    CodeUsage usage() {
        var usage = new CodeUsage(new long[genie.codes()]);
        for (int first = 0; first < clips; first += CHUNK) {
            try (var _ = TensorScope.open()) {
                var ids = genie.infer(chunk(first).pixels());
                usage = usage.plus(CodeUsage.of(ids, genie.codes()));
            }
        }
        return usage;
    }

    private static double decibels(double error) {
        return -10 * Math.log10(error);
    }

    private GenieData.Batch chunk(int first) {
        return data.heldOut(first, Math.min(CHUNK, clips - first), clips);
    }

    private record Chunk(GenieData.Batch batch, long number) {}

    private double mean(Function<Chunk, Tensor> error) {
        double sum = 0;
        for (int first = 0; first < clips; first += CHUNK) {
            try (var _ = Grad.disabled();
                    var _ = TensorScope.open()) {
                var batch = chunk(first);
                double of = batch.rgb().size(0);
                sum += of * error.apply(new Chunk(batch, first)).item();
            }
        }
        return sum / clips;
    }

    private Tensor tokenizerError(Chunk chunk) {
        var pixels = chunk.batch().pixels();
        var tokenizer = genie.tokenizer();
        return Functional.mseLoss(tokenizer.decode(tokenizer.encode(pixels)), pixels);
    }

    private Tensor actionError(Chunk chunk) {
        var pixels = chunk.batch().pixels();
        var lam = genie.latentActions().orElseThrow();
        var view = lam.view(pixels, genie.tokenizer(), genie.tokenizer().encode(pixels));
        long steps = view.size(1) - 1;
        var predicted = lam.predict(view.narrow(1, 0, steps), lam.actions(view).embedding());
        return Functional.mseLoss(predicted, view.narrow(1, 1, steps));
    }

    private Tensor dynamicsError(Chunk chunk) {
        var pixels = chunk.batch().pixels();
        var ids = genie.tokenizer().encode(pixels);
        var codes =
                genie.latentActions().isPresent()
                        ? genie.infer(pixels, ids)
                        : chunk.batch().actions();
        var config = genie.config();
        var masked =
                FrameMask.draw(
                        config.dynamics().masking(),
                        ids,
                        config.tokenizer().codes().codes(),
                        Seed.of(MASKS).split(chunk.number()));
        return genie.dynamics().loss(ids, masked, genie.actions(codes));
    }
}
