package dev.orrery.system.rt2;

import dev.orrery.lm.decoder.Pick;
import dev.orrery.policy.ActionChunks;
import dev.orrery.system.rt2.RtTwoConfig.Actions;
import dev.orrery.system.rt2.RtTwoConfig.Kind;
import dev.orrery.system.rt2.RtTwoConfig.Language;
import dev.orrery.system.rt2.RtTwoConfig.Model;
import dev.orrery.system.rt2.RtTwoConfig.Text;
import dev.orrery.system.rt2.RtTwoConfig.Tokens;
import dev.orrery.system.rt2.RtTwoConfig.Training;
import dev.orrery.vision.SiglipConfig;
import java.util.ArrayList;
import java.util.List;

/// Configurations that train in seconds.
final class Small {

    private Small() {}

    static Model model() {
        return new Model(
                Kind.VLM,
                new SiglipConfig(32, 1, 2, 64, 8, List.of(8, 16), List.of(64, 32)),
                new Language(32, 2, 2, 64),
                new Text(512, 24, 0),
                Actions.of(4, 1, Tokens.INTEGER_WORDS));
    }

    static RtTwoConfig config() {
        return new RtTwoConfig(
                model(),
                new RtTwoConfig.Demonstrations(List.of("pick"), 3, ""),
                new RtTwoConfig.Web(3, 4, 1e-3, 1, true),
                new Training(9, 4, 1e-3, 1e-4, Training.Data.CO_FINE_TUNE, .5, .1, 3),
                new RtTwoConfig.Evaluation(1, 1, 160, 8, Pick.MEDIAN));
    }

    /// The first frames of every episode.
    static List<ActionChunks.Place> frames(int episodes, int frames) {
        var places = new ArrayList<ActionChunks.Place>();
        for (int e = 0; e < episodes; e++) {
            for (int t = 0; t < frames; t++) places.add(new ActionChunks.Place(e, t));
        }
        return places;
    }
}
