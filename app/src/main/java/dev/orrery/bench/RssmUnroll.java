package dev.orrery.bench;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.worldmodel.Draws;
import dev.orrery.worldmodel.Form;
import dev.orrery.worldmodel.KlBalance;
import dev.orrery.worldmodel.Rssm;

/// The recurrent half of a world model's update: posterior states of a batch of sequences, the
/// divergence between prior and posterior, and its gradients.
final class RssmUnroll {

    /// Sequences and their steps, as in the PyTorch peer.
    static final int BATCH = 16, STEPS = 64;

    private static final int EMBEDDING = 1024, ACTIONS = 6, WIDTH = 512;

    private final Rssm rssm;
    private final KlBalance balance;
    private final Tensor embeddings, actions, first;
    private final Seed seed = Seed.of(9);
    private int round;

    RssmUnroll(Form form) {
        int blocks = form == Form.V2024 ? 8 : 1;
        rssm =
                new Rssm(
                        new Rssm.Config(
                                form, WIDTH, WIDTH, 32, 32, blocks, 0.01, ACTIONS, EMBEDDING),
                        seed);
        balance = KlBalance.of(form);
        try (var _ = TensorScope.open()) {
            embeddings = TensorScope.release(seed.split(0).normal(STEPS, BATCH, EMBEDDING));
            actions = TensorScope.release(seed.split(1).uniform(STEPS, BATCH, ACTIONS));
            var starts = Tensor.zeros(STEPS, BATCH);
            starts.select(0, 0).fill_(1);
            first = TensorScope.release(starts);
        }
    }

    /// Unrolls once, forward and backward.
    void run() {
        try (var _ = TensorScope.open()) {
            var draws = Draws.of(seed.split(round++));
            var trace = rssm.observe(rssm.initial(BATCH), embeddings, actions, first, draws);
            var loss = balance.loss(balance.compare(trace.posterior(), trace.prior())).mean();
            loss.add(trace.features().square().mean(), 0.01).backward();
            rssm.clearGradients();
        }
    }
}
