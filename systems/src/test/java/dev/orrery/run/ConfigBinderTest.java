package dev.orrery.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigBinderTest {

    private final Sample.SampleRecipe recipe = new Sample.SampleRecipe();
    @TempDir Path folder;

    @Test
    void theFirstPresetIsTheDefault() {
        assertThat(resolve().config()).isEqualTo(Sample.laptop());
    }

    @Test
    void aFileLaysOverThePresetAndASetOverBoth() throws IOException {
        var file = write("{\"steps\": 7, \"inner\": {\"layers\": 2}}");
        var config = resolve(Optional.of("smoke"), Optional.of(file), "inner.layers=9").config();
        assertThat(config.title()).isEqualTo("smoke");
        assertThat(config.steps()).isEqualTo(7);
        assertThat(config.inner().layers()).isEqualTo(9);
        assertThat(config.inner().rate()).isEqualTo(1e-3);
    }

    @Test
    void setUnderstandsNumbersWordsAndEnums() {
        var config = resolve("inner.rate=2e-4", "inner.colour=BLUE", "title=a b").config();
        assertThat(config.inner().rate()).isEqualTo(2e-4);
        assertThat(config.inner().colour()).isEqualTo(Sample.Colour.BLUE);
        assertThat(config.title()).isEqualTo("a b");
    }

    @Test
    void anUnknownKeyIsAnsweredWithTheNearest() {
        refuses("inner.layer=3", "inner.layer", "did you mean 'layers'", "layers, rate, colour");
        refuses("iner.layers=3", "'iner'", "did you mean 'inner'");
        refuses("steps.more=3", "steps is a single value");
        refuses("steps", "key=value");
    }

    @Test
    void anUnknownKeyInAFileIsAnsweredToo() throws IOException {
        var file = write("{\"inner\": {\"rat\": 1}}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resolve(Optional.empty(), Optional.of(file)))
                .withMessageContaining("config.json: ")
                .withMessageContaining("inner.rat")
                .withMessageContaining("did you mean 'rate'");
    }

    @Test
    void anUnknownPresetIsAnsweredWithTheNearest() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resolve(Optional.of("smok"), Optional.empty()))
                .withMessageContaining("did you mean 'smoke'");
    }

    @Test
    void aWrongTypeNamesItsKey() {
        refuses("inner.layers=many", "inner.layers: \"many\" is not a whole number");
        refuses("inner.layers=2.5", "inner.layers: 2.5 is not a whole number");
        refuses("inner.layers=99999999999999", "inner.layers", "fits in 32 bits");
        refuses("inner.rate=0,1", "inner.rate: \"0,1\" is not a number");
        refuses("inner.rate=1e400", "inner.rate is Infinity", "a finite number");
        refuses("inner.colour=GREEN", "inner.colour: \"GREEN\" is not one of", "RED");
        refuses("inner=3", "inner: 3 is not an object with the keys [layers, rate, colour");
        refuses("inner=null", "inner: null is not an object");
        refuses("inner.layers=null", "inner");
    }

    @Test
    void theRecordsOwnCheckIsSaidWithItsKey() {
        refuses("inner.layers=0", "inner", "layers is 0; use 1 or more");
    }

    @Test
    void aFileThatIsMissingOrBrokenIsNamed() throws IOException {
        var missing = folder.resolve("none.json");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resolve(Optional.empty(), Optional.of(missing)))
                .withMessageContaining("none.json");
        for (var text : List.of("{\"steps\": ", "[1]", "", "{\"steps\":1,\"steps\":2}")) {
            var file = write(text);
            assertThatIllegalArgumentException()
                    .as(text)
                    .isThrownBy(() -> resolve(Optional.empty(), Optional.of(file)))
                    .withMessageContaining("config.json");
        }
    }

    @Test
    void anUnknownKeyOfARecordInAFileIsNamedWithTheFile() throws IOException {
        var text = ConfigBinder.json(Sample.laptop());
        var file = write(text.replaceFirst("\"steps\"", "\"stepz\" : 2, \"steps\""));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConfigBinder.read(file, Sample.class))
                .withMessageContaining("config.json: ")
                .withMessageContaining("stepz: there is no such key; did you mean 'steps'");
    }

    @Test
    void aRunsFileRunsItAgain() {
        var config = resolve("steps=5").config();
        var info = RunInfo.now("sample", "smoke", 42, config);
        Run.create(folder.resolve("run"), info, Progress.silent()).close();
        var file = folder.resolve("run").resolve(RunInfo.FILE);
        var again = resolve(Optional.empty(), Optional.of(file));
        assertThat(again.config()).isEqualTo(config);
        assertThat(again.preset()).isEqualTo("smoke");
        assertThat(again.seed()).hasValue(42L);
    }

    @Test
    void aDamagedFileOfARunIsNamed() throws IOException {
        var seed = write("{\"system\": \"sample\", \"config\": {}, \"seed\": \"x\"}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> laid(List.of(seed)))
                .withMessage(seed + ": seed: \"x\" is not a whole number that fits in 64 bits");
        var config = write("{\"system\": \"sample\", \"config\": 3}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> laid(List.of(config)))
                .withMessage(config + ": config is not an object {…}");
    }

    @Test
    void whatAClaimTrainedRunsAgainThoughItStartedFromNoPreset() {
        var config = resolve("steps=5").config();
        var info = RunInfo.now("sample", "claim paths, ot", 42, config);
        Run.create(folder.resolve("run"), info, Progress.silent()).close();
        var file = folder.resolve("run").resolve(RunInfo.FILE);
        assertThat(resolve(Optional.empty(), Optional.of(file)).config()).isEqualTo(config);
    }

    @Test
    void severalFilesAreLaidOverEachOther() throws IOException {
        var one = write("{\"steps\": 5, \"inner\": {\"layers\": 3}}");
        var two = Files.writeString(folder.resolve("two.json"), "{\"inner\": {\"layers\": 4}}");
        var config =
                ConfigBinder.resolve(
                                recipe,
                                new ConfigBinder.Request(
                                        Optional.empty(), List.of(one, two), List.of()))
                        .config();
        assertThat(config).isEqualTo(resolve("steps=5", "inner.layers=4").config());
        var other =
                ConfigBinder.resolve(
                                recipe,
                                new ConfigBinder.Request(
                                        Optional.empty(), List.of(two, one), List.of("steps=6")))
                        .config();
        assertThat(other).isEqualTo(resolve("steps=6", "inner.layers=3").config());
        var wrong = Files.writeString(folder.resolve("wrong.json"), "{\"step\": 1}");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        ConfigBinder.resolve(
                                recipe,
                                new ConfigBinder.Request(
                                        Optional.empty(), List.of(one, wrong), List.of())))
                .withMessageContaining("did you mean 'steps'");
    }

    @Test
    void aWrongValueOfAFileIsNamedWithTheFileAndOneOfSetIsNot() throws IOException {
        var fine = write("{\"steps\": 5}");
        var wrong = folder.resolve("wrong.json");
        for (var text :
                List.of("{\"inner\": {\"layers\": 0}}", "{\"inner\": {\"layers\": \"many\"}}")) {
            Files.writeString(wrong, text);
            assertThatIllegalArgumentException()
                    .as(text)
                    .isThrownBy(() -> laid(List.of(fine, wrong)))
                    .withMessageStartingWith(wrong + ": config: inner")
                    .withMessageContaining("layers");
        }
        assertThat(laid(List.of(wrong), "inner.layers=2").config().inner().layers()).isEqualTo(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> laid(List.of(fine), "inner.layers=0"))
                .withMessageStartingWith("config: inner");
    }

    private ConfigBinder.Resolved<Sample> laid(List<Path> files, String... sets) {
        return ConfigBinder.resolve(
                recipe, new ConfigBinder.Request(Optional.empty(), files, List.of(sets)));
    }

    private void refuses(String set, String... words) {
        assertThatIllegalArgumentException()
                .as(set)
                .isThrownBy(() -> resolve(set))
                .satisfies(e -> assertThat(e.getMessage()).contains(words));
    }

    private ConfigBinder.Resolved<Sample> resolve(String... sets) {
        return resolve(Optional.empty(), Optional.empty(), sets);
    }

    private ConfigBinder.Resolved<Sample> resolve(
            Optional<String> preset, Optional<Path> file, String... sets) {
        return ConfigBinder.resolve(
                recipe, new ConfigBinder.Request(preset, file.stream().toList(), List.of(sets)));
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("config.json"), text);
    }
}
