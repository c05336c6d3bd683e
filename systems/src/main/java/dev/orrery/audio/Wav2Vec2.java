package dev.orrery.audio;

import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicWeights;
import dev.orrery.lm.Trace;
import dev.orrery.nn.Activation;
import dev.orrery.nn.Attention;
import dev.orrery.nn.GroupNorm;
import dev.orrery.nn.Init;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Visibility;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Dispatcher;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// wav2vec 2.0 with a CTC head: speech `(B, samples)` at 16 kHz, of zero mean and unit variance, to
/// logits over characters `(B, frames, V)`.
///
/// Models whose extractor has a group norm were trained without a mask: pad their speech with zeros
/// and give no lengths. Names are those of the public checkpoints; the weight-normalised
/// convolution of positions is read under its old and its new name. Source: arXiv:2006.11477.
public final class Wav2Vec2 extends Module {

    private static final int CTC_MEAN = 1, CTC_SUM = 2;
    private static final String ROOT = "wav2vec2.";
    private static final String POSITIONS = "wav2vec2.encoder.pos_conv_embed.conv.";

    private final Wav2Vec2Config config;
    private final List<Extract> extractor = new ArrayList<>();
    private final LayerNorm featureNorm, encoderNorm;
    private final Linear projection;
    private final Optional<Linear> head;
    private final Tensor length, direction, positionBias;
    private final List<Block> layers = new ArrayList<>();

    public Wav2Vec2(Wav2Vec2Config config, Seed seed) {
        this(config, true, seed);
    }

    private Wav2Vec2(Wav2Vec2Config config, boolean headed, Seed seed) {
        this.config = config;
        int channels = 1;
        for (int i = 0; i < config.convolutions().size(); i++) {
            extractor.add(
                    child(
                            "wav2vec2.feature_extractor.conv_layers." + i,
                            new Extract(config, i, channels, seed.split("conv").split(i))));
            channels = config.convolutions().get(i).channels();
        }
        var sizes = config.layers();
        int width = sizes.width(), kernel = config.positions().kernel();
        featureNorm =
                child(
                        "wav2vec2.feature_projection.layer_norm",
                        new LayerNorm(channels, sizes.epsilon()));
        projection =
                child(
                        "wav2vec2.feature_projection.projection",
                        new Linear(channels, width, seed.split("projection")));
        length = parameter(POSITIONS + "weight_g", Init.ONES, seed, 1, 1, kernel);
        direction =
                parameter(
                        POSITIONS + "weight_v",
                        Init.fanIn(),
                        seed,
                        width,
                        width / config.positions().groups(),
                        kernel);
        positionBias = parameter(POSITIONS + "bias", Init.ZEROS, seed, width);
        encoderNorm = child("wav2vec2.encoder.layer_norm", new LayerNorm(width, sizes.epsilon()));
        for (int i = 0; i < sizes.depth(); i++) {
            layers.add(child("wav2vec2.encoder.layers." + i, new Block(sizes, seed.split(i))));
        }
        head =
                headed
                        ? Optional.of(
                                child(
                                        "lm_head",
                                        new Linear(width, config.vocabulary(), seed.split("head"))))
                        : Optional.empty();
    }

    /// Opens published weights, a file or a folder.
    public static Wav2Vec2 open(PublicConfig config, Path weights) {
        return weights(config).open(weights);
    }

    /// How published weights of a configuration are read and written.
    public static PublicWeights<Wav2Vec2> weights(PublicConfig config) {
        var sizes = Wav2Vec2Config.read(config);
        return new PublicWeights<>(
                config, () -> new Wav2Vec2(sizes, Seed.of(0)), Wav2Vec2::oldNames);
    }

    /// How an encoder without a head is read, from a file of its own or from one with other heads:
    /// those of pretraining, of CTC, or a classifier.
    public static PublicWeights<Wav2Vec2> encoder(PublicConfig config) {
        var sizes = Wav2Vec2Config.read(config);
        return new PublicWeights<>(
                config, () -> new Wav2Vec2(sizes, false, Seed.of(0)), Wav2Vec2::encoderNames);
    }

    private static Map<String, Tensor> encoderNames(Map<String, Tensor> state) {
        boolean rooted = state.keySet().stream().anyMatch(name -> name.startsWith(ROOT));
        var own = new LinkedHashMap<String, Tensor>();
        state.forEach((name, tensor) -> {
            if (name.startsWith(ROOT)) own.put(name, tensor);
            else if (!rooted) own.put(ROOT + name, tensor);
        });
        return oldNames(own);
    }

