package dev.orrery.system.genie;

import dev.orrery.nn.Module;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The three models of a playable world: tokenizer, latent actions, dynamics.
///
/// A world trained with the data's own actions has no latent action model. Weights may be used by
/// several threads at once. Names: `tokenizer`, `latent_actions`, `dynamics`.
public final class Genie extends Module {

    private final GenieConfig config;
    private final List<String> actionNames;
    private final VideoTokenizer tokenizer;
    private final Optional<LatentActionModel> latentActions;
    private final Dynamics dynamics;

    /// @param actionNames the data's actions, for a configuration with `useGtActions`; else unused
    public Genie(GenieConfig config, List<String> actionNames, Seed seed) {
        boolean real = config.latentActions().useGtActions();
        if (real && actionNames.isEmpty()) {
            throw new IllegalArgumentException(
                    "genie: latentActions.useGtActions needs data with actions; these have none:"
                            + " add an action file, or set it to false");
        }
        this.config = config;
        this.actionNames = real ? List.copyOf(actionNames) : List.of();
        tokenizer = child("tokenizer", new VideoTokenizer(config, seed.split("tokenizer")));
        latentActions = real ? Optional.empty() : Optional.of(latentActions(config, seed));
        dynamics =
                child(
                        "dynamics",
                        new Dynamics(config, this.actionNames.size(), seed.split("dynamics")));
    }

    private LatentActionModel latentActions(GenieConfig config, Seed seed) {
        return child("latent_actions", new LatentActionModel(config, seed.split("latentActions")));
    }

    /// What it was built from.
    public GenieConfig config() {
        return config;
    }

    /// The data's actions, if it was trained with them; else empty.
    public List<String> actionNames() {
        return actionNames;
    }

    /// Frames to ids and back.
    public VideoTokenizer tokenizer() {
        return tokenizer;
    }

    /// What is done between frames.
    public Optional<LatentActionModel> latentActions() {
        return latentActions;
    }

    /// The next frame.
    public Dynamics dynamics() {
        return dynamics;
    }

    /// How many actions a player can choose from.
    public int codes() {
        return latentActions.map(lam -> lam.vq().config().codes()).orElseGet(actionNames::size);
    }

    /// The vectors `(..., A)` of actions by number, I64 `(...)`.
    ///
    /// @throws IllegalArgumentException for a number that is no action
    public Tensor actions(Tensor codes) {
        return latentActions
                .map(lam -> lam.vq().lookup(codes))
                .orElseGet(() -> dynamics.real(codes));
    }

    /// Which latent actions lead through pixels `(B, T, H, W, 3)`, I64 `(B, T-1)`.
    ///
    /// @param ids of the same frames
    /// @throws IllegalStateException if there are no latent actions
    public Tensor infer(Tensor video, Tensor ids) {
        var lam =
                latentActions.orElseThrow(() ->
                        new IllegalStateException(
                                "genie: this world was trained with real actions and infers none"));
        try (var _ = Grad.disabled();
                var scope = TensorScope.open()) {
            return scope.keep(lam.infer(lam.view(video, tokenizer, ids)));
        }
    }

    /// Which latent actions lead through pixels `(B, T, H, W, 3)`, I64 `(B, T-1)`.
    public Tensor infer(Tensor video) {
        try (var scope = TensorScope.open()) {
            return scope.keep(infer(video, tokenizer.encode(video)));
        }
    }

    /// The frames that follow a prompt when given actions are done one after another.
    ///
    /// @param prompt pixels `(B, P, H, W, 3)`
    /// @param before actions within the prompt, I64 `(B, P-1)`
    /// @param codes actions to do, I64 `(B, F)`
    /// @return pixels `(B, F, H, W, 3)`
    public Tensor imagine(
            Tensor prompt, Tensor before, Tensor codes, MaskGitSampler sampler, Seed seed) {
        try (var scope = TensorScope.open();
                var frames = new FrameSampler(this)) {
            frames.begin(tokenizer.encode(prompt), before);
            var pictures = new ArrayList<Tensor>();
            for (int f = 0; f < codes.size(1); f++) {
                try (var step = TensorScope.open()) {
                    var picture = frames.next(codes.select(1, f), sampler, seed.split(f));
                    pictures.add(step.keep(picture.unsqueeze(1)));
                }
            }
            return scope.keep(Tensor.cat(pictures, 1));
        }
    }
}
