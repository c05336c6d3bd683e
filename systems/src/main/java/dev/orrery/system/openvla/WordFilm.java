package dev.orrery.system.openvla;

import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.vit.TimmVit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Lets the instruction modulate what the towers see: the mean of its words scales and shifts the
/// channels of each block. At first it changes nothing.
///
/// Source: FiLM, arXiv:1709.07871, as OFT uses it.
final class WordFilm extends Module {

    private final Map<Integer, Linear> scales = new HashMap<>(), shifts = new HashMap<>();

    /// @param words channels of a word
    WordFilm(List<TimmVit.Config> towers, int words) {
        int first = 0;
        for (var tower : towers) {
            int width = tower.layers().width(), depth = tower.layers().depth();
            for (int i = first; i < first + depth - 1; i++) {
                scales.put(i, child("scale." + i, Linear.zero(words, width)));
                shifts.put(i, child("shift." + i, Linear.zero(words, width)));
            }
            first += depth;
        }
    }

    /// What an instruction does to the blocks, counted over the towers.
    ///
    /// @param mean of the instruction's words `(B, D)`
    TimmVit.Film of(Tensor mean) {
        var condition = mean.unsqueeze(1);
        return (i, hidden) -> {
            var scale = scales.get(i);
            var shift = shifts.get(i);
            if (scale == null || shift == null) return hidden;
            return hidden.mul(scale.forward(condition).add(1.0)).add(shift.forward(condition));
        };
    }
}
