package dev.orrery.adapter;

import dev.orrery.tensor.Dispatcher;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;

/// Fills the factors of a fresh LoRA layer in one of the ways of [AdapterOptions.Start].
final class LoraStart {

    private LoraStart() {}

    /// @param stored the weight `(outputs, inputs, ...)`
    /// @throws IllegalArgumentException if the layer or its rank does not suit the start
    static void fill(
            String path, AdapterOptions.Start start, LowRank change, Tensor stored, Seed seed) {
        if (start == AdapterOptions.Start.KAIMING) return;
        if (change.turned()) {
            throw new IllegalArgumentException(
                    "adapter: %s is an embedding, whose A is zero at first; %s is for other layers"
                            .formatted(path, start));
        }
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            long rank = change.down().size(0);
            switch (start) {
                case KAIMING -> {}
                case GAUSSIAN -> normal(change.down(), seed.split("A"), 1.0 / rank);
                case OPENPI -> {
                    normal(change.down(), seed.split("A"), 0.01);
                    normal(change.up(), seed.split("B"), 0.01);
                }
                case ORTHOGONAL -> orthogonal(path, change, seed);
                case PISSA -> principal(path, change, stored);
                case OLORA -> triangular(path, change, stored);
            }
        }
    }

    private static void normal(Tensor factor, Seed seed, double deviation) {
        factor.copy_(seed.normal(factor.shape()).mul_(deviation));
    }

    /// A from every second row of an orthogonal matrix, B from the others.
    private static void orthogonal(String path, LowRank change, Seed seed) {
        long rank = change.down().size(0);
        if (rank % 2 != 0) {
            throw new IllegalArgumentException(
                    "adapter: an orthogonal start needs an even rank, %s has %d"
                            .formatted(path, rank));
        }
        var turn = Dispatcher.call("aten::linalg_qr", seed.normal(rank, rank), "reduced").tensor(0);
        long inputs = change.down().numel() / rank, outputs = change.up().size(0);
        var odd = turn.slice(0, 0, rank, 2);
        var even = turn.slice(0, 1, rank, 2);
        var down = seed.split("A").normal(inputs, rank / 2).matmul(odd).t().div(10);
        var up = seed.split("B").normal(outputs, rank / 2).matmul(even).div(10);
        change.down().copy_(down.reshape(change.down().shape()));
        change.up().copy_(up.reshape(change.up().shape()));
    }

    /// The weight's largest singular values, half of each in either factor.
    private static void principal(String path, LowRank change, Tensor stored) {
        long rank = change.down().size(0);
        var flat = flat(path, change, stored);
        var parts = Singular.of(flat, rank);
        double share = 1 / Math.sqrt(change.scale());
        change.up().copy_(parts.left().mul(share).reshape(change.up().shape()));
        change.down().copy_(parts.right().mul(share).reshape(change.down().shape()));
    }

    /// The first columns of the weight's orthogonal factor, and the first rows of the other.
    private static void triangular(String path, LowRank change, Tensor stored) {
        long rank = change.down().size(0);
        var factors = Dispatcher.call("aten::linalg_qr", flat(path, change, stored), "reduced");
        change.up().copy_(factors.tensor(0).narrow(1, 0, rank).reshape(change.up().shape()));
        change.down().copy_(factors.tensor(1).narrow(0, 0, rank).reshape(change.down().shape()));
    }

    private static Tensor flat(String path, LowRank change, Tensor stored) {
        if (change.groups() > 1) {
            throw new IllegalArgumentException(
                    "adapter: %s is a convolution in groups; start it by KAIMING".formatted(path));
        }
        return stored.detach().to(change.down().dtype()).reshape(stored.size(0), -1);
    }

    /// The best product of a rank: `left (O, r) right (r, I)`, singular values shared equally.
    record Singular(Tensor left, Tensor right) {

        /// @param matrix `(O, I)`
        static Singular of(Tensor matrix, long rank) {
            var svd = Dispatcher.call("aten::linalg_svd", matrix, false);
            var roots = svd.tensor(1).narrow(0, 0, rank).sqrt();
            return new Singular(
                    svd.tensor(0).narrow(1, 0, rank).mul(roots),
                    svd.tensor(2).narrow(0, 0, rank).mul(roots.unsqueeze(1)));
        }
    }
}
