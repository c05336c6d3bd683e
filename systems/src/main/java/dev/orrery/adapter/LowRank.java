package dev.orrery.adapter;

import dev.orrery.nn.Adaptable;
import dev.orrery.nn.Conv1d;
import dev.orrery.nn.Conv2d;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.tensor.Tensor;
import java.util.Arrays;

/// A change of low rank of any layer's weight: `s B A`.
///
/// | layer | weight | A | B |
/// |---|---|---|---|
/// | linear | `(O, I)` | `lora_A.weight (r, I)` | `lora_B.weight (O, r)` |
/// | convolution in g groups | `(O, I/g, K, ...)` | `lora_A.weight (r, I/g, K, ...)` | `lora_B.weight (O, r/g, 1, ...)` |
/// | embedding | `(V, D)` | `lora_embedding_A (r, V)` | `lora_embedding_B (D, r)` |
///
/// @param down A
/// @param up B
/// @param scale s
/// @param turned whether the product is the weight's transpose, as an embedding's is
record LowRank(Tensor down, Tensor up, double scale, boolean turned) {

    /// What the tensors of a layer are called, their shapes and how they start, so that the product
    /// is zero: PEFT's way.
    record Plan(
            String downName,
            long[] down,
            Init downInit,
            String upName,
            long[] up,
            Init upInit,
            boolean turned) {

        /// The plan for a layer.
        ///
        /// @throws IllegalArgumentException if the rank does not split over a convolution's groups
        static Plan of(String path, Adaptable layer, int rank) {
            return of(path, layer, rank, false);
        }

        /// The plan for a layer, or for its weight as it lies there, an embedding's not turned.
        ///
        /// @throws IllegalArgumentException if the rank does not split over a convolution's groups
        static Plan of(String path, Adaptable layer, int rank, boolean asItLies) {
            var weight = layer.storedWeight().shape();
            if (layer instanceof Embedding && !asItLies) {
                return new Plan(
                        "lora_embedding_A",
                        new long[] {rank, weight[0]},
                        Init.ZEROS,
                        "lora_embedding_B",
                        new long[] {weight[1], rank},
                        Init.normal(1),
                        true);
            }
            long groups = groups(path, layer, rank);
            var down = weight.clone();
            down[0] = rank;
            var up = new long[weight.length];
            Arrays.fill(up, 1);
            up[0] = weight[0];
            up[1] = rank / groups;
            long inputs = layer.storedWeight().numel() / weight[0];
            var uniform = Init.uniform(1 / Math.sqrt(inputs));
            return new Plan("lora_A.weight", down, uniform, "lora_B.weight", up, Init.ZEROS, false);
        }

        private static long groups(String path, Adaptable layer, int rank) {
            long groups =
                    switch (layer) {
                        case Conv1d conv -> conv.window().groups();
                        case Conv2d conv -> conv.window().groups();
                        case Linear _, Embedding _ -> 1;
                    };
            if (rank % groups != 0) {
                throw new IllegalArgumentException(
                        "adapter: %s is a convolution in %d groups, over which a rank of %d does not split; use a multiple of %d"
                                .formatted(path, groups, rank, groups));
            }
            return groups;
        }
    }

    /// The factor on the product.
    static double scale(int rank, double alpha, boolean stabilised) {
        return alpha / (stabilised ? Math.sqrt(rank) : rank);
    }

    /// Groups that do not see each other, each with its share of the rank.
    long groups() {
        return turned ? 1 : down.size(0) / up.size(1);
    }

    /// What is added to a weight.
    ///
    /// @param shape the weight's
    Tensor delta(long... shape) {
        long groups = groups(), each = down.size(0) / groups;
        if (groups > 1) {
            var parts =
                    up.reshape(groups, up.size(0) / groups, each)
                            .bmm(down.reshape(groups, each, -1));
            return parts.reshape(shape).mul(scale);
        }
        var product = up.reshape(up.size(0), each).matmul(down.reshape(each, -1));
        return (turned ? product.transpose(0, 1) : product.reshape(shape)).mul(scale);
    }
}
