package dev.orrery.vision.vit;

import dev.orrery.nn.Attention;
import dev.orrery.nn.Init;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Visibility;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// A block of a vision transformer under the names of timm and of DINOv2's own code: `norm1`,
/// `attn.{qkv,proj}`, `norm2`, `mlp.{fc1,fc2}` and, where layers are scaled, `ls1` and `ls2`.
final class TimmBlock extends Module {
    private final VitConfig sizes;
    private final Form form;
    private final LayerNorm before, middle;
    private final Linear qkv, proj, fc1, fc2;
    private final Optional<Tensor> firstScale, secondScale;

    /// What differs from block to block of a family.
    ///
    /// @param biased whether queries, keys and values have biases
    /// @param gated feed-forward layers with a gate (giant): `fc1` gives it and what it lets pass
    record Form(boolean biased, boolean gated) {
        static final Form USUAL = new Form(true, false);
    }

    /// @param scale the name of the layer scales, empty for none
    TimmBlock(VitConfig sizes, String scale, Form form, Seed seed) {
        this.sizes = sizes;
        this.form = form;
        int width = sizes.width();
        before = child("norm1", new LayerNorm(width, sizes.epsilon()));
        qkv = child("attn.qkv", Linear.of(width, 3L * width, form.biased(), seed.split("qkv")));
        proj = child("attn.proj", new Linear(width, width, seed.split("proj")));
        middle = child("norm2", new LayerNorm(width, sizes.epsilon()));
        long hidden = (form.gated() ? 2L : 1L) * sizes.mlp();
        fc1 = child("mlp.fc1", new Linear(width, hidden, seed.split("fc1")));
        fc2 = child("mlp.fc2", new Linear(sizes.mlp(), width, seed.split("fc2")));
        firstScale = scale("ls1.", scale, seed);
        secondScale = scale("ls2.", scale, seed);
    }

    private Optional<Tensor> scale(String name, String scale, Seed seed) {
        return scale.isEmpty()
                ? Optional.empty()
                : Optional.of(parameter(name + scale, Init.ONES, seed, sizes.width()));
    }

    /// @param change what is done between attention and feed-forward layer
    Tensor forward(Tensor x, UnaryOperator<Tensor> change) {
        var parts = qkv.forward(before.forward(x)).chunk(3, -1);
        var heads = parts.stream().map(p -> Attention.splitHeads(p, sizes.heads())).toList();
        var mixed = Attention.attend(heads.get(0), heads.get(1), heads.get(2), Visibility.full());
        var attended = proj.forward(Attention.joinHeads(mixed));
        var sum = change.apply(x.add(firstScale.map(attended::mul).orElse(attended)));
        var hidden = fc2.forward(hidden(fc1.forward(middle.forward(sum))));
        return sum.add(secondScale.map(hidden::mul).orElse(hidden));
    }

    private Tensor hidden(Tensor x) {
        if (!form.gated()) return sizes.activation().forward(x);
        var halves = x.chunk(2, -1);
        return sizes.activation().forward(halves.getFirst()).mul(halves.getLast());
    }
}
