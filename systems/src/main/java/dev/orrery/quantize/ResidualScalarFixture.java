package dev.orrery.quantize;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.quantize.FiniteScalarQuantizer.Grid;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// The library's `ResidualFSQ` and `ResidualLFQ` in training, in groups of channels or not: each
/// layer codes what is left over on a finer scale.
final class ResidualScalarFixture {

    /// Codes and what they cost.
    private record Coded(Tensor ids, Tensor embedding, Tensor loss) {}

    /// One layer: what is left over to codes.
    private interface Stage {
        Coded code(Tensor rest, Optional<Tensor> mask);
    }

    /// One residual quantiser.
    private record Group(String prefix, Frame frame) {}

    private final boolean grouped, channelsFirst, lossy;
    private final Optional<Tensor> clamp;
    private final List<Stage> stages;
    private final List<Group> groups = new ArrayList<>();

    private ResidualScalarFixture(LibrarySettings settings, String kind, boolean grouped) {
        this.grouped = grouped;
        settings.off(
                "quantize_dropout", "accept_image_fmap", "noise_dropout", "orthogonal_rotation");
        settings.ignore(
                "quantize_dropout_cutoff_index",
                "quantize_dropout_multiple_of",
                "force_quantization_f32",
                "allowed_dtypes",
                "scale");
        lossy = kind.equals("ResidualLFQ");
        channelsFirst = settings.flag("is_channel_first", false);
        int depth = settings.whole("num_quantizers"), inner;
        if (lossy) {
            int codes = settings.whole("codebook_size");
            if (Integer.bitCount(codes) != 1)
                throw settings.unsupported("codebook_size", "use a power of 2");
            inner = Integer.numberOfTrailingZeros(codes);
            clamp = Optional.empty();
            stages = signs(settings, depth, inner);
        } else {
            var levels = settings.wholes("levels");
            inner = levels.size();
            boolean clamped = settings.flag("bound_hard_clamp", true);
            clamp = clamp(settings, levels, clamped);
            stages = levels(levels, depth, clamped);
        }
        int many = grouped ? settings.whole("groups", 1) : 1;
        int width = settings.whole("dim", inner * many) / many;
        for (int g = 0; g < many; g++)
            groups.add(
                    new Group(
                            grouped ? "rvqs." + g + "." : "",
                            new Frame(new Frame.Config(width, inner, 1))));
        settings.finish(kind);
    }

    private static Optional<Tensor> clamp(
            LibrarySettings settings, List<Integer> levels, boolean clamped) {
        var values = new float[levels.size()];
        if (clamped) {
            settings.off("soft_clamp_input_value");
            for (int i = 0; i < values.length; i++) values[i] = 1 + 1f / (levels.get(i) - 1);
        } else {
            double one = settings.number("soft_clamp_input_value", 0);
            if (one == 0) return Optional.empty();
            java.util.Arrays.fill(values, (float) one);
        }
        return Optional.of(Tensor.of(values, values.length));
    }

    private static List<Stage> levels(List<Integer> levels, int depth, boolean clamped) {
        var quantizer =
                new FiniteScalarQuantizer(
                        new FiniteScalarQuantizer.Config(levels, Grid.SYMMETRIC, clamped));
        var stages = new ArrayList<Stage>();
        for (int i = 0; i < depth; i++) {
            var finer = new float[levels.size()];
            for (int c = 0; c < finer.length; c++) finer[c] = (float) Math.pow(levels.get(c), -i);
            var scale = Tensor.of(finer, finer.length);
            stages.add((rest, _) -> {
                var coded = quantizer.forward(rest.div(scale));
                return new Coded(coded.ids(), coded.embedding().mul(scale), Tensor.zeros());
            });
        }
        return stages;
    }

