package dev.orrery.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.orrery.tensor.Seed;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class EngineBenchTest {

    @Test
    void ratiosAboveOneMeanBetterForRatesAndForCosts() {
        assertThat(new Measurement("rate", "tokens/s", true, 300, OptionalDouble.of(200)).ratio())
                .hasValue(1.5);
        assertThat(new Measurement("cost", "ns", false, 800, OptionalDouble.of(1200)).ratio())
                .hasValue(1.5);
        assertThat(new Measurement("alone", "ns", false, 800, OptionalDouble.empty()).ratio())
                .isEmpty();
        assertThat(Measurement.median(5, 1, 3)).isEqualTo(3);
        assertThat(Measurement.median(4, 1, 3, 2)).isEqualTo(2.5);
    }

    @Test
    void theModelsLearn() {
        var gpt = new GptStep(new GptStep.Shape(32, 2, 4, 16, 4, 24), Seed.of(1));
        double first = gpt.step();
        for (int i = 0; i < 30; i++) gpt.step();
        assertThat(gpt.step()).isLessThan(0.8 * first);
        var small = new SmallStep(Seed.of(2));
        double before = small.step();
        for (int i = 0; i < 100; i++) small.step();
        assertThat(small.step()).isLessThan(before);
    }

    @Test
    void aPythonThatIsNotThereIsNotAnError() {
        assertThat(PythonPeer.start("no-such-python", "peer.py", "1")).isEmpty();
        assertThat(PythonPeer.start("false", "peer.py", "1")).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EngineBench.Options(List.of(), 0, 10));
    }
}
