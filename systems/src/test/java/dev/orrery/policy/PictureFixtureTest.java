package dev.orrery.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureRow;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PictureFixtureTest {

    @Test
    void resizesAsPillowTorchAndLeRobotDo() throws Exception {
        var folder = Path.of(getClass().getResource("/goldens/image-resize").toURI());
        try (var _ = TensorScope.open()) {
            var fixture = Fixture.read(folder);
            var pictures = new PictureFixture();
            assertThat(pictures.runs(fixture)).isTrue();
            var rows = fixture.compare(pictures.run(fixture));
            assertThat(rows).hasSize(42).allMatch(FixtureRow::passed);
            assertThat(rows.stream().filter(r -> r.name().startsWith("pillow")))
                    .as("whole bytes are met exactly")
                    .allMatch(r -> r.largest() == 0);
        }
    }
}
