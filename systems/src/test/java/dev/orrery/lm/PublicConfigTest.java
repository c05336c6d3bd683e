package dev.orrery.lm;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.CheckpointException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicConfigTest {

    @Test
    void aMissingFileIsSaidToBeMissing(@TempDir Path folder) {
        assertThatThrownBy(() -> PublicConfig.read(folder.resolve("config.json")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("does not exist");
    }
}
