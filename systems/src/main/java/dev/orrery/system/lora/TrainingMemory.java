package dev.orrery.system.lora;

import dev.orrery.adapter.Adapter;
import dev.orrery.adapter.AdapterConfig;
import dev.orrery.adapter.AdapterRates;
import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.DecoderConfig;
import dev.orrery.lm.decoder.DecoderPass;
import dev.orrery.nn.Activation;
import dev.orrery.nn.AttentionConfig.Biases;
import dev.orrery.nn.Rotary;
import dev.orrery.optim.AdamW;
import dev.orrery.optim.ParameterGroup;
import dev.orrery.run.Report;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.Optional;
import java.util.stream.Stream;

/// What one training step of a language model of three million numbers keeps besides weights and
/// activations: gradients and AdamW's two moments, counted from the tensors.
final class TrainingMemory {

    private static final int VOCABULARY = 2048, WIDTH = 192, DEPTH = 6, HEADS = 4, LENGTH = 64;

    private TrainingMemory() {}

    private static CausalLm model() {
        int head = WIDTH / HEADS;
        return new CausalLm(
                new DecoderConfig(
                        VOCABULARY,
                        WIDTH,
                        512,
                        new DecoderConfig.Heads(
                                HEADS, HEADS, head, Biases.NONE, false, Math.pow(head, -.5), 0),
                        new DecoderConfig.Style(
                                1e-6, false, Activation.SILU, false, false, false, 0),
                        DecoderConfig.Positions.everywhere(Rotary.halves(head, 1e4), DEPTH, LENGTH),
                        true),
                Seed.of(0));
    }

    /// @param rank of LoRA on every linear layer; 0 to train everything
    /// @return `bytes`, `trained`, and `trained_share` of all numbers
    static Report measure(int rank) {
        try (var model = model();
                var _ = TensorScope.open()) {
            var adapter = rank == 0 ? Optional.<Adapter>empty() : Optional.of(adapter(model, rank));
            var groups =
                    adapter.map(a -> a.groups(AdapterRates.ALIKE))
                            .orElseGet(() -> ParameterGroup.all(model.namedParameters()));
            var optimizer = AdamW.grouped(groups, AdamW.Settings.of(1e-3));
            var ids = Seed.of(1).integers(VOCABULARY, 2, LENGTH);
            CausalLm.loss(model.forward(ids, DecoderPass.whole(LENGTH)), ids).backward();
            long gradients =
                    Stream.concat(
                                    model.parameters().stream(),
                                    adapter.stream().flatMap(a -> a.parameters().stream()))
                            .filter(Tensor::hasGrad)
                            .mapToLong(p -> bytes(p.grad()))
                            .sum();
            optimizer.step();
            long moments =
                    optimizer.stateDict().values().stream().mapToLong(TrainingMemory::bytes).sum();
            long trained = optimizer.parameters().values().stream().mapToLong(Tensor::numel).sum();
            optimizer.clearGradients();
            var report =
                    Report.of("bytes", gradients + moments)
                            .with("trained", trained)
                            .with("trained_share", (double) trained / model.parameterCount())
                            .with("numbers", model.parameterCount());
            adapter.ifPresent(a -> {
                a.detach();
                a.close();
            });
            return report;
        }
    }

    private static Adapter adapter(CausalLm model, int rank) {
        var method = new AdapterConfig.Method.Lora(rank, rank, false);
        var config = new AdapterConfig(method, new AdapterConfig.Targets.AllLinear());
        return Adapter.on(model, config, Seed.of(2));
    }

    private static long bytes(Tensor tensor) {
        return tensor.numel() * tensor.dtype().bytes();
    }
}
