package dev.orrery.system.dynalang;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.worldmodel.Draws;
import dev.orrery.worldmodel.Rssm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// An agent in N worlds at once: it remembers the state that each has led it to.
final class Player {

    private final Dynalang model;
    private final int lanes;
    private Tensor deter, latents, action;

    Player(Dynalang model, int lanes) {
        this.model = model;
        this.lanes = lanes;
        var config = model.rssm.config();
        try (var _ = TensorScope.open()) {
            deter = TensorScope.release(Tensor.zeros(lanes, config.deter()));
            latents = TensorScope.release(Tensor.zeros(lanes, config.latents()));
            action = TensorScope.release(Tensor.zeros(lanes, config.actions()));
        }
    }

    /// The choices in every world, after perceiving what it shows now; draws from the policy.
    int[] act(Stage stage, Seed seed) {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var moment = moment(stage);
            var embedding = model.perception.forward(moment).select(0, 0);
            var state =
                    model.rssm.filter(
                            new Rssm.State(deter, latents),
                            embedding,
                            action,
                            moment.first().select(0, 0),
                            Draws.of(seed.split("state")));
            var drawn = model.actor.draw(state.features(), Draws.of(seed.split("action")), 0);
            replace(state.deter(), state.latents(), drawn);
            return choices(drawn);
        }
    }

    private void replace(Tensor newDeter, Tensor newLatents, Tensor newAction) {
        deter.copy_(newDeter);
        latents.copy_(newLatents);
        action.copy_(newAction);
    }

    private int[] choices(Tensor drawn) {
        int[] sizes = model.senses.choices();
        var choices = new int[lanes * sizes.length];
        long at = 0;
        for (int c = 0; c < sizes.length; c++) {
            var taken = drawn.narrow(-1, at, sizes[c]).argmax(-1, false).toLongs();
            for (int n = 0; n < lanes; n++) choices[n * sizes.length + c] = (int) taken[n];
            at += sizes[c];
        }
        return choices;
    }

    private Lesson moment(Stage stage) {
        var senses = stage.senses();
        var first = new float[lanes];
        for (int n = 0; n < lanes; n++) first[n] = stage.first()[n] ? 1 : 0;
        var none = Tensor.zeros(1, lanes);
        return new Lesson(
                Tensor.of(stage.symbols(), 1, lanes, senses.symbols()),
                images(stage.pixels(), senses.pixels(), 1, lanes),
                Tensor.of(stage.tokens(), 1, lanes).to(DType.I64),
                none,
                Tensor.of(first, 1, lanes),
                none,
                none,
                none,
                new Rssm.State(deter, latents));
    }

    /// Pixels `(T, B, P, P, 3)` as `(T, B, 3, P, P)` from -0.5 to 0.5.
    static Tensor images(byte[] pixels, int side, long steps, long batch) {
        return Tensor.of(pixels, steps, batch, side, side, 3)
                .permute(0, 1, 4, 2, 3)
                .to(DType.F32)
                .div(255)
                .sub(0.5);
    }

    /// Deterministic states `(N, D)` of the last step.
    float[] deter() {
        return deter.toFloats();
    }

    /// The drawn class of each group of latents of the last step, `(N, G)`.
    byte[] classes() {
        try (var _ = TensorScope.open()) {
            var config = model.rssm.config();
            return bytes(latents.view(-1, config.groups(), config.classes()).argmax(-1, false));
        }
    }

    static byte[] bytes(Tensor classes) {
        var longs = classes.toLongs();
        var bytes = new byte[longs.length];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) longs[i];
        return bytes;
    }

    Map<String, Tensor> stateDict() {
        var state = new LinkedHashMap<String, Tensor>();
        state.put("deter", deter);
        state.put("latents", latents);
        state.put("action", action);
        return state;
    }

    void load(Map<String, Tensor> state) {
        replace(state.get("deter"), state.get("latents"), state.get("action"));
    }

    void close() {
        List.of(deter, latents, action).forEach(Tensor::close);
    }
}
