package dev.orrery.system.pi0;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.run.Machine;
import dev.orrery.run.Report;
import dev.orrery.run.Results;
import dev.orrery.run.Trial;
import dev.orrery.run.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

class Pi0ClaimTest {

    @Test
    void aSuiteInWhichFartherIsEasierMissesTheLadder() {
        assertThat(ladder(.9, .8, .7, .6, .1)).isEqualTo(Verdict.Outcome.PASSED);
        assertThat(ladder(.9, .7, .8, .6, .1)).isEqualTo(Verdict.Outcome.MISSED);
        assertThat(ladder(.9, .9, .9, .9, .9)).isEqualTo(Verdict.Outcome.MISSED);
    }

    @Test
    void armsThatAreComparedShareTheirBudget() {
        var compared = trial("P2").experiment();
        assertThat(trial("P3").experiment().name()).isEqualTo(compared.name());
        assertThat(compared.settings().apply("flow"))
                .isNotEqualTo(compared.settings().apply("mse"))
                .isEqualTo(Pi0Config.laptop().withSteps(600, 2400));
    }

    private static Verdict.Outcome ladder(double l0, double l1, double l2, double l3, double l4) {
        var report =
                Report.of("success_rate", l0)
                        .with("success/L1", l1)
                        .with("success/L2", l2)
                        .with("success/L3", l3)
                        .with("success/L4", l4)
                        .with("success/L5", 0)
                        .with("success/L6", 0);
        var one = new Results.Measurement("flow", 7, report, 1, Machine.current(), "");
        return trial("T4").judge().judge(new Results(List.of(one))).outcome();
    }

    private static Trial trial(String id) {
        return new Pi0Claim()
                .trials().stream().filter(t -> t.id().equals(id)).findFirst().orElseThrow();
    }
}
