package dev.orrery.system.openvla;

import dev.orrery.nn.Module;
import dev.orrery.policy.ActionTokenizer;
import dev.orrery.policy.tabletop.Gaze;
import dev.orrery.policy.tabletop.Grounding;
import dev.orrery.policy.tabletop.Places;
import dev.orrery.run.Report;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// What is trained: the policy, and the heads that only its schooling needs.
final class OpenVlaTrainee extends Module {

    final OpenVla model;
    final VisionSchool school;
    private final Grounding grounding;
    private final Places places;

    OpenVlaTrainee(OpenVlaConfig.Model config, ActionTokenizer tokens, Seed seed) {
        model = child("model", new OpenVla(config, tokens, seed.split("model")));
        school = child("school", new VisionSchool(config.vision(), seed.split("school")));
        int width = config.language().width();
        grounding =
                child(
                        "grounding",
                        new Grounding(width, Grounding.Reference.POINTED, seed.split("grounding")));
        places = child("places", new Places(width, config.io().stateDims(), seed.split("places")));
    }

    /// What it knows of what it sees.
    ///
    /// @param loss a scalar to go down
    /// @param report how well each thing is known
    record Known(Tensor loss, Report report) {}

    /// What is where, which of it the text means, and whether the policy looks there.
    Known know(OpenVla.Insight insight, OpenVlaData.Batch batch) {
        var labels = batch.labels();
        var seen = grounding.look(insight.reading(), labels);
        var gaze = Gaze.of(insight.gaze(), labels);
        var robot = new Places.Robot(batch.prompt().state(), batch.gripper());
        var placed = places.forward(insight.reading().patches(), insight.placed(), robot, labels);
        return new Known(
                seen.loss().add(gaze.loss()).add(placed.loss()),
                Report.of("named", seen.named().item())
                        .with("mentioned", seen.mentioned().item())
                        .with("gaze", gaze.hit().item())
                        .plus(placed.report()));
    }
}