    private static Map<String, Tensor> oldNames(Map<String, Tensor> state) {
        var own = new LinkedHashMap<String, Tensor>();
        state.forEach((name, tensor) -> {
            if (name.equals("wav2vec2.masked_spec_embed")) return; // only pretraining uses it
            own.put(
                    name.replace("parametrizations.weight.original0", "weight_g")
                            .replace("parametrizations.weight.original1", "weight_v"),
                    tensor);
        });
        return own;
    }

    /// What it is made of.
    public Wav2Vec2Config config() {
        return config;
    }

    /// What the model makes of speech.
    ///
    /// @param convolved `(B, C, frames)`: the feature extractor's output
    /// @param features the same, normalised, `(B, frames, C)`
    /// @param hidden the last hidden states `(B, frames, D)`
    public record Heard(Tensor convolved, Tensor features, Tensor hidden) {}

    /// Speech of which all is heard.
    ///
    /// @param waveform `(B, samples)`
    public Heard forward(Tensor waveform, Trace trace) {
        var lengths = new long[(int) waveform.size(0)];
        Arrays.fill(lengths, waveform.size(waveform.rank() - 1));
        return forward(waveform, lengths, trace);
    }

    /// Speech of several lengths, for models that were trained with a mask.
    ///
    /// @param waveform `(B, samples)`, padded at the end with zeros
    /// @param lengths samples of each that are heard
    public Heard forward(Tensor waveform, long[] lengths, Trace trace) {
        if (waveform.rank() != 2 || config.frames(waveform.size(1)) < 1) {
            throw new IllegalArgumentException(
                    "wav2vec2: speech of shape %s; give (B, samples), enough samples for a frame"
                            .formatted(Arrays.toString(waveform.shape())));
        }
        var convolved = waveform.unsqueeze(1);
        for (var layer : extractor) convolved = layer.forward(convolved);
        var features = featureNorm.forward(convolved.transpose(1, 2));
        var x = projection.forward(features);
        var heard = heard(lengths, x.size(1));
        var seen = Visibility.full();
        if (heard.isPresent()) {
            // what is not heard is silence, and nobody attends to it
            x = x.mul(heard.get().to(x.dtype()).unsqueeze(-1));
            seen = Visibility.unpadded(heard.get());
        }
        x = x.add(places(x));
        boolean stable = config.layers().stable();
        if (!stable) x = encoderNorm.forward(x);
        for (int i = 0; i < layers.size(); i++) {
            trace.hidden(i, x);
            x = layers.get(i).forward(x, seen);
        }
        // the reference shows the last layer's output before the norm that follows all layers
        trace.hidden(layers.size(), x);
        if (stable) x = encoderNorm.forward(x);
        return new Heard(convolved, features, x);
    }

    /// Which frames are heard, BOOL `(B, frames)`; nothing where all are.
    private Optional<Tensor> heard(long[] lengths, long frames) {
        var counts = Arrays.stream(lengths).map(config::frames).toArray();
        if (Arrays.stream(counts).allMatch(count -> count >= frames)) return Optional.empty();
        var rows = Tensor.of(counts, counts.length).unsqueeze(1);
        return Optional.of(Tensor.arange(frames).unsqueeze(0).lt(rows));
    }

    /// Logits of every frame.
    ///
    /// @throws IllegalStateException if it was opened without the head
    public Tensor logits(Tensor hidden) {
        return head.orElseThrow(
                        () -> new IllegalStateException("wav2vec2: this encoder has no CTC head"))
                .forward(hidden);
    }

    private Tensor places(Tensor x) {
        var norm = direction.square().sum(new long[] {0, 1}, true).sqrt();
        var weight = direction.mul(length.div(norm));
        int kernel = config.positions().kernel();
        var far =
                Functional.conv1d(
                        x.transpose(1, 2),
                        weight,
                        positionBias,
                        1,
                        kernel / 2,
                        1,
                        config.positions().groups());
        // an even kernel gives a frame too many
        var fitting = kernel % 2 == 0 ? far.narrow(2, 0, x.size(1)) : far;
        return config.extractorActivation().forward(fitting).transpose(1, 2);
    }

    /// As [#loss(Tensor, Tensor, long[])] where all is heard.
    public Tensor loss(Tensor logits, Tensor labels) {
        var lengths = new long[(int) labels.size(0)];
        Arrays.fill(lengths, Long.MAX_VALUE);
        return loss(logits, labels, lengths);
    }

