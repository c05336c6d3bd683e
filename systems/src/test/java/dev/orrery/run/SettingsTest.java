package dev.orrery.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.nn.Precision;
import dev.orrery.system.dynalang.DynalangClaim;
import dev.orrery.system.pi0.Pi0Config;
import java.util.List;
import org.junit.jupiter.api.Test;

class SettingsTest {

    private record Before(int steps, double rate) {}

    private record After(int steps, double rate, Precision precision) {}

    private record Config<T>(String name, T training, Precision other) {}

    private static Config<?> before() {
        return new Config<>("a", new Before(3, 1e-4), Precision.F32);
    }

    private static Config<?> after(Precision precision) {
        return new Config<>("a", new After(3, 1e-4, precision), Precision.F32);
    }

    @Test
    void aKeyThatCameLaterCountsOnlyWhereItSaysSomethingNew() {
        assertThat(Settings.digest(after(Precision.F32))).isEqualTo(Settings.digest(before()));
        assertThat(Settings.digest(after(Precision.BF16))).isNotEqualTo(Settings.digest(before()));
        assertThat(Settings.digest(List.of(after(Precision.F32), 7)))
                .as("inside a list")
                .isEqualTo(Settings.digest(List.of(before(), 7)));
    }

    @Test
    void digestsAreThoseOfTheTextThatWasPublished() {
        for (Object settings : List.of("", "words", before(), List.of(1, 2.5e-7))) {
            assertThat(Settings.digest(settings).isEmpty()).isFalse();
        }
        var text = ConfigBinder.json(before());
        assertThat(Settings.digest(before())).isEqualTo(Integer.toHexString(text.hashCode()));
        var other = new Config<>("a", new Before(3, 1e-4), Precision.BF16);
        assertThat(Settings.digest(other)).isNotEqualTo(Settings.digest(before()));
    }

    @Test
    void whatWasPublishedOfPi0StillCounts() {
        assertThat(Settings.digest(Pi0Config.laptop()))
                .as("settings in docs/claims/pi0-P1.json")
                .isEqualTo("5320372");
        var rounded = Pi0Config.laptop().training().with(Precision.BF16);
        assertThat(Settings.digest(Pi0Config.laptop().with(rounded))).isNotEqualTo("5320372");
    }

    @Test
    void whatWasPublishedOfDynalangStillCounts() {
        var hints = new DynalangClaim().trials().getFirst().experiment().settings();
        assertThat(Settings.digest(hints.apply("hint")))
                .as("settings in docs/claims/dynalang-D1.json")
                .isEqualTo("393a518");
    }

    @Test
    void aTrainingSaysHowItMultipliesAndWarnsWhereThatIsSlow() {
        assertThat(TrainingPrecision.words(Precision.F32, false))
                .isEqualTo("linear layers multiply in F32");
        assertThat(TrainingPrecision.words(Precision.F32, true))
                .contains("training.precision=BF16");
        assertThat(TrainingPrecision.words(Precision.BF16, true))
                .contains("bf16, in hardware")
                .doesNotContain("warning");
        assertThat(TrainingPrecision.words(Precision.BF16, false))
                .startsWith("warning: ")
                .contains("emulates", "training.precision=F32");
    }
}
