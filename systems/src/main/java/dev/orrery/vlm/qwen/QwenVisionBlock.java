package dev.orrery.vlm.qwen;

import dev.orrery.nn.Attention;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.RmsNorm;
import dev.orrery.nn.Rotation;
import dev.orrery.nn.Visibility;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// One layer of [QwenVision]: `(N, D) -> (N, D)`, attention within groups of patches that stand
/// together.
final class QwenVisionBlock extends Module {

    private final QwenVision.Layers size;
    private final RmsNorm before, after;
    private final Linear qkv, out, gate, up, down;

    QwenVisionBlock(QwenVision.Layers size, Seed seed) {
        this.size = size;
        int width = size.width();
        before = child("norm1", new RmsNorm(width, QwenVision.EPSILON));
        qkv = linear("attn.qkv", width, 3L * width, seed);
        out = linear("attn.proj", width, width, seed);
        after = child("norm2", new RmsNorm(width, QwenVision.EPSILON));
        gate = linear("mlp.gate_proj", width, size.mlp(), seed);
        up = linear("mlp.up_proj", width, size.mlp(), seed);
        down = linear("mlp.down_proj", size.mlp(), width, seed);
    }

    private Linear linear(String name, long from, long to, Seed seed) {
        return child(name, new Linear(from, to, seed.split(name)));
    }

    /// @param groups how many patches each group has, in order
    Tensor forward(Tensor x, Rotation turn, List<Integer> groups) {
        var sum = x.add(out.forward(attend(qkv.forward(before.forward(x)), turn, groups)));
        var n = after.forward(sum);
        var gated = size.activation().forward(gate.forward(n)).mul(up.forward(n));
        return sum.add(down.forward(gated));
    }

    /// Groups of one length that follow each other are attended to in one call.
    private Tensor attend(Tensor joined, Rotation turn, List<Integer> groups) {
        var parts = joined.unflatten(-1, 3, size.heads(), size.width() / size.heads());
        var q = turned(parts.select(1, 0), turn);
        var k = turned(parts.select(1, 1), turn);
        var v = parts.select(1, 2);
        var mixed = new ArrayList<Tensor>();
        long from = 0;
        for (int i = 0; i < groups.size(); ) {
            int length = groups.get(i), same = i;
            while (same < groups.size() && groups.get(same) == length) same++;
            long count = same - i;
            mixed.add(
                    Attention.joinHeads(
                                    Attention.attend(
                                            run(q, from, count, length),
                                            run(k, from, count, length),
                                            run(v, from, count, length),
                                            Visibility.full()))
                            .flatten(0, 1));
            from += count * length;
            i = same;
        }
        return mixed.size() == 1 ? mixed.getFirst() : Tensor.cat(mixed, 0);
    }

    /// Turned in float32, as in the reference. `(N, heads, channels)`
    private static Tensor turned(Tensor x, Rotation turn) {
        var heads = x.transpose(0, 1).unsqueeze(0).to(DType.F32);
        return turn.apply(heads).squeeze(0).transpose(0, 1).to(x.dtype());
    }

    /// `(count, heads, length, channels)`
    private static Tensor run(Tensor x, long from, long count, long length) {
        return x.narrow(0, from, count * length).unflatten(0, count, length).transpose(1, 2);
    }
}
