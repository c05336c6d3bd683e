package dev.orrery.system.internvlam1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.run.Progress;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.system.internvlam1.InternVlaM1Config.Acting;
import dev.orrery.system.internvlam1.InternVlaM1Config.CoTraining;
import dev.orrery.system.internvlam1.InternVlaM1Config.Lessons;
import dev.orrery.system.internvlam1.InternVlaM1Config.Queries;
import dev.orrery.system.internvlam1.InternVlaM1Config.Rates;
import dev.orrery.system.internvlam1.InternVlaM1Config.Spatial;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InternVlaM1AlignmentTest {

    @TempDir private Path folder;

    @Test
    void gradientsOverlapInPartAndNotAtAllWhereNoneGetsThrough() {
        assertThat(alignment(.5)).isBetween(1e-6, 1 - 1e-6);
        assertThat(alignment(0)).isZero();
    }

    private double alignment(double scale) {
        var config =
                new InternVlaM1Config(
                        InternVlaM1RecipeTest.model().with(new Queries(4, 32, 4, scale, false, 0)),
                        new InternVlaM1Config.Demonstrations(List.of("reach"), 2, ""),
                        new Spatial(1, 2, 1e-3, Lessons.GROUNDING, false),
                        new Acting(2, 2, 1, Rates.tabletop(), new CoTraining(1, .1, .3), false),
                        new InternVlaM1Config.Evaluation(1, 4, 5, 1.5, 2));
        var info = RunInfo.now("internvla-m1", "custom", 3, config);
        try (var run = Run.create(folder.resolve("" + scale), info, Progress.silent())) {
            return InternVlaM1Recipe.trainAndAlign(config, run).get("alignment");
        }
    }
}
