package dev.orrery.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.nn.Precision;
import dev.orrery.system.dynalang.DynalangClaim;
import dev.orrery.system.pi0.Pi0Config;
import dev.orrery.system.pi0.Pi0Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

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
    void aRunFromBeforeAKeyGoesOnAsItWasBegun(@TempDir Path folder) throws IOException {
        var run = ConfigBinder.tree(RunInfo.now("pi0", "demo", 1, Pi0Config.demo()));
        var config = (ObjectNode) run.get("config");
        ((ObjectNode) config.get("grounding")).remove("gaze");
        ((ObjectNode) config.get("demonstrations")).remove("constant");
        ((ObjectNode) config.get("training")).remove("precision");
        var file = folder.resolve(RunInfo.FILE);
        ConfigBinder.write(file, run);
        var resolved = resolve(file);
        assertThat(resolved.grounding().gaze()).isZero();
        assertThat(resolved)
                .isEqualTo(Pi0Config.demo().with(new Pi0Config.Grounding(1000, 32, 2e-3)));

        ConfigBinder.write(file, config); // somebody's own file: what it leaves out is the preset's
        assertThat(resolve(file)).isEqualTo(Pi0Config.demo());
    }

    private static Pi0Config resolve(Path file) {
        var request = new ConfigBinder.Request(Optional.of("demo"), List.of(file), List.of());
        return ConfigBinder.resolve(new Pi0Recipe(), request).config();
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
