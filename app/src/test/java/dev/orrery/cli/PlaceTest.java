package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlaceTest {

    @TempDir Path folder;

    @Test
    void aPlaceThatCannotBeWrittenIsRefusedAndOneThatCanIsLeftEmpty() throws IOException {
        var place = folder.resolve("a/b");
        assertThat(Place.folder("--out", place)).isEmptyDirectory();
        var file = Files.createFile(folder.resolve("file"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Place.folder("--out", file))
                .withMessage(
                        "--out %s cannot be written: a file of that name is there; choose another folder"
                                .formatted(file));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Place.file("--figure", file.resolve("x.png")))
                .withMessageStartingWith("--figure " + file);
    }
}
