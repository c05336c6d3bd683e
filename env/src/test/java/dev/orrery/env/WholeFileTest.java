package dev.orrery.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {

    @TempDir Path folder;

    @Test
    void whatFailsIsNamedAndLeavesWhatWasThere() throws IOException {
        var file = folder.resolve("new/film.gif");
        WholeFile.write(file, out -> out.write(1));
        assertThatThrownBy(() ->
                        WholeFile.write(
                                file,
                                out -> {
                                    out.write(new byte[20_000]);
                                    throw new IOException("No space left on device");
                                }))
                .isInstanceOf(FileSystemException.class)
                .hasMessage(file + ": No space left on device")
                .satisfies(e -> assertThat(WholeFile.isFull(e)).isTrue());
        assertThat(file).hasBinaryContent(new byte[] {1});
        try (var all = Files.list(file.getParent())) {
            assertThat(all).containsExactly(file);
        }
    }

    @Test
    void onlyAFullDiskIsFull() {
        assertThat(WholeFile.isFull(new IOException("There is not enough space on the disk")))
                .isTrue();
        assertThat(WholeFile.isFull(new IOException("Read-only file system"))).isFalse();
        assertThat(WholeFile.isFull(new IOException())).isFalse();
    }
}
