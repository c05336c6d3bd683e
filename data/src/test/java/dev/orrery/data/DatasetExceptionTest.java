package dev.orrery.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class DatasetExceptionTest {

    private static final Path FILE = Path.of("info.json");

    @Test
    void damagedJsonIsToldByLineAndColumnNotByTheParsersSettings() {
        for (var text : new String[] {"{\n\"a\":", "{\n", "[\n1", "{\n\"a\" 1}"}) {
            var cause = catchThrowable(() -> JsonMapper.shared().readTree(text));
            assertThat(DatasetException.at(FILE, "is no valid JSON", cause))
                    .hasMessageContainingAll("info.json: is no valid JSON (", "line 2, column")
                    .hasMessageNotContaining("Source");
        }
    }

    @Test
    void aMissingFileIsSaidToBeMissing() {
        var cause = catchThrowable(() -> Files.size(Path.of("no", "such")));
        assertThat(DatasetException.at(FILE, "cannot be read", cause))
                .hasMessageContaining("there is no " + Path.of("no", "such"));
    }
}
