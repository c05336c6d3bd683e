package dev.orrery.adapter;

import dev.orrery.nn.Adaptable;
import dev.orrery.nn.Module;
import dev.orrery.nn.Precision;
import dev.orrery.nn.WeightChange;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.List;

/// Some rows of an embedding, or of an output layer, in the place of the stored ones:
/// `token_adapter.trainable_tokens_delta (n, D)`, which starts as they are. In an output layer that
/// is tied to the embedding they hold too.
final class WordRows extends Module implements WeightChange {

    private final Tensor places, rows;

    /// @throws IllegalArgumentException if a word is not in the table
    WordRows(String path, Adaptable base, List<Integer> words) {
        long all = base.storedWeight().size(0);
        for (int word : words) {
            if (word < 0 || word >= all) {
                throw new IllegalArgumentException(
                        "adapter: word %d is not among the %d of %s".formatted(word, all, path));
            }
        }
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            long[] ids = words.stream().mapToLong(Integer::longValue).toArray();
            places = constant("places", Tensor.of(ids, ids.length));
            rows =
                    parameter(
                            "token_adapter.trainable_tokens_delta",
                            base.storedWeight().indexSelect(0, places).to(DType.F32).copy());
        }
    }

    @Override
    public Tensor weight(Tensor stored) {
        return stored.indexCopy(0, places, rows.to(stored.dtype()));
    }

    @Override
    public Tensor scores(Tensor x, Tensor stored) {
        return Precision.linear(x, weight(stored), null);
    }
}
