package dev.orrery.system.openvla;

import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.policy.ActionTokenizer;
import dev.orrery.policy.SpreadBins;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// What a language model loses that writes action tokens, and a token that ends them.
///
/// @param tokens which ids stand for bins
/// @param end the id of the last token
record ActionLoss(CausalLm lm, ActionTokenizer tokens, long end) {

    /// The loss of actions that were told one token after the other.
    ///
    /// @param hidden last hidden states `(B, T, D)`, the last A + 1 of which answer
    /// @param ids of the actions `(B, A)`
    /// @param spread of the right answer over neighbouring bins, in bins; 0 for one right answer
    OpenVla.Loss of(Tensor hidden, Tensor ids, double spread) {
        long batch = ids.size(0), dims = ids.size(1);
        var logits = lm.logits(hidden.narrow(1, hidden.size(1) - dims - 1, dims + 1));
        var bins = Tensor.of(tokens.ids(), tokens.bins());
        var last = Tensor.full(end, DType.I64, batch, 1);
        var target = Tensor.cat(List.of(ids, last), 1).reshape(batch * (dims + 1));
        var loss =
                spread == 0
                        ? Functional.crossEntropy(logits.flatten(0, 1), target)
                        : spread(logits, ids, bins, spread);
        var scores = logits.detach().narrow(1, 0, dims).indexSelect(-1, bins);
        var chosen = bins.indexSelect(0, scores.argmax(-1, false).reshape(-1));
        var right = chosen.eq(ids.reshape(-1)).to(DType.F32).mean();
        var distance = places(chosen).sub(places(ids.reshape(-1))).abs().mean();
        return new OpenVla.Loss(loss, right, distance);
    }

    /// Cross-entropy with bins near the right one right in part, see [SpreadBins].
    private Tensor spread(Tensor logits, Tensor ids, Tensor bins, double spread) {
        long batch = ids.size(0), dims = ids.size(1);
        var log = Functional.logSoftmax(logits, -1);
        var width = 2.0 / tokens.bins() * spread;
        var right = places(ids.reshape(-1)).view(batch, dims);
        var acting =
                new SpreadBins(bins, places(bins), width)
                        .logLikelihood(log.narrow(1, 0, dims), right)
                        .sum();
        var ending = log.select(1, (int) dims).select(1, (int) end).sum();
        return acting.add(ending).mul(-1.0 / (batch * (dims + 1)));
    }

    /// The middles of the bins of ids.
    private Tensor places(Tensor ids) {
        var values = new double[(int) tokens.rows()];
        for (long id : tokens.ids()) values[(int) id] = tokens.value(id);
        return Tensor.of(values, values.length).to(DType.F32).indexSelect(0, ids);
    }
}
