package dev.orrery.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodebookAlarmTest {

    private static final CodebookAlarm.Config SHORT = new CodebookAlarm.Config(0.8, 5, 0.5);
    private static final CodeUsage EVEN = new CodeUsage(new long[] {5, 5, 5, 5});
    private static final CodeUsage GREEDY = new CodeUsage(new long[] {1, 17, 1, 1});
    private static final CodeUsage NARROW = new CodeUsage(new long[] {8, 0, 0, 0});

    @Test
    void oneCodeThatTakesNearlyAllForLongEnoughIsAnAlarm() {
        var alarm = new CodebookAlarm(SHORT, 4);
        for (int step = 1; step < 5; step++) assertThat(alarm.observe(GREEDY)).isEmpty();
        assertThat(alarm.observe(GREEDY).orElseThrow()).contains("code 1", "80 %", "5 steps");
        for (int step = 6; step < 10; step++) assertThat(alarm.observe(GREEDY)).isEmpty();
        assertThat(alarm.observe(GREEDY)).isPresent();
    }

    @Test
    void aSoleCodeThatMovesIsAnAlarmToo() {
        var alarm = new CodebookAlarm(SHORT, 4);
        var other = new CodeUsage(new long[] {0, 0, 20, 0});
        for (int step = 1; step < 5; step++)
            assertThat(alarm.observe(step < 3 ? GREEDY : other)).isEmpty();
        assertThat(alarm.observe(other)).isPresent();
    }

    @Test
    void oneGoodStepInBetweenStartsTheCountAnew() {
        var alarm = new CodebookAlarm(SHORT, 4);
        for (int step = 0; step < 20; step++)
            assertThat(alarm.observe(step % 5 == 4 ? EVEN : GREEDY)).isEmpty();
    }

    @Test
    void exactlyTheShareIsNoAlarm() {
        var alarm = new CodebookAlarm(SHORT, 4);
        var edge = new CodeUsage(new long[] {8, 1, 1, 0});
        for (int step = 0; step < 20; step++) assertThat(alarm.observe(edge)).isEmpty();
    }

    @Test
    void fewCodesInUseAreAnAlarmAndTurnsCount() {
        var alarm = new CodebookAlarm(SHORT, 4);
        var first = new CodeUsage(new long[] {4, 4, 0, 0});
        var second = new CodeUsage(new long[] {0, 0, 4, 4});
        for (int step = 0; step < 20; step++)
            assertThat(alarm.observe(step % 2 == 0 ? first : second)).isEmpty();
        var narrow = new CodebookAlarm(new CodebookAlarm.Config(1, 5, 0.5), 4);
        for (int step = 1; step < 5; step++) assertThat(narrow.observe(NARROW)).isEmpty();
        assertThat(narrow.observe(NARROW).orElseThrow()).contains("only 1 of 4 codes");
    }

    @Test
    void theCountSurvivesACheckpoint(@TempDir Path folder) {
        var alarm = new CodebookAlarm(SHORT, 4);
        for (int step = 1; step < 5; step++) alarm.observe(GREEDY);
        alarm.save(folder.resolve("alarm.safetensors"));
        var again = new CodebookAlarm(SHORT, 4);
        again.load(folder.resolve("alarm.safetensors"));
        assertThat(again.observe(GREEDY)).isPresent();
    }

    @Test
    void perplexityIsTheNumberOfCodesThatAreUsedAlike() {
        assertThat(EVEN.perplexity()).isEqualTo(4, within(1e-9));
        assertThat(NARROW.perplexity()).isEqualTo(1, within(1e-9));
        assertThat(new CodeUsage(new long[] {3, 3, 0, 0}).perplexity()).isEqualTo(2, within(1e-9));
        assertThat(GREEDY.usage()).isEqualTo(1);
        assertThat(NARROW.plus(EVEN).counts()).containsExactly(13, 5, 5, 5);
    }
}
