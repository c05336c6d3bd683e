package dev.orrery.system.pi0;

import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.policy.tabletop.Gaze;
import dev.orrery.policy.tabletop.Grounding;
import dev.orrery.policy.tabletop.SceneLabels;
import dev.orrery.policy.tabletop.WayPoints;
import dev.orrery.policy.tabletop.Whereabouts;
import dev.orrery.run.Report;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Optional;

/// What is trained: the network, and the heads that only training needs.
final class Pi0Trainee extends Module {

    private static final double WAY_POINTS = 3, NAMING = 8;

    final Pi0 pi0;
    private final Grounding grounding;
    private final WayPoints wayPoints;
    private final Optional<Linear> where;
    private final double gaze;

    Pi0Trainee(Pi0Config config, Seed seed) {
        this(config.model(), config.grounding().gaze(), seed);
    }

    private Pi0Trainee(Pi0Config.Model config, double gaze, Seed seed) {
        this.gaze = gaze;
        pi0 = child("model", new Pi0(config, seed.split("model")));
        var heads = seed.split("grounding");
        int width = config.language().width();
        double naming = gaze == 0 ? 1 : NAMING;
        grounding =
                child("grounding", new Grounding(width, Grounding.Reference.MARKED, naming, heads));
        wayPoints =
                child(
                        "wayPoints",
                        new WayPoints(config.expert().width(), heads.split("way-point")));
        where =
                gaze == 0
                        ? Optional.empty()
                        : Optional.of(child("where", new Linear(width, 2, heads.split("where"))));
    }

    /// What the language model made of a prompt, for the questions of stage 0.
    private Grounding.Reading reading(Pi0.Embedded embedded, Pi0.Prefix prefix) {
        long patches = SceneLabels.PATCHES;
        var middle = prefix.read().get(prefix.read().size() / 2);
        return new Grounding.Reading(
                embedded.embeddings().narrow(1, 0, patches),
                middle.narrow(1, 0, patches),
                Tensor.zeros(0),
                pi0::embed);
    }

    /// The questions of stage 0.
    Grounding.Result ask(Pi0.Embedded embedded, Pi0.Prefix prefix, SceneLabels labels) {
        return grounding.forward(
                reading(embedded, prefix), answer -> pi0.answer(prefix, answer), labels);
    }

    /// @param loss a scalar
    /// @param numbers its parts
    record Way(Tensor loss, Report numbers) {}

    /// Whether the state's token knows its way: how far from the gripper lies what the text names
    /// ([WayPoints]), and, as much as `grounding.gaze` says, whether it looks there in the middle
    /// layer, which reads what pictures made of the text ([Gaze]), and whether what it finds there
    /// says where it is ([Whereabouts]).
    ///
    /// @param seen a prefix that the state observed
    Way way(Pi0.Embedded embedded, Pi0.Prefix seen, SceneLabels labels) {
        var points = wayPoints.forward(seen.read().getLast(), labels);
        var numbers = Report.of("way_points", points.item());
        if (where.isEmpty()) {
            return new Way(points.mul(WAY_POINTS), numbers);
        }
        long patches = SceneLabels.PATCHES;
        var looks = pi0.gaze(seen, seen.read().size() / 2).narrow(-1, 0, patches);
        var found = Gaze.of(looks, labels);
        var told =
                Whereabouts.distance(
                        where.get(), embedded.embeddings().narrow(1, 0, patches), labels);
        return new Way(
                points.mul(WAY_POINTS).add(found.loss().add(told), gaze),
                numbers.with("gaze", found.hit().item()).with("where", told.item()));
    }
}
