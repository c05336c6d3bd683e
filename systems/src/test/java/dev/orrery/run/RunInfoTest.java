package dev.orrery.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunInfoTest {

    private record Measured(int episodes, String reading) {}

    private record Config(Measured evaluation) {}

    @TempDir private Path folder;

    @Test
    void keysThatARunDoesNotHaveYetComeFromThePreset() throws IOException {
        write("\"episodes\" : 50, \"reading\" : \"LIKELIEST\"", "\"episodes\" : 7");
        var part = RunInfo.part(folder, "evaluation", new Measured(50, "MEDIAN"));
        assertThat(part).isEqualTo(new Measured(7, "MEDIAN"));
    }

    @Test
    void keysThatNobodyKnowsAreNamed() throws IOException {
        write("\"episodes\" : 50", "\"episode\" : 50");
        assertThatThrownBy(() -> RunInfo.part(folder, "evaluation", new Measured(50, "MEDIAN")))
                .hasMessageContaining(
                        folder.resolve(RunInfo.FILE) + ": config has no key 'episode'");
    }

    @Test
    void aDamagedDescriptionIsNamedWithItsFile() throws IOException {
        write("\"seed\" : 1", "\"sede\" : 1");
        assertThatThrownBy(() -> RunInfo.read(folder))
                .isInstanceOf(RunException.class)
                .hasMessageContainingAll(folder.resolve(RunInfo.FILE).toString(), "seed");
        write("\"seed\" : 1", "\"seed\" : \"x\"");
        assertThatThrownBy(() -> RunInfo.read(folder))
                .hasMessageContaining("seed: \"x\" is not a whole number");
    }

    private void write(String from, String to) throws IOException {
        var config = new Config(new Measured(50, "LIKELIEST"));
        var text = ConfigBinder.json(RunInfo.now("made-up", "laptop", 1, config));
        var changed = text.replaceAll("\\s+", " ").replace(from, to);
        assertThat(changed).contains(to);
        Files.writeString(folder.resolve(RunInfo.FILE), changed);
    }
}
