package dev.orrery.system.rt2;

import dev.orrery.env.tabletop.Words;
import dev.orrery.lm.decoder.Greedy;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Chooses the tokens of a robot's answers: integers that are allowed at their place only, after a
/// plan in free words where there is one. What the model would rather have said is kept as a
/// probability.
///
/// Rows of a batch end their plans at different steps; what is over says nothing more.
final class SlotWriter implements Greedy.Choice {

    private final RtTwoWords words;
    private final List<long[]> slots;
    private final long action;
    private final int plan;
    private final Pick pick;
    private final List<Row> rows = new ArrayList<>();

    private static final class Row {
        private final List<Long> plan = new ArrayList<>();
        private int[] integers = {};
        private boolean acting;
        private double outside;
    }

    /// @param plan most tokens before the integers, 0 for none
    /// @param count integers of an answer
    /// @param pick which of the integers that are allowed
    SlotWriter(RtTwoWords words, int plan, int count, int batch, Pick pick) {
        this.words = words;
        this.pick = pick;
        this.plan = plan;
        slots = words.slots(count);
        action = words.lexicon().id(RtTwoWords.ACTION);
        for (int b = 0; b < batch; b++) {
            var row = new Row();
            row.acting = plan == 0;
            rows.add(row);
        }
    }

    /// The tokens to write at most.
    int steps() {
        return slots.size() + (plan == 0 ? 0 : plan + 1);
    }

    @Override
    public Tensor of(int step, Tensor logits) {
        var values = logits.toFloats();
        int vocabulary = values.length / rows.size();
        var ids = new long[rows.size()];
        for (int b = 0; b < ids.length; b++) {
            ids[b] = next(rows.get(b), values, b * vocabulary, vocabulary);
        }
        return Tensor.of(ids, ids.length, 1);
    }

    private long next(Row row, float[] logits, int from, int count) {
        if (row.acting) {
            return row.integers.length == slots.size()
                    ? Words.PAD
                    : integer(row, logits, from, count);
        }
        int best = 0;
        for (int v = 1; v < count; v++) best = logits[from + v] > logits[from + best] ? v : best;
        long id = row.plan.size() == plan ? action : best;
        row.acting = id == action;
        if (!row.acting) row.plan.add(id);
        return id;
    }

    private long integer(Row row, float[] logits, int from, int count) {
        var allowed = slots.get(row.integers.length);
        float highest = Float.NEGATIVE_INFINITY;
        for (int v = 0; v < count; v++) highest = Math.max(highest, logits[from + v]);
        double all = 0, inside = 0;
        for (int v = 0; v < count; v++) all += Math.exp(logits[from + v] - highest);
        var shares = new double[allowed.length];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = Math.exp(logits[from + (int) allowed[i]] - highest);
            inside += shares[i];
        }
        long best = allowed[pick.of(shares)];
        row.outside += Math.max(0, 1 - inside / all) / slots.size();
        var more = java.util.Arrays.copyOf(row.integers, row.integers.length + 1);
        more[row.integers.length] = words.integers().integer(best).orElseThrow();
        row.integers = more;
        return best;
    }

    /// The answers, in the order of the batch.
    List<RtAnswer> answers() {
        return rows.stream()
                .map(row ->
                        new RtAnswer(
                                ActionString.Said.of(row.integers),
                                row.outside,
                                words.text(row.plan.stream().mapToLong(id -> id).toArray())))
                .toList();
    }
}
