package dev.orrery.policy;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;

/// Bins of a number, the right one of which shares its being right with its neighbours, as a bell
/// curve has it: a bin beside the right one is nearly right, which one right answer of many would
/// not say.
///
/// @param ids I64 `(n)`: the token of each bin
/// @param values `(n)`: what each bin means
/// @param width the curve's standard deviation, in units of `values`
public record SpreadBins(Tensor ids, Tensor values, double width) {

    /// How likely right answers are.
    ///
    /// @param log logarithms of probabilities of all tokens `(..., V)`
    /// @param right what is meant `(...)`, in units of `values`
    /// @return `(...)`, the mean of the bins' logarithms by their shares
    public Tensor logLikelihood(Tensor log, Tensor right) {
        var far = values.sub(right.unsqueeze(-1)).mul(1 / width);
        var share = Functional.softmax(far.square().mul(-0.5), -1);
        return log.indexSelect(-1, ids).mul(share).sum(-1, false);
    }
}
