package dev.orrery.system.internvlam1;

import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.Trace;
import dev.orrery.lm.decoder.DecoderPass;
import dev.orrery.nn.Dropout;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.system.internvlam1.QueryTransformer.Looked;
import dev.orrery.system.internvlam1.QueryTransformer.Manner;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.vit.HubDino;
import dev.orrery.vlm.qwen.PictureGrid;
import dev.orrery.vlm.qwen.QwenVl;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The published network: Qwen2.5-VL and DINOv2 look, a query transformer gathers what both saw, a
/// diffusion transformer acts.
///
/// Names, as in the published state dict: `qwen_vl_interface.model`, `dino_encoder.body`,
/// `dino_pro`, `layer_qformer`, `action_model.net`.
final class PublishedNetwork extends Module {

    private final PublishedSizes sizes;
    private final QwenVl vlm;
    private final HubDino dino;
    private final Linear places;
    private final QueryTransformer queries;
    private final ActionDit expert;

    /// @param config of the vision-language model
    PublishedNetwork(PublishedSizes sizes, PublicConfig config, Seed seed) {
        this.sizes = sizes;
        vlm = child("qwen_vl_interface.model", QwenVl.create(config, seed.split("vlm")));
        dino = child("dino_encoder.body", new HubDino(sizes.dino(), seed.split("dino")));
        places =
                child(
                        "dino_pro",
                        new Linear(
                                sizes.dino().layers().width(),
                                sizes.vlm(),
                                seed.split("dino_pro")));
        queries = child("layer_qformer", new QueryTransformer(sizes.queries(), seed.split("q")));
        expert = child("action_model.net", new ActionDit(sizes.expert(), seed.split("expert")));
    }

    /// What it is made of.
    PublishedSizes sizes() {
        return sizes;
    }

    /// The vision-language model.
    QwenVl vlm() {
        return vlm;
    }

    /// The action expert.
    ActionDit expert() {
        return expert;
    }

    /// What is seen and told.
    ///
    /// @param ids `(B, L)`, padded on the left
    /// @param mask `(B, L)`, zero at padding
    /// @param patches of all pictures, as the vision-language model takes them
    /// @param grids how they are cut
    /// @param views the same pictures for the second tower `(B · V, 3, H, W)`
    record Seen(Tensor ids, Tensor mask, Tensor patches, List<PictureGrid> grids, Tensor views) {}

    /// The condition of the action expert `(B, Q, D)`.
    ///
    /// @param dropout [Dropout#NONE] outside training
    Tensor condition(Seen seen, Manner manner, Dropout dropout) {
        long batch = seen.ids().size(0);
        var embedded = vlm.embed(seen.ids(), seen.mask(), seen.patches(), seen.grids());
        var trace = Trace.ofStates();
        var pass =
                DecoderPass.whole(seen.ids().size(1))
                        .at(embedded.positions())
                        .padded(seen.mask())
                        .shown(trace);
        vlm.language().model().forward(embedded.embedded(), pass);
        var states = new ArrayList<Tensor>();
        for (int i = sizes.layers().from(); i < sizes.layers().until(); i++) {
            states.add(state(trace, i));
        }
        var tokens = dino.forward(seen.views());
        var all = tokens.reshape(batch, -1, tokens.size(2));
        var looked = new Looked(states, seen.mask(), Optional.of(places.forward(all)));
        return queries.forward(looked, manner, dropout);
    }

    private Tensor state(Trace trace, int i) {
        return Optional.ofNullable(trace.found().get("hidden_states." + i))
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "internvla-m1: the query transformer looks into hidden states %d to %d, the vision-language model has 0 to %d"
                                        .formatted(
                                                sizes.layers().from(),
                                                sizes.layers().until() - 1,
                                                vlm.language().model().config().depth())));
    }
}
