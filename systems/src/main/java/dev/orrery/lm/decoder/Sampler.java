package dev.orrery.lm.decoder;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/// How the next token is drawn from logits, in this order: bias, repetition and presence penalty,
/// temperature, top-k, top-p, min-p, a draw.
///
/// @param temperature what logits are divided by; 0 takes the likeliest token
/// @param topK keeps so many of the likeliest tokens; 0 for all
/// @param topP keeps the likeliest tokens that together have this probability; 1 for all
/// @param minP keeps tokens at least so likely as this share of the likeliest; 0 for all
/// @param penalties what tokens that occurred already pay
/// @param bias added to the logits of tokens, by id
public record Sampler(
        double temperature,
        int topK,
        double topP,
        double minP,
        Penalties penalties,
        Map<Integer, Double> bias) {

    public Sampler {
        if (!(temperature >= 0)
                || topK < 0
                || !(topP > 0 && topP <= 1)
                || !(minP >= 0 && minP < 1)) {
            throw new IllegalArgumentException(
                    "sampler: temperature %s, topK %d, topP %s, minP %s; needed: temperature and topK 0 or more, topP in (0, 1], minP in [0, 1)"
                            .formatted(temperature, topK, topP, minP));
        }
        bias = Map.copyOf(bias);
    }

    /// What tokens that occurred already pay.
    ///
    /// @param repetition positive logits are divided by it and negative ones multiplied; 1 for none
    /// @param presence subtracted from their logits
    public record Penalties(double repetition, double presence) {
        public Penalties {
            if (!(repetition > 0)) {
                throw new IllegalArgumentException(
                        "sampler: repetition penalty %s; it must be positive, 1 for none"
                                .formatted(repetition));
            }
        }

        /// None.
        public static Penalties none() {
            return new Penalties(1, 0);
        }
    }

    /// The likeliest token, always.
    public static Sampler greedy() {
        return at(0);
    }

    /// The model's own distribution at a temperature.
    public static Sampler at(double temperature) {
        return new Sampler(temperature, 0, 1, 0, Penalties.none(), Map.of());
    }

    /// A token, and how likely it was.
    ///
    /// @param id the token
    /// @param logProb under the distribution that it was drawn from; 0 where the likeliest was
    ///   taken
    /// @param plainLogProb under the model's own, at temperature 1 and nothing cut
    public record Draw(int id, double logProb, double plainLogProb) {}

    /// Draws a token.
    ///
    /// @param logits of every token `(V)`; left as they are
    /// @param before the tokens so far
    /// @param chance a number in [0, 1) that decides
    /// @throws IllegalArgumentException if a logit is NaN or none is finite
    public Draw draw(float[] logits, long[] before, double chance) {
        var plain = normaliser(logits);
        var scores = new double[logits.length];
        for (int i = 0; i < logits.length; i++) scores[i] = logits[i];
        bias.forEach((id, b) -> scores[id] += b);
        punish(scores, before);
        if (temperature == 0) {
            int best =
                    IntStream.range(0, scores.length)
                            .reduce((a, b) -> scores[b] > scores[a] ? b : a)
                            .orElseThrow();
            return new Draw(best, 0, logits[best] - plain);
        }
        for (int i = 0; i < scores.length; i++) scores[i] /= temperature;
        return pick(logits, scores, plain, chance);
    }

    private void punish(double[] scores, long[] before) {
        if (penalties.repetition == 1 && penalties.presence == 0) return;
        Arrays.stream(before)
                .distinct()
                .forEach(id -> {
                    int i = (int) id;
                    scores[i] =
                            scores[i] > 0
                                    ? scores[i] / penalties.repetition
                                    : scores[i] * penalties.repetition;
                    scores[i] -= penalties.presence;
                });
    }

    private Draw pick(float[] logits, double[] scores, double plain, double chance) {
        double highest = Arrays.stream(scores).max().orElseThrow();
        var weights = new double[scores.length];
        for (int i = 0; i < weights.length; i++) weights[i] = Math.exp(scores[i] - highest);
        if (topK > 0 || topP < 1 || minP > 0) cut(weights);
        double all = Arrays.stream(weights).sum(), wanted = chance * all, sum = 0;
        int last = -1;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] == 0) continue;
            last = i;
            sum += weights[i];
            if (sum > wanted) break;
        }
        return new Draw(last, Math.log(weights[last] / all), logits[last] - plain);
    }

    /// Sets the weights of tokens that may not be drawn to zero.
    private void cut(double[] weights) {
        var order =
                IntStream.range(0, weights.length)
                        .boxed()
                        .sorted((a, b) -> Double.compare(weights[b], weights[a]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        int kept = topK > 0 ? Math.min(topK, order.length) : order.length;
        double all = 0;
        for (int i = 0; i < kept; i++) all += weights[order[i]];
        double sum = 0;
        int within = 0;
        while (within < kept && (within == 0 || sum < topP * all)) sum += weights[order[within++]];
        double least = minP * weights[order[0]];
        for (int i = 0; i < order.length; i++) {
            if (i >= within || weights[order[i]] < least) weights[order[i]] = 0;
        }
    }

    /// The logarithm of the sum of exponentials.
    private static double normaliser(float[] logits) {
        double highest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            if (Float.isNaN(logit)) {
                throw new IllegalArgumentException("sampler: a logit is NaN; check the weights");
            }
            highest = Math.max(highest, logit);
        }
        if (Double.isInfinite(highest)) {
            throw new IllegalArgumentException(
                    "sampler: the highest logit is %s; check the weights".formatted(highest));
        }
        double sum = 0;
        for (float logit : logits) sum += Math.exp(logit - highest);
        return highest + Math.log(sum);
    }
}
