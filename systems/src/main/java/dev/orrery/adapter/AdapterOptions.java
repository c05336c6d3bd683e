package dev.orrery.adapter;

import dev.orrery.adapter.AdapterConfig.Targets;
import dev.orrery.nn.Adaptable;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/// What an adapter may have besides its method and its targets; PEFT's names are in brackets.
///
/// @param start how LoRA's factors begin (`init_lora_weights`)
/// @param dropout share of a layer's inputs that LoRA does not see in a training step, in [0, 1)
///   (`lora_dropout`); see [Adapter#dropping]
/// @param biases which biases of the model are trained too (`bias`)
/// @param blocks numbers of the blocks whose layers are adapted; all if empty
///   (`layers_to_transform`)
/// @param lists names that the numbers of blocks follow, such as `layers`; any if empty
///   (`layers_pattern`)
/// @param excluded layers that are left out (`exclude_modules`): names that their paths are or end
///   in, or a pattern of whole paths
/// @param extras what few adapters have
public record AdapterOptions(
        Start start,
        double dropout,
        Biases biases,
        List<Integer> blocks,
        List<String> lists,
        Targets excluded,
        AdapterExtras extras) {

    private static final Targets NOBODY = new Targets.Named(List.of());

    /// Nothing special.
    public static final AdapterOptions NONE =
            new AdapterOptions(
                    Start.KAIMING,
                    0,
                    Biases.NONE,
                    List.of(),
                    List.of(),
                    NOBODY,
                    AdapterExtras.NONE);

    public AdapterOptions {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException(
                    "adapter: dropout %s; use a share from 0 to less than 1".formatted(dropout));
        }
        blocks = List.copyOf(blocks);
        lists = List.copyOf(lists);
        if (excluded instanceof Targets.AllLinear) {
            throw new IllegalArgumentException(
                    "adapter: all linear layers are left out; name those to leave out");
        }
    }

    /// How the factors A and B of LoRA begin.
    public enum Start {
        /// A uniform in ±1/√inputs, B zero.
        KAIMING,
        /// A normal with deviation 1/r, B zero.
        GAUSSIAN,
        /// Both of rows and columns that are orthogonal to each other, so that B A is zero; the
        /// rank must be even.
        ORTHOGONAL,
        /// Both normal with deviation 0.01, so that the model is a little changed from the first
        /// step on: openpi's way.
        OPENPI,
        /// The weight's r largest singular values and vectors, which the base then lacks (PiSSA).
        /// Source: arXiv:2404.02948.
        PISSA,
        /// The first r columns and rows of the weight's QR factors, which the base then lacks
        /// (OLoRA). Source: arXiv:2406.01775.
        OLORA;

        /// Whether what the factors were at first is subtracted from the base.
        boolean subtracts() {
            return this == PISSA || this == OLORA;
        }
    }

    /// Which of a model's biases are trained.
    public enum Biases {
        NONE,
        /// Those of adapted layers.
        ADAPTED,
        /// All.
        ALL
    }

    /// The same with another start.
    public AdapterOptions with(Start other) {
        return new AdapterOptions(other, dropout, biases, blocks, lists, excluded, extras);
    }

    /// The same with other biases.
    public AdapterOptions with(Biases other) {
        return new AdapterOptions(start, dropout, other, blocks, lists, excluded, extras);
    }

    /// The same with dropout.
    public AdapterOptions withDropout(double share) {
        return new AdapterOptions(start, share, biases, blocks, lists, excluded, extras);
    }

    /// The same in these blocks only.
    public AdapterOptions inBlocks(List<Integer> numbers) {
        return new AdapterOptions(start, dropout, biases, numbers, lists, excluded, extras);
    }

    /// The same without these layers.
    public AdapterOptions without(List<String> names) {
        return without(new Targets.Named(names));
    }

    /// The same without these layers.
    public AdapterOptions without(Targets left) {
        return new AdapterOptions(start, dropout, biases, blocks, lists, left, extras);
    }

    /// The same with these extras.
    public AdapterOptions with(AdapterExtras others) {
        return new AdapterOptions(start, dropout, biases, blocks, lists, excluded, others);
    }

    /// Whether the layer at a path may be adapted.
    boolean allows(String path, Adaptable layer) {
        if (excluded.has(path, layer)) return false;
        if (blocks.isEmpty()) return true;
        var number = block(path);
        return number.isPresent() && blocks.contains(number.getAsInt());
    }

    /// The number of the block that a path lies in, the innermost where blocks are nested.
    private OptionalInt block(String path) {
        for (var list : lists.isEmpty() ? List.of("[^.]*") : lists) {
            var found = Pattern.compile("(?:.*\\.)?" + list + "\\.(\\d+)\\..*").matcher(path);
            if (found.matches()) return OptionalInt.of(Integer.parseInt(found.group(1)));
        }
        return OptionalInt.empty();
    }
}
