package dev.orrery.system.pi0;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.system.pi0.ActionHead.Times;
import java.util.List;
import org.junit.jupiter.api.Test;

class Pi0FitTest {

    private static final Pi0Config DEMO = Pi0Config.demo();

    private static int steps(Pi0Config config) {
        return config.grounding().steps() + config.training().steps();
    }

    @Test
    void whatFitsIsLeftAlone() {
        assertThat(Pi0Fit.to(DEMO, steps(DEMO))).isEqualTo(DEMO);
    }

    @Test
    void bothStagesShrinkInProportion() {
        var fitted = Pi0Fit.to(DEMO, steps(DEMO) * 3L / 4);
        assertThat(steps(fitted)).isEqualTo(steps(DEMO) * 3 / 4);
        assertThat(fitted.grounding().steps()).isEqualTo(DEMO.grounding().steps() * 3 / 4);
        assertThat(fitted.demonstrations()).isEqualTo(DEMO.demonstrations());
    }

    @Test
    void fewStepsAreSpentOnFewFamilies() {
        var fitted = Pi0Fit.to(DEMO, 1200);
        assertThat(steps(fitted)).isEqualTo(1200);
        assertThat(fitted.demonstrations().families()).isEqualTo(Pi0Fit.FEW_FAMILIES);
    }

    @Test
    void familiesThatSomebodyChoseStay() {
        var smoke = Pi0Config.smoke();
        assertThat(Pi0Fit.to(smoke, 200).demonstrations()).isEqualTo(smoke.demonstrations());
    }

    @Test
    void somethingIsAlwaysTrained() {
        assertThat(steps(Pi0Fit.to(DEMO, 0))).isEqualTo(100);
        assertThat(List.of(Pi0Fit.to(DEMO, 0).grounding().steps())).isEqualTo(List.of(25));
    }

    @Test
    void aTrainingTakesTheTimeOfBothItsStages() {
        var pace = new Pi0Speed.Pace(4, 2);
        var config = DEMO.withSteps(40, 60);
        assertThat(pace.of(config)).isEqualTo(100 / (10 + 30.0));
        var alone = new Pi0Speed.Pace(Double.POSITIVE_INFINITY, 2);
        assertThat(alone.of(DEMO.withSteps(0, 60))).isEqualTo(2);
    }

    @Test
    void thePaceOfBothStagesIsMeasured() {
        var small =
                Pi0Config.smoke()
                        .with(new Pi0Config.Grounding(41, 1, 1e-3, 1))
                        .with(
                                new Pi0Config.Training(
                                        41, 1, 1, 1e-3, .1, ActionHead.FLOW, Times.UNIFORM));
        var pace = Pi0Speed.pace(small, 41, 41);
        assertThat(List.of(pace.questions(), pace.actions()))
                .allSatisfy(rate -> assertThat(rate).isFinite().isPositive());
        assertThat(Pi0Speed.pace(small, 0, 41).questions()).isInfinite();
    }
}