    private static List<Stage> signs(LibrarySettings settings, int depth, int bits) {
        var objective = LfqFixture.objective(settings);
        settings.only("frac_per_sample_entropy", 1);
        settings.off("experimental_softplus_entropy_loss", "channel_first");
        settings.ignore("entropy_loss_offset");
        boolean spherical = settings.flag("spherical", false);
        double bound = settings.number("soft_clamp_input_value", 0);
        return IntStream.range(0, depth)
                .mapToObj(i -> {
                    double scale = Math.pow(2, -i), soft = bound * scale;
                    var quantizer =
                            new LookupFreeQuantizer(
                                    new LookupFreeQuantizer.Config(
                                            bits, 1, scale, spherical, objective));
                    return (Stage)
                            (rest, mask) -> {
                                var x = soft == 0 ? rest : rest.div(soft).tanh().mul(soft);
                                var signs =
                                        mask.map(m ->
                                                        LfqFixture.unaveraged(
                                                                quantizer.forward(x, m), objective))
                                                .orElseGet(() -> quantizer.forward(x));
                                return new Coded(signs.ids(), signs.embedding(), signs.loss());
                            };
                })
                .toList();
    }

    static Map<String, Tensor> run(
            Fixture fixture, LibrarySettings settings, String kind, boolean grouped) {
        var model = new ResidualScalarFixture(settings, kind, grouped);
        var frames = model.groups.stream().map(Group::frame);
        if (frames.anyMatch(frame -> !frame.stateDict().isEmpty())) {
            var weights = Safetensors.read(fixture.weightsFile());
            for (var group : model.groups) {
                var own = ResidualFixture.named(weights, group.prefix());
                own.keySet().removeIf(name -> name.startsWith("layers."));
                group.frame().load(own);
            }
        }
        return model.outputs(fixture.inputs());
    }

    private Map<String, Tensor> outputs(Map<String, Tensor> inputs) {
        var x = QuantizerFixture.leaf(inputs, "x", "z");
        var mask = Optional.ofNullable(inputs.get("mask")).map(m -> m.to(DType.BOOL));
        var vectors = channelsFirst ? x.movedim(1, -1) : x;
        var parts = vectors.chunk(groups.size(), -1);
        var ids = new ArrayList<Tensor>();
        var outs = new ArrayList<Tensor>();
        var losses = new ArrayList<Tensor>();
        for (int g = 0; g < groups.size(); g++) {
            var frame = groups.get(g).frame();
            var rest = clamped(frame.project(parts.get(g)));
            var sum = Tensor.zerosLike(rest);
            var own = new ArrayList<Tensor>();
            var costs = new ArrayList<Tensor>();
            for (var stage : stages) {
                var coded = stage.code(rest, mask);
                rest = rest.sub(coded.embedding().detach());
                sum = sum.add(coded.embedding());
                own.add(coded.ids());
                costs.add(coded.loss());
            }
            outs.add(frame.join(sum.unsqueeze(-2)));
            ids.add(Tensor.stack(own, -1));
            losses.add(Tensor.stack(costs, 0));
        }
        return found(x, inputs, Tensor.cat(outs, -1), ids, losses);
    }

    private Map<String, Tensor> found(
            Tensor x,
            Map<String, Tensor> inputs,
            Tensor joined,
            List<Tensor> ids,
            List<Tensor> losses) {
        var out = channelsFirst ? joined.movedim(-1, 1) : joined;
        var indices = grouped ? Tensor.stack(ids, 0) : ids.getFirst();
        var loss = grouped ? Tensor.stack(losses, 0) : losses.getFirst();
        var found = new LinkedHashMap<String, Tensor>();
        found.put("quantized", out.detach());
        found.put("indices", channelsFirst ? indices.movedim(-1, 1) : indices);
        if (lossy)
            for (var name : List.of("aux_loss", "aux_losses", "losses", "commit_losses"))
                found.put(name, loss.detach());
        QuantizerFixture.differentiate(out, loss.sum(), inputs, x, found);
        for (var group : groups)
            group.frame()
                    .namedParameters()
                    .forEach((name, parameter) -> {
                        if (parameter.hasGrad())
                            found.put("grad." + group.prefix() + name, parameter.grad());
                    });
        return found;
    }

    private Tensor clamped(Tensor z) {
        return clamp.map(c -> z.div(c).tanh().mul(c)).orElse(z);
    }
}
