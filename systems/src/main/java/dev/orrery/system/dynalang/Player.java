package dev.orrery.system.dynalang;

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
    private Tensor deter, latents, action, heard;

    Player(Dynalang model, int lanes) {
        this.model = model;
        var config = model.rssm.config();
        try (var _ = TensorScope.open()) {
            deter = TensorScope.release(Tensor.zeros(lanes, config.deter()));
            latents = TensorScope.release(Tensor.zeros(lanes, config.latents()));
            action = TensorScope.release(Tensor.zeros(lanes, config.actions()));
            heard = TensorScope.release(Tensor.zeros(lanes, model.heardWidth()));
        }
    }

    /// The choices in every world, after perceiving what it shows now; draws from the policy.
    int[] act(Stage stage, Seed seed) {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var moment = Lesson.now(stage, new Rssm.State(deter, latents), heard);
            var embedding = model.perception.forward(moment).select(0, 0);
            var state =
                    model.rssm.filter(
                            moment.start(),
                            embedding,
                            action,
                            moment.first().select(0, 0),
                            Draws.of(seed.split("state")));
            var remembered = model.hear(moment).select(0, 0);
            var view = model.view(state.features(), remembered);
            var drawn = model.actor.draw(view, Draws.of(seed.split("action")), 0);
            replace(state.deter(), state.latents(), drawn, remembered);
            return choices(model.senses, drawn);
        }
    }

    private void replace(Tensor newDeter, Tensor newLatents, Tensor newAction, Tensor newHeard) {
        deter.copy_(newDeter);
        latents.copy_(newLatents);
        action.copy_(newAction);
        heard.copy_(newHeard);
    }

    /// The choices of one-hot actions `(N, A)`, lane after lane.
    static int[] choices(Senses senses, Tensor drawn) {
        int[] sizes = senses.choices();
        int lanes = (int) drawn.size(0);
        var choices = new int[lanes * sizes.length];
        long at = 0;
        for (int c = 0; c < sizes.length; c++) {
            var taken = drawn.narrow(-1, at, sizes[c]).argmax(-1, false).toLongs();
            for (int n = 0; n < lanes; n++) choices[n * sizes.length + c] = (int) taken[n];
            at += sizes[c];
        }
        return choices;
    }

    /// Deterministic states `(N, D)` of the last step.
    float[] deter() {
        return deter.toFloats();
    }

    /// What actor and critic remember of words `(N, H)` after the last step.
    float[] heard() {
        return heard.toFloats();
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
        if (model.heardWidth() > 0) state.put("heard", heard);
        return state;
    }

    void load(Map<String, Tensor> state) {
        replace(
                state.get("deter"),
                state.get("latents"),
                state.get("action"),
                state.getOrDefault("heard", heard));
    }

    void close() {
        List.of(deter, latents, action, heard).forEach(Tensor::close);
    }
}
