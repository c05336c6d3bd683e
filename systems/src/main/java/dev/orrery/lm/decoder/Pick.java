package dev.orrery.lm.decoder;

import dev.orrery.tensor.Tensor;
import java.util.Arrays;

/// Which token of a closed list is written.
public enum Pick {
    /// The likeliest one.
    LIKELIEST,
    /// The median of a list whose tokens are in the order of what they mean, as bins of a number
    /// are: the first up to which half of the probability lies.
    ///
    /// Where a model wavers between neighbours, none of them is likely by itself, and the likeliest
    /// token of all may be one that is far from them and often right elsewhere, such as "stand
    /// still". Of two tokens the median is the likelier one.
    MEDIAN,
    /// The likeliest token of such a list where more than half of the probability lies on it and
    /// the eight on either side of it, else the median.
    ///
    /// Where a model is sure, the median is next to the likeliest token and yet not it, as what is
    /// held likely beside an extreme lies on one side only: "almost shut", "almost still".
    PEAK;

    private static final int BESIDE = 8;

    /// The place in a list of what is written.
    ///
    /// @param shares of probability, or anything in proportion to it
    public int of(double[] shares) {
        return switch (this) {
            case LIKELIEST -> likeliest(shares);
            case MEDIAN -> median(shares);
            case PEAK -> {
                int best = likeliest(shares);
                yield isSure(shares, best) ? best : median(shares);
            }
        };
    }

    private static int likeliest(double[] shares) {
        int best = 0;
        for (int i = 1; i < shares.length; i++) best = shares[i] > shares[best] ? i : best;
        return best;
    }

    private static int median(double[] shares) {
        double all = Arrays.stream(shares).sum(), below = 0;
        int middle = 0;
        while (middle < shares.length - 1 && (below += shares[middle]) < all / 2) middle++;
        return middle;
    }

    private static boolean isSure(double[] shares, int best) {
        int from = Math.max(0, best - BESIDE), to = Math.min(shares.length, best + BESIDE + 1);
        return Arrays.stream(shares, from, to).sum() > Arrays.stream(shares).sum() / 2;
    }

    /// As [#of(double[])] for many lists at once.
    ///
    /// @param logits `(..., n)`
    /// @return I64 `(...)`
    public Tensor of(Tensor logits) {
        return this == LIKELIEST ? logits.argmax(-1, false) : inTurn(logits);
    }

    private Tensor inTurn(Tensor logits) {
        var rows = logits.softmax(-1).toFloats();
        int count = (int) logits.size(-1);
        var places = new long[rows.length / count];
        var shares = new double[count];
        for (int row = 0; row < places.length; row++) {
            for (int i = 0; i < count; i++) shares[i] = rows[row * count + i];
            places[row] = of(shares);
        }
        var shape = Arrays.copyOf(logits.shape(), logits.rank() - 1);
        return Tensor.of(places, shape);
    }
}
