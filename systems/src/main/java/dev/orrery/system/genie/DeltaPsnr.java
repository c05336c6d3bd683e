package dev.orrery.system.genie;

import dev.orrery.fidelity.Clip;
import dev.orrery.fidelity.Estimate;
import dev.orrery.fidelity.Psnr;
import dev.orrery.run.Report;
import dev.orrery.tensor.Seed;
import java.util.ArrayList;
import java.util.List;

/// How much the actions matter: `ΔₜPSNR = PSNR(xₜ, x̂ₜ) - PSNR(xₜ, x̂′ₜ)`, with x̂ dreamt with the
/// codes inferred from the true clip and x̂′ with codes drawn uniformly, from the same first frame
/// and with the same draws. The larger, the better the keys are obeyed. t counts dreamt frames.
///
/// The control has the codes of another clip, and should be no better than random ones.
///
/// Source: arXiv:2402.15391 section 3.
///
/// @param latent with inferred codes, for t = 1, 2, ... in dB
/// @param shuffled with another clip's codes
/// @param dreams what was dreamt with inferred codes, first frames included
record DeltaPsnr(List<Estimate> latent, List<Estimate> shuffled, List<Clip> dreams) {

    /// The t that is the headline, or the last if clips are shorter.
    static final int HEADLINE = 4;

    /// @param clips true clips
    /// @param codes what leads through each
    /// @param compared how many of them, from the first on, are also dreamt with other codes
    static DeltaPsnr measure(
            GenieBatches batches, List<Clip> clips, long[][] codes, int compared, Seed seed) {
        int steps = codes[0].length;
        var draws = seed.split("dream");
        var dreams = batches.imagine(clips, codes, draws);
        var some = clips.subList(0, compared);
        var random =
                batches.imagine(some, batches.random(compared, steps, seed.split("random")), draws);
        var shuffled = batches.imagine(some, shuffled(codes, compared), draws);
        var latent = new ArrayList<Estimate>();
        var control = new ArrayList<Estimate>();
        for (int t = 1; t <= steps; t++) {
            latent.add(estimate(some, dreams, random, t, seed));
            control.add(estimate(some, shuffled, random, t, seed));
        }
        return new DeltaPsnr(List.copyOf(latent), List.copyOf(control), dreams);
    }

    /// Each clip's codes from one half of the list further on, so from another episode.
    private static long[][] shuffled(long[][] codes, int count) {
        var others = new long[count][];
        for (int i = 0; i < count; i++) {
            others[i] = codes[(i + (count + 1) / 2) % count];
        }
        return others;
    }

    private static Estimate estimate(
            List<Clip> clips, List<Clip> dreams, List<Clip> others, int t, Seed seed) {
        var gaps = new double[clips.size()];
        for (int i = 0; i < gaps.length; i++) {
            gaps[i] =
                    Psnr.of(clips.get(i), t, dreams.get(i), t)
                            - Psnr.of(clips.get(i), t, others.get(i), t);
        }
        return Estimate.of(gaps, seed.split(t).key());
    }

    /// The headline and its control, then every t.
    Report report() {
        int last = Math.min(HEADLINE, latent.size());
        var main = latent.get(last - 1);
        var control = shuffled.get(last - 1);
        var report =
                Report.of("delta_psnr", main.mean())
                        .with("delta_psnr_low", main.low())
                        .with("delta_psnr_high", main.high())
                        .with("delta_psnr_shuffled", control.mean())
                        .with("delta_psnr_shuffled_low", control.low())
                        .with("delta_psnr_shuffled_high", control.high());
        for (int t = 1; t <= latent.size(); t++) {
            report = report.with("delta_psnr@" + t, latent.get(t - 1).mean());
        }
        return report;
    }
}
