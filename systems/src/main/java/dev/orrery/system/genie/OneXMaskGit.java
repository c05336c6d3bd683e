package dev.orrery.system.genie;

import dev.orrery.nn.Embedding;
import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.system.genie.GenieConfig.Order;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/// STMaskGIT, the dynamics without actions that 1X published as `GENIE_138M` and `GENIE_35M`: from
/// the tokens of frames to those of the next.
///
/// An id is split into digits (two of 512 values); a token's embedding is the sum of its digits',
/// or that of the mask, and of its place; each digit is predicted on its own. Names are those of
/// the published files. Source: the 1xgpt repository; pictures need the MAGVIT2 decoder, which is
/// not built.
public final class OneXMaskGit extends Module {

    private final OneXConfig config;
    private final Tensor positions, mask;
    private final List<Embedding> digits;
    private final List<OneXBlock> blocks;
    private final Linear head;

    public OneXMaskGit(OneXConfig config, Seed seed) {
        this.config = config;
        int width = config.width();
        var vocabulary = config.vocabulary();
        positions =
                parameter(
                        "pos_embed_TSC",
                        Init.ZEROS,
                        seed,
                        1,
                        config.frames(),
                        config.tokens(),
                        width);
        var tables = new ArrayList<Embedding>();
        for (int i = 0; i < vocabulary.digits(); i++) {
            tables.add(
                    new Embedding(vocabulary.factor(), width, 0.02, seed.split("digit").split(i)));
        }
        digits = children("token_embed.factored_embeds", tables);
        mask = parameter("token_embed.mask_token_embed", Init.ZEROS, seed, 1, width);
        var stack = new ArrayList<OneXBlock>();
        for (int i = 0; i < config.layers(); i++) {
            stack.add(new OneXBlock(config, seed.split("layer").split(i)));
        }
        blocks = children("decoder.layers", stack);
        long outputs = (long) vocabulary.digits() * vocabulary.factor();
        head =
                child(
                        "out_x_proj",
                        Linear.of(width, outputs, true, Init.normal(0.02), seed.split("head")));
    }

    /// What it was built from.
    public OneXConfig config() {
        return config;
    }

    /// The id that hides a token; one more than the largest.
    public int hidden() {
        return config.vocabulary().size();
    }

    /// Logits `(B, T, S, digits, factor)` of every token's digits.
    ///
    /// @param ids I64 `(B, T, S)`, [#hidden] where they are not known; T is the configuration's
    /// @throws IllegalArgumentException if the shape is another, or an id is too large
    public Tensor logits(Tensor ids) {
        checkShape(ids);
        var x = embed(ids).add(positions);
        for (var block : blocks) {
            x = block.forward(x);
        }
        var vocabulary = config.vocabulary();
        return head.forward(x.div(config.readout()))
                .unflatten(-1, vocabulary.digits(), vocabulary.factor());
    }

    private void checkShape(Tensor ids) {
        if (ids.rank() != 3 || ids.size(1) != config.frames() || ids.size(2) != config.tokens()) {
            throw new IllegalArgumentException(
                    "1X GENIE: ids of shape %s; it takes (B, %d, %d)"
                            .formatted(
                                    java.util.Arrays.toString(ids.shape()),
                                    config.frames(),
                                    config.tokens()));
        }
        long least = ids.min().toLongs()[0], most = ids.max().toLongs()[0];
        if (least < 0 || most > hidden()) {
            throw new IllegalArgumentException(
                    "1X GENIE: id %d; ids are 0 to %d, and %d hides one"
                            .formatted(least < 0 ? least : most, hidden() - 1, hidden()));
        }
    }

    private Tensor embed(Tensor ids) {
        var unknown = ids.eq((long) hidden()).unsqueeze(-1);
        var rest = ids.maskedFill(ids.eq((long) hidden()), 0);
        long factor = config.vocabulary().factor();
        var sum = digits.getFirst().forward(rest.remainder(factor));
        for (var table : digits.subList(1, digits.size())) {
            rest = rest.floorDivide(factor);
            sum = sum.add(table.forward(rest.remainder(factor)));
        }
        return Tensor.where(unknown, mask, sum);
    }

