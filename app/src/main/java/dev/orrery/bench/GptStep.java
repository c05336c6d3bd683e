package dev.orrery.bench;

import dev.orrery.nn.Embedding;
import dev.orrery.nn.Init;
import dev.orrery.nn.Layer;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Mlp;
import dev.orrery.nn.Module;
import dev.orrery.nn.Residual;
import dev.orrery.nn.SelfAttention;
import dev.orrery.optim.AdamW;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/// One training step of a small language model of the GPT kind: pre-layer-norm blocks of causal
/// attention and a GELU feed-forward of 4 D, learned positions, an untied head, AdamW.
final class GptStep {

    /// The sizes of the model and its batch.
    ///
    /// @param width channels D
    /// @param layers blocks
    /// @param heads attention heads
    /// @param length tokens T of a sequence
    /// @param batch sequences B of a step
    /// @param vocabulary tokens V
    record Shape(int width, int layers, int heads, int length, int batch, int vocabulary) {

        /// 4.9 M parameters and 4096 tokens a step.
        static final Shape STANDARD = new Shape(256, 6, 8, 256, 16, 512);

        int tokens() {
            return length * batch;
        }
    }

    private static final class Gpt extends Module implements Layer {

        private final Embedding tokens;
        private final Tensor positions;
        private final List<Layer> layers = new ArrayList<>();
        private final Layer norm, head;

        Gpt(Shape shape, Seed seed) {
            int d = shape.width;
            tokens = child("tokens", new Embedding(shape.vocabulary, d, seed.split("tokens")));
            positions = parameter("positions", Init.normal(0.02), seed, shape.length, d);
            for (int i = 0; i < shape.layers; i++) {
                var attention = SelfAttention.causal(d, shape.heads, seed.split("a" + i));
                layers.add(child("attention." + i, Residual.of(d, attention)));
                var mlp = new Mlp(d, 4L * d, seed.split("m" + i));
                layers.add(child("mlp." + i, Residual.of(d, mlp)));
            }
            norm = child("norm", new LayerNorm(d));
            head = child("head", Linear.withoutBias(d, shape.vocabulary, seed.split("head")));
        }

        /// Logits `(B, T, V)` of ids `(B, T)`.
        @Override
        public Tensor forward(Tensor ids) {
            var x = tokens.forward(ids).add(positions);
            for (var layer : layers) x = layer.forward(x);
            return head.forward(norm.forward(x));
        }
    }

    private final Gpt model;
    private final AdamW optimizer;
    private final Tensor ids, targets;

    GptStep(Shape shape, Seed seed) {
        model = new Gpt(shape, seed);
        optimizer = new AdamW(model.parameters(), 1e-3);
        try (var _ = TensorScope.open()) {
            var drawn = seed.split("ids");
            ids = TensorScope.release(draw(drawn.split(0), shape));
            targets = TensorScope.release(draw(drawn.split(1), shape).flatten());
        }
    }

    private static Tensor draw(Seed seed, Shape shape) {
        return seed.integers(shape.vocabulary, shape.batch, shape.length);
    }

    /// Takes one step and returns its loss.
    double step() {
        try (var _ = TensorScope.open()) {
            var logits = model.forward(ids);
            var loss = Functional.crossEntropy(logits.flatten(0, 1), targets);
            optimizer.minimise(loss);
            return loss.item();
        }
    }
}
