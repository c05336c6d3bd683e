package dev.orrery.worldmodel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.checkpoint.Fixture;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Compares the recurrent model, the image codecs and the heads with stored outputs of a port.
class WorldModelGoldenTest {

    @ParameterizedTest
    @CsvSource({
        "rssm, 24",
        "conv, 6",
        "heads, 20",
        "rssm-small, 35",
        "conv-small, 22",
        "heads-small, 15"
    })
    void forwardAndGradientsAgreeWithThePort(String name, int tensors) {
        var fixture = Fixture.read(Path.of("src/test/resources/goldens/dreamerv3-" + name));
        var family = new WorldModelFixture();
        assertThat(family.runs(fixture)).isTrue();
        var rows = fixture.compare(family.run(fixture));
        assertThat(rows).hasSize(tensors);
        assertThat(rows).allSatisfy(row -> assertThat(row.passed()).as("%s", row).isTrue());
    }
}