    /// Draws the ids `(B, S)` of a frame from those before it, in S steps of MaskGIT.
    ///
    /// The reference divides probabilities by the temperature and normalises them again, which
    /// changes nothing; here logits are divided.
    ///
    /// @param ids I64 `(B, T, S)`; from `frame` on they do not count
    /// @param frame which one, from 1 on
    /// @param steps how many; 1X's figures are of 2
    /// @param temperature 0 takes the likeliest digits
    /// @param order which tokens stay after a step; 1X takes [Order#RANDOM], as the other tends to
    ///   repeat the frame before
    public Tensor predict(
            Tensor ids, int frame, int steps, double temperature, Order order, Seed seed) {
        if (frame < 1 || frame >= config.frames() || steps < 1 || !(temperature >= 0)) {
            throw new IllegalArgumentException(
                    "1X GENIE: frame %d in %d steps at temperature %s; frames are 1 to %d, steps at least 1, temperatures 0 or more"
                            .formatted(frame, steps, temperature, config.frames() - 1));
        }
        try (var outer = TensorScope.open()) {
            long batch = ids.size(0);
            var before = ids.narrow(1, 0, frame);
            long later = config.frames() - frame - 1;
            var after = Tensor.full(hidden(), DType.I64, batch, later, config.tokens());
            var now = Tensor.full(hidden(), DType.I64, batch, config.tokens());
            for (int step = 0; step < steps; step++) {
                try (var scope = TensorScope.open()) {
                    var input = Tensor.cat(List.of(before, now.unsqueeze(1), after), 1);
                    var draws = draw(logits(input).select(1, frame), temperature, seed.split(step));
                    var open = now.eq((long) hidden());
                    var drawn = Tensor.where(open, draws.ids, now);
                    var sure =
                            switch (order) {
                                case GREEDY -> draws.confidence;
                                case RANDOM ->
                                        seed.split(step)
                                                .split("order")
                                                .uniform(batch, config.tokens());
                            };
                    now = scope.keep(hide(drawn, open, sure, step, steps));
                }
            }
            return outer.keep(now);
        }
    }

    private record Draws(Tensor ids, Tensor confidence) {}

    /// @param logits `(B, S, digits, factor)`
    private Draws draw(Tensor logits, double temperature, Seed seed) {
        var p = logits.softmax(-1);
        var picked =
                temperature == 0
                        ? p.argmax(-1, false)
                        : drawn(logits.div(temperature).softmax(-1), seed.split("digits"));
        var confidence = p.gather(-1, picked.unsqueeze(-1)).squeeze(-1).prod(-1);
        var powers = new long[config.vocabulary().digits()];
        powers[0] = 1;
        for (int i = 1; i < powers.length; i++) {
            powers[i] = powers[i - 1] * config.vocabulary().factor();
        }
        var ids = picked.mul(Tensor.of(powers, powers.length)).sum(-1, false);
        return new Draws(ids, confidence);
    }

    private static Tensor drawn(Tensor p, Seed seed) {
        var level = seed.uniform(p.size(0), p.size(1), p.size(2), 1);
        return p.cumsum(-1).narrow(-1, 0, p.size(3) - 1).le(level).sum(-1, false);
    }

    /// Hides again what is least sure; what was known before stays.
    private Tensor hide(Tensor drawn, Tensor open, Tensor sure, int step, int steps) {
        if (step == steps - 1) {
            return drawn;
        }
        double share = Math.cos(Math.PI / 2 * (step + 1) / steps);
        int again = (int) Math.ceil(share * config.tokens());
        var first = sure.maskedFill(open.logicalNot(), Double.POSITIVE_INFINITY);
        var least = first.topk(again, 1, false).indices();
        return drawn.scatter(1, least, (double) hidden());
    }
}
