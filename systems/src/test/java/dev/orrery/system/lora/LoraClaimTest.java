package dev.orrery.system.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.orrery.run.Machine;
import dev.orrery.run.Report;
import dev.orrery.run.Results;
import dev.orrery.run.Verdict.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoraClaimTest {

    private static Results results(Map<String, Report> arms) {
        var all = new ArrayList<Results.Measurement>();
        arms.forEach((arm, report) ->
                all.add(new Results.Measurement(arm, 7, report, 1, Machine.current(), "")));
        return new Results(all);
    }

    private static Results successes(Object... arms) {
        var all = new LinkedHashMap<String, Report>();
        for (int i = 0; i < arms.length; i += 2) {
            all.put((String) arms[i], Report.of("success_rate", (double) arms[i + 1]));
        }
        return results(all);
    }

    private static Outcome success(double base, double full, double lora) {
        return LoraClaim.judgeSuccess(
                        successes(
                                "base",
                                base,
                                "full",
                                full,
                                "lora 1",
                                0.,
                                "lora 2",
                                lora,
                                "lora 4",
                                0.,
                                "lora 8",
                                0.,
                                "lora 4 on q and v",
                                0.,
                                "dora 4",
                                0.,
                                "head",
                                0.,
                                "biases",
                                0.))
                .outcome();
    }

    @Test
    void theBestSmallRankMustBeNearFullTrainingAndBothFarAboveTheBase() {
        assertThat(success(.10, .60, .575)).isEqualTo(Outcome.PASSED);
        assertThat(success(.10, .60, .56)).isEqualTo(Outcome.MISSED);
        assertThat(success(.40, .60, .60)).isEqualTo(Outcome.MISSED);
        assertThat(success(0, 0, 0)).as("nothing is shown").isEqualTo(Outcome.MISSED);
    }

    private static Outcome ranks(double one, double four, double most, double head) {
        return LoraClaim.judgeRanks(
                        successes(
                                "lora 1", one, "lora 2", one, "lora 4", four, "lora 8", four,
                                "lora 32", most, "head", head))
                .outcome();
    }

    @Test
    void rankFourMustBeNearRankThirtyTwoAndRankOneAboveTheHead() {
        assertThat(ranks(.4, .5, .515, .3)).isEqualTo(Outcome.PASSED);
        assertThat(ranks(.4, .5, .53, .3)).isEqualTo(Outcome.MISSED);
        assertThat(ranks(.3, .5, .5, .3)).isEqualTo(Outcome.MISSED);
    }

    private static Outcome off(double difference) {
        var all = new LinkedHashMap<String, Report>();
        for (var arm : java.util.List.of("lora 1", "lora 2", "lora 4", "lora 8")) {
            all.put(arm, Report.of("off_difference", difference).with("original", .1));
        }
        return LoraClaim.judgeOff(results(all)).outcome();
    }

    @Test
    void offMeansToTheBit() {
        assertThat(off(0)).isEqualTo(Outcome.PASSED);
        assertThat(off(1e-9)).isEqualTo(Outcome.MISSED);
    }

    private static Outcome time(double merged) {
        var all = new LinkedHashMap<String, Report>();
        for (var arm : java.util.List.of("lora 1", "lora 2", "lora 4", "lora 8")) {
            all.put(
                    arm,
                    Report.of("merged_time", arm.equals("lora 8") ? merged : 1)
                            .with("unmerged_time", 1.4));
        }
        return LoraClaim.judgeTime(results(all)).outcome();
    }

    @Test
    void mergedMayTakeThreeHundredthsLonger() {
        assertThat(time(1.029)).isEqualTo(Outcome.PASSED);
        assertThat(time(1.031)).isEqualTo(Outcome.MISSED);
        assertThat(time(.96)).isEqualTo(Outcome.MISSED);
    }

    @Test
    void memoryIsMeasuredOnThreeMillionNumbers() {
        var full = TrainingMemory.measure(0);
        var two = TrainingMemory.measure(2);
        assertThat(full.get("numbers")).isBetween(2.5e6, 3.5e6);
        assertThat(full.get("bytes"))
                .isBetween(12 * full.get("numbers"), 12.1 * full.get("numbers"));
        assertThat(two.get("bytes")).isBetween(12 * two.get("trained"), 12.1 * two.get("trained"));
        assertThat(two.get("trained")).isLessThan(.1 * full.get("trained"));
    }

    @Test
    void armsAreWhatTheyAreCalled() {
        assertThat(LoraClaim.way("lora 32").rank()).isEqualTo(32);
        assertThat(LoraClaim.way("dora 4").method()).isEqualTo(LoraConfig.Method.DORA);
        assertThat(LoraClaim.way("lora 4 on q and v").layers())
                .isEqualTo(LoraConfig.Layers.QUERY_VALUE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LoraClaim.way("dropout"))
                .withMessageContaining("no arm 'dropout'");
    }
}