    /// Minus the log-probability of the labels, however they are aligned, summed over a batch or
    /// averaged as the configuration says.
    ///
    /// @param logits `(B, frames, V)`
    /// @param labels `(B, L)`, negative where there is none
    /// @param lengths samples of each that are heard; only their frames count
    public Tensor loss(Tensor logits, Tensor labels, long[] lengths) {
        int batch = (int) labels.size(0), most = (int) labels.size(1);
        var all = new ArrayList<Long>();
        var counts = new long[batch];
        long[] ids = labels.flatten(0, 1).toLongs();
        for (int b = 0; b < batch; b++) {
            for (int l = 0; l < most; l++) {
                long id = ids[b * most + l];
                if (id < 0) continue;
                all.add(id);
                counts[b]++;
            }
        }
        var frames =
                Arrays.stream(lengths)
                        .map(length -> Math.min(config.frames(length), logits.size(1)))
                        .toArray();
        var targets = all.stream().mapToLong(Long::longValue).toArray();
        return Dispatcher.call(
                        "aten::ctc_loss.IntList",
                        Functional.logSoftmax(logits.to(DType.F32), -1).transpose(0, 1),
                        Tensor.of(targets, targets.length),
                        frames,
                        counts,
                        (long) config.loss().blank(),
                        (long) (config.loss().mean() ? CTC_MEAN : CTC_SUM),
                        config.loss().lenient())
                .tensor(0);
    }

    /// One convolution of the feature extractor, its norm and its activation.
    private static final class Extract extends Module {
        private final Tensor weight;
        private final Optional<Tensor> bias;
        private final int stride;
        private final Activation activation;
        private final Optional<GroupNorm> group;
        private final Optional<LayerNorm> layer;

        Extract(Wav2Vec2Config config, int i, int from, Seed seed) {
            var size = config.convolutions().get(i);
            stride = size.stride();
            activation = config.extractorActivation();
            int to = size.channels();
            weight = parameter("conv.weight", Init.fanIn(), seed, to, from, size.kernel());
            bias =
                    config.biased()
                            ? Optional.of(parameter("conv.bias", Init.ZEROS, seed, to))
                            : Optional.empty();
            boolean grouped = config.extractorNorm() == Wav2Vec2Config.ExtractorNorm.GROUP;
            group =
                    grouped && i == 0
                            ? Optional.of(child("layer_norm", new GroupNorm(to, to, 1e-5)))
                            : Optional.empty();
            layer =
                    grouped
                            ? Optional.empty()
                            : Optional.of(child("layer_norm", new LayerNorm(to, 1e-5)));
        }

        Tensor forward(Tensor x) {
            var y = Functional.conv1d(x, weight, bias.orElse(null), stride, 0, 1, 1);
            if (group.isPresent()) y = group.get().forward(y);
            if (layer.isPresent()) y = layer.get().forward(y.transpose(1, 2)).transpose(1, 2);
            return activation.forward(y);
        }
    }

    /// Attention and a feed-forward layer, norms before or after.
    private static final class Block extends Module {
        private final Wav2Vec2Config.Layers sizes;
        private final Linear query, key, value, out, up, down;
        private final LayerNorm norm, last;

        Block(Wav2Vec2Config.Layers sizes, Seed seed) {
            this.sizes = sizes;
            int width = sizes.width();
            query = linear("attention.q_proj", width, width, seed);
            key = linear("attention.k_proj", width, width, seed);
            value = linear("attention.v_proj", width, width, seed);
            out = linear("attention.out_proj", width, width, seed);
            norm = child("layer_norm", new LayerNorm(width, sizes.epsilon()));
            up = linear("feed_forward.intermediate_dense", width, sizes.mlp(), seed);
            down = linear("feed_forward.output_dense", sizes.mlp(), width, seed);
            last = child("final_layer_norm", new LayerNorm(width, sizes.epsilon()));
        }

        private Linear linear(String name, long from, long to, Seed seed) {
            return child(name, new Linear(from, to, seed.split(name)));
        }

        Tensor forward(Tensor x, Visibility seen) {
            if (sizes.stable()) {
                var sum = x.add(attend(norm.forward(x), seen));
                return sum.add(mlp(last.forward(sum)));
            }
            var sum = norm.forward(x.add(attend(x, seen)));
            return last.forward(sum.add(mlp(sum)));
        }

        private Tensor attend(Tensor x, Visibility seen) {
            int heads = sizes.heads();
            var mixed =
                    Attention.attend(
                            Attention.splitHeads(query.forward(x), heads),
                            Attention.splitHeads(key.forward(x), heads),
                            Attention.splitHeads(value.forward(x), heads),
                            seen);
            return out.forward(Attention.joinHeads(mixed));
        }

        private Tensor mlp(Tensor x) {
            return down.forward(sizes.activation().forward(up.forward(x)));
        }
    }
}
