package dev.orrery.quantize;

import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.Optional;

/// Tells when a codebook has collapsed: one code takes nearly all vectors, or nearly all codes are
/// out of use.
///
/// ```java
/// alarm.observe(quantizer.usage(quantized)).ifPresent(run::note);
/// ```
///
/// What it remembers are buffers, so that a run that goes on from a checkpoint warns at the same
/// step. A codebook of one code never raises it. Names: `streak (3)`, `unseen (K)`.
public final class CodebookAlarm extends Module {

    private static final String ADVICE =
            "revive unused codes (Revival), lower the learning rate, or use fewer codes";

    /// @param share of the vectors that one code may take, from 0 to 1
    /// @param patience steps in a row after which it is an alarm
    /// @param least share of the codes that must be used within that many steps; at least two codes
    ///   must be in any case
    public record Config(double share, int patience, double least) {

        public Config {
            if (!(share > 0 && share <= 1 && least >= 0 && least <= 1) || patience < 1)
                throw new IllegalArgumentException(
                        "alarm at share %s, least %s, patience %d: shares are from 0 to 1, patience is 1 or more"
                                .formatted(share, least, patience));
        }

        /// One code above 80 %, or fewer than 2 % of the codes in use, for 200 steps.
        public static Config usual() {
            return new Config(0.8, 200, 0.02);
        }
    }

    private final Config config;
    private final int codes;

    /// The code that takes most, for how many steps one code has taken too much, and for how many
    /// steps too few codes have been in use. It need not be the same code: where a codebook has
    /// collapsed, a revived code may take the place of the sole one.
    private final Tensor streak;

    /// Steps since each code was last used.
    private final Tensor unseen;

    /// @param codes size of the codebook
    public CodebookAlarm(Config config, int codes) {
        this.config = config;
        this.codes = codes;
        streak = buffer("streak", Tensor.zeros(DType.I64, 3));
        unseen = buffer("unseen", Tensor.zeros(DType.I64, codes));
    }

    /// Takes one optimiser step into account.
    ///
    /// @return what is wrong and what to do, once every `patience` steps for as long as it lasts
    public Optional<String> observe(CodeUsage usage) {
        if (usage.codes() != codes)
            throw new IllegalArgumentException(
                    "the alarm watches %d codes, got the usage of %d"
                            .formatted(codes, usage.codes()));
        if (codes == 1) return Optional.empty();
        try (var _ = TensorScope.open()) {
            var now = streak.toLongs();
            var absent = unseen.toLongs();
            int most = usage.most(), inUse = 0;
            boolean greedy = usage.share(most) > config.share;
            now[1] = greedy ? now[1] + 1 : 0;
            now[0] = most;
            var counts = usage.counts();
            for (int i = 0; i < codes; i++) {
                absent[i] = counts[i] > 0 ? 0 : absent[i] + 1;
                if (absent[i] < config.patience) inUse++;
            }
            int least = Math.max(2, (int) Math.ceil(config.least * codes));
            now[2] = inUse < least ? now[2] + 1 : 0;
            streak.copy_(Tensor.of(now, 3));
            unseen.copy_(Tensor.of(absent, codes));
            if (now[1] > 0 && now[1] % config.patience == 0)
                return Optional.of(greedy(most, usage.share(most), now[1]));
            if (now[2] % config.patience == 1 % config.patience && now[2] > 0)
                return Optional.of(scarce(inUse));
            return Optional.empty();
        }
    }

    private String greedy(int code, double share, long steps) {
        return "codebook: one code took more than %.0f %% of the vectors for %d steps, now code %d %.0f %%; %s"
                .formatted(100 * config.share, steps, code, 100 * share, ADVICE);
    }

    private String scarce(int inUse) {
        return "codebook: only %d of %d codes were used in the last %d steps; %s"
                .formatted(inUse, codes, config.patience, ADVICE);
    }
}
