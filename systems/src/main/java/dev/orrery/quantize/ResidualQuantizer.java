package dev.orrery.quantize;

import dev.orrery.nn.Module;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Several vector quantisers, each of which codes what the ones before left over.
///
/// The gradient by the sum goes to the vectors once through each layer, as in the public code.
/// Names: `layers.0` and so on, each a [VectorQuantizer].
///
/// Source: arXiv:2107.03312 (SoundStream), algorithm 1.
public final class ResidualQuantizer extends Module {

    /// @param layers a quantiser each, all of one width
    /// @param shared whether all use the codebook of the first; their settings are alike then
    /// @param passed share of a layer's gradient that reaches the layers before it, from 0 to 1
    public record Config(List<VectorQuantizer.Config> layers, boolean shared, double passed) {

        public Config {
            layers = List.copyOf(layers);
            if (layers.isEmpty())
                throw new IllegalArgumentException(
                        "a residual quantiser needs at least one layer, got none");
            long widths =
                    layers.stream().mapToInt(VectorQuantizer.Config::width).distinct().count();
            if (widths > 1)
                throw new IllegalArgumentException(
                        "layers of a residual quantiser have one width, got %s"
                                .formatted(
                                        layers.stream()
                                                .map(VectorQuantizer.Config::width)
                                                .toList()));
            if (shared && layers.stream().distinct().count() > 1)
                throw new IllegalArgumentException(
                        "layers that share a codebook have one setting, got %s".formatted(layers));
            if (!(passed >= 0 && passed <= 1))
                throw new IllegalArgumentException(
                        "passed %s is not in [0, 1]; use 0".formatted(passed));
        }

        /// Layers that are alike, each with its own codebook.
        public static Config of(VectorQuantizer.Config layer, int quantizers) {
            return new Config(Collections.nCopies(quantizers, layer), false, 0);
        }
    }

    /// Vectors and their codes at each layer.
    ///
    /// @param ids I64 `(..., Q)`
    /// @param embedding the sum of the codes, `(..., D)`
    /// @param losses one for each layer, `(Q)`
    /// @param layers what each layer did
    public record Residual(Tensor ids, Tensor embedding, Tensor losses, List<Quantized> layers) {}

    private final Config config;
    private final List<VectorQuantizer> layers;

    /// @param seed where the first codes come from
    public ResidualQuantizer(Config config, Seed seed) {
        this.config = config;
        var own = new ArrayList<VectorQuantizer>();
        for (int i = 0; i < config.layers.size(); i++)
            own.add(
                    config.shared && i > 0
                            ? own.getFirst()
                            : new VectorQuantizer(config.layers.get(i), seed.split("layers." + i)));
        layers = children("layers", own);
    }

    /// The settings.
    public Config config() {
        return config;
    }

    /// The layers in turn; the same one each time where the codebook is shared.
    public List<VectorQuantizer> layers() {
        return layers;
    }

    /// Replaces vectors `(..., D)` by sums of codes of all layers.
    public Residual forward(Tensor z) {
        return forward(z, layers.size());
    }

    /// Replaces vectors `(..., D)` by sums of codes of the first layers.
    ///
    /// @param depth how many layers, from 1; drawn for each batch in training, it makes few codes
    ///   do well too
    public Residual forward(Tensor z, int depth) {
        return forward(z, depth, Optional.empty());
    }

    /// Replaces vectors `(..., D)`, some of which are padding: their ids are -1, their sums zero,
    /// and nothing is learned from them.
    ///
    /// @param mask BOOL `(...)`, true for vectors that count
    /// @throws IllegalArgumentException if no vector counts
    public Residual forward(Tensor z, Tensor mask) {
        return forward(z, layers.size(), Optional.of(mask));
    }

    private Residual forward(Tensor z, int depth, Optional<Tensor> mask) {
        if (depth < 1 || depth > layers.size())
            throw new IllegalArgumentException(
                    "depth %d is not from 1 to %d".formatted(depth, layers.size()));
        var done = new ArrayList<Quantized>();
        var rest = z;
        var sum = Tensor.zerosLike(z);
        for (var layer : layers.subList(0, depth)) {
            var left = rest;
            var quantized =
                    mask.map(m -> layer.forward(left, m)).orElseGet(() -> layer.forward(left));
            sum = sum.add(quantized.embedding());
            rest = rest.sub(passed(quantized.embedding()));
            done.add(quantized);
        }
        return new Residual(
                Tensor.stack(done.stream().map(Quantized::ids).toList(), -1),
                sum,
                Tensor.stack(done.stream().map(Quantized::loss).toList(), 0),
                List.copyOf(done));
    }

    private Tensor passed(Tensor embedding) {
        var detached = embedding.detach();
        if (config.passed == 0) return detached;
        return embedding.mul(config.passed).add(detached, 1 - config.passed);
    }

    /// The sums of codes of ids `(..., Q)`, or of fewer layers, `(..., D)`.
    ///
    /// @throws IllegalArgumentException for an id that is in no codebook, or too many layers
    public Tensor lookup(Tensor ids) {
        var each = ids.unbind(-1);
        if (each.isEmpty() || each.size() > layers.size())
            throw new IllegalArgumentException(
                    "ids %s of %d layers, the quantiser has %d"
                            .formatted(ids, each.size(), layers.size()));
        return IntStream.range(0, each.size())
                .mapToObj(i -> layers.get(i).lookup(each.get(i)))
                .reduce(Tensor::add)
                .orElseThrow();
    }

    /// Ends an optimiser step in every layer; see [VectorQuantizer#endStep].
    ///
    /// @return how many codes were revived
    public int endStep(List<Residual> batches, Seed seed) {
        var turns =
                IntStream.range(0, layers.size())
                        .mapToObj(i ->
                                batches.stream()
                                        .filter(b -> b.layers().size() > i)
                                        .map(b -> b.layers().get(i))
                                        .toList())
                        .toList();
        var used = turns.stream().filter(turn -> !turn.isEmpty()).toList();
        if (config.shared) return layers.getFirst().endTurns(used, seed);
        int revived = 0;
        for (int i = 0; i < used.size(); i++)
            revived += layers.get(i).endStep(used.get(i), seed.split(i));
        return revived;
    }
}
