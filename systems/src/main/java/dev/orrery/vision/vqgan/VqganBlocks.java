package dev.orrery.vision.vqgan;

import dev.orrery.nn.GroupNorm;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What both halves are made of.
final class VqganBlocks {

    private static final double EPSILON = 1e-6;

    private VqganBlocks() {}

    static GroupNorm norm(int channels) {
        return new GroupNorm(VqganConfig.GROUPS, channels, EPSILON);
    }

    /// Two convolutions behind norms, beside a shortcut.
    static final class Residual extends Module {
        private final GroupNorm norm1, norm2;
        private final PointConv conv1, conv2;
        private final Optional<PointConv> shortcut;

        Residual(int from, int to, Seed seed) {
            norm1 = child("norm1", norm(from));
            conv1 = child("conv1", new PointConv(from, to, 3, seed.split("conv1")));
            norm2 = child("norm2", norm(to));
            conv2 = child("conv2", new PointConv(to, to, 3, seed.split("conv2")));
            shortcut =
                    from == to
                            ? Optional.empty()
                            : Optional.of(
                                    child(
                                            "nin_shortcut",
                                            new PointConv(from, to, seed.split("shortcut"))));
        }

        Tensor forward(Tensor x) {
            var hidden = conv1.forward(Functional.silu(norm1.forward(x)));
            hidden = conv2.forward(Functional.silu(norm2.forward(hidden)));
            return shortcut.map(s -> s.forward(x)).orElse(x).add(hidden);
        }
    }

    /// Attention of every pixel to every other, one head.
    static final class Attending extends Module {
        private final GroupNorm norm;
        private final PointConv query, key, value, out;

        Attending(int channels, Seed seed) {
            norm = child("norm", norm(channels));
            query = child("q", new PointConv(channels, channels, seed.split("q")));
            key = child("k", new PointConv(channels, channels, seed.split("k")));
            value = child("v", new PointConv(channels, channels, seed.split("v")));
            out = child("proj_out", new PointConv(channels, channels, seed.split("out")));
        }

        Tensor forward(Tensor x) {
            var n = norm.forward(x);
            var mixed =
                    Functional.scaledDotProductAttention(
                            rows(query.forward(n)), rows(key.forward(n)), rows(value.forward(n)));
            var picture = mixed.squeeze(1).transpose(1, 2).reshape(x.shape());
            return x.add(out.forward(picture));
        }

        private static Tensor rows(Tensor x) {
            return x.flatten(2, 3).transpose(1, 2).unsqueeze(1);
        }
    }

    /// A block, attention, a block.
    static final class Middle extends Module {
        private final Residual first, second;
        private final Attending attention;

        Middle(int channels, Seed seed) {
            first = child("block_1", new Residual(channels, channels, seed.split("1")));
            attention = child("attn_1", new Attending(channels, seed.split("attn")));
            second = child("block_2", new Residual(channels, channels, seed.split("2")));
        }

        Tensor forward(Tensor x) {
            return second.forward(attention.forward(first.forward(x)));
        }
    }

    /// The blocks of one level, with attention behind each where there is any.
    static final class Level extends Module {
        private final List<Residual> blocks = new ArrayList<>();
        private final List<Attending> attention = new ArrayList<>();

        Level(int from, int to, int count, boolean attends, Seed seed) {
            for (int i = 0; i < count; i++) {
                blocks.add(
                        child(
                                "block." + i,
                                new Residual(
                                        i == 0 ? from : to, to, seed.split("block").split(i))));
                if (attends) {
                    attention.add(
                            child("attn." + i, new Attending(to, seed.split("attn").split(i))));
                }
            }
        }

        Tensor forward(Tensor x) {
            for (int i = 0; i < blocks.size(); i++) {
                x = blocks.get(i).forward(x);
                if (!attention.isEmpty()) x = attention.get(i).forward(x);
            }
            return x;
        }
    }
}
