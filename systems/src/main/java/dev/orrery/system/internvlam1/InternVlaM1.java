package dev.orrery.system.internvlam1;

import dev.orrery.env.tabletop.Words;
import dev.orrery.lm.Trace;
import dev.orrery.lm.decoder.Greedy;
import dev.orrery.nn.Dropout;
import dev.orrery.nn.Module;
import dev.orrery.policy.tabletop.SceneLabels;
import dev.orrery.system.internvlam1.QueryTransformer.Looked;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vlm.CompactVlm;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/// InternVLA-M1 for the tabletop: a [CompactVlm] reads pictures, task and the question where things
/// are; learned queries look into what it made of them; a diffusion transformer acts.
///
/// Names: `vlm`, `places.{dino_encoder.body,dino_pro}`, `layer_qformer`, `action_model.net`.
public final class InternVlaM1 extends Module {

    /// Tokens of a box: left, top, right, bottom.
    static final int BOX = 4;

    private static final double RADIUS = .045;

    private final InternVlaM1Config.Model config;
    private final CompactVlm vlm;
    private final Optional<PlacesTower> places;
    private final QueryTransformer queries;
    private final ActionDit expert;

    public InternVlaM1(InternVlaM1Config.Model config, Seed seed) {
        this.config = config;
        vlm = child("vlm", new CompactVlm(config.vlmSize(), seed.split("vlm")));
        places =
                config.places().present()
                        ? Optional.of(
                                child(
                                        "places",
                                        new PlacesTower(
                                                config.places().tower(),
                                                config.vlm().width(),
                                                seed.split("places"))))
                        : Optional.empty();
        queries =
                child(
                        "layer_qformer",
                        new QueryTransformer(config.queriesSize(), seed.split("queries")));
        expert =
                child("action_model.net", new ActionDit(config.expertSize(), seed.split("expert")));
    }

    /// What it is made of.
    public InternVlaM1Config.Model config() {
        return config;
    }

    /// System 2.
    CompactVlm vlm() {
        return vlm;
    }

    /// The second tower.
    Optional<PlacesTower> places() {
        return places;
    }

    /// System 1.
    ActionDit expert() {
        return expert;
    }

    /// What the action expert is told.
    ///
    /// @param z `(B, Q, D)`
    /// @param boxes logits `(B, 4, V)` of the box that is written first; without elements if none
    ///   is
    /// @param embedded what was read
    /// @param read what was made of it
    record Condition(Tensor z, Tensor boxes, CompactVlm.Embedded embedded, CompactVlm.Read read) {}

    /// Reads a prompt, and a box if there is one, and gathers what was seen.
    ///
    /// @param box ids `(B, 4)` of the box of what to act on, for models that write it first
    /// @param trace what is shown of it, see [CompactVlm#read(CompactVlm.Embedded, Trace)]
    Condition condition(
            CompactVlm.Prompt prompt, Optional<Tensor> box, Dropout dropout, Trace trace) {
        var embedded = vlm.embed(prompt);
        if (box.isEmpty()) {
            var read = vlm.read(embedded, trace);
            var z = gather(read.last(), embedded.valid(), prompt, dropout);
            return new Condition(z, Tensor.zeros(0), embedded, read);
        }
        // one token more than is read, so that the last one of the box is seen as well
        var end = Tensor.full(Words.END, DType.I64, box.get().size(0), 1);
        var ids = Tensor.cat(List.of(box.get(), end), 1);
        var answered = vlm.answerWhole(embedded, ids, trace);
        var valid = embedded.then(vlm.embed(box.get())).valid();
        var z = gather(answered.read().states().getLast(), valid, prompt, dropout);
        return new Condition(z, answered.logits().narrow(1, 0, BOX), embedded, answered.read());
    }

    private Tensor gather(Tensor states, Tensor valid, CompactVlm.Prompt prompt, Dropout dropout) {
        var seen = places.map(tower -> tower.forward(prompt.images()));
        return queries.forward(
                new Looked(List.of(states), valid, seen), config.queries().manner(), dropout);
    }

    /// The box that the model writes for what it is to act on, location words only: ids `(B, 4)`.
    Tensor box(CompactVlm.Prompt prompt) {
        var locations = LongStream.range(0, Words.BINS).map(b -> Words.location((int) b)).toArray();
        var slots = Collections.nCopies(BOX, locations);
        return vlm.speak(vlm.embed(prompt), BOX, Greedy.Choice.among(slots)).ids();
    }

    /// The condition of acting: a box is written first where the model does that.
    Tensor decide(CompactVlm.Prompt prompt) {
        var box =
                config.prompt().boxesFirst() ? Optional.of(box(prompt)) : Optional.<Tensor>empty();
        return condition(prompt, box, Dropout.NONE, Trace.ofStates()).z();
    }

    /// The true boxes of what to act on: ids `(B, 4)`.
    static Tensor boxes(SceneLabels labels) {
        var x = labels.places().narrow(1, 0, 1);
        var y = labels.places().narrow(1, 1, 1);
        var edges = new ArrayList<Tensor>();
        for (double sign : new double[] {-1, 1}) {
            edges.add(x.add(sign * RADIUS));
            edges.add(y.add(sign * RADIUS));
        }
        return Tensor.cat(edges, 1)
                .mul((double) Words.BINS)
                .floor()
                .clamp(0, Words.BINS - 1)
                .to(DType.I64)
                .add((long) Words.location(0));
    }
}
