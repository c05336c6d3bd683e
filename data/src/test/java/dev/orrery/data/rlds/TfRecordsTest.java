package dev.orrery.data.rlds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.DatasetException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TfRecordsTest {

    @TempDir Path folder;

    @Test
    void theChecksumIsTheOneOfTheFormat() {
        var length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(24).array();
        assertThat(TfRecords.masked(length)).isEqualTo(0x224b7fa3);
    }

    @Test
    void examplesComeBackAsTheyWere() {
        var features = new LinkedHashMap<String, Example.Feature>();
        features.put(
                "steps/observation/image",
                new Example.Bytes(List.of(new byte[] {1, 2}, new byte[0])));
        features.put("steps/action", new Example.Floats(new float[] {1.5f, -2, Float.NaN}));
        features.put("steps/is_first", new Example.Longs(new long[] {1, 0, -7}));
        var file = folder.resolve("x.tfrecord");
        try (var writer = TfRecords.Writer.create(file)) {
            writer.add(new Example(features).toBytes());
            writer.add(new byte[0]);
        }
        try (var reader = TfRecords.Reader.open(file)) {
            var found = Example.parse(reader.next().orElseThrow()).features();
            assertThat(found.keySet()).containsExactlyElementsOf(features.keySet());
            assertThat(((Example.Bytes) found.get("steps/observation/image")).list())
                    .containsExactly(new byte[] {1, 2}, new byte[0]);
            assertThat(((Example.Floats) found.get("steps/action")).list())
                    .containsExactly(1.5f, -2, Float.NaN);
            assertThat(((Example.Longs) found.get("steps/is_first")).list())
                    .containsExactly(1, 0, -7);
            assertThat(reader.next()).hasValueSatisfying(empty -> assertThat(empty).isEmpty());
            assertThat(reader.next()).isEmpty();
        }
    }

    @Test
    void damageIsNoticed() throws Exception {
        var file = folder.resolve("x.tfrecord");
        try (var writer = TfRecords.Writer.create(file)) {
            writer.add(new byte[] {1, 2, 3});
        }
        var bytes = Files.readAllBytes(file);
        bytes[13] ^= 1;
        Files.write(file, bytes);
        try (var reader = TfRecords.Reader.open(file)) {
            assertThatThrownBy(reader::next)
                    .isInstanceOf(DatasetException.class)
                    .hasMessageContaining("checksum");
        }
        assertThatThrownBy(() -> Example.parse(new byte[] {10, 127}))
                .isInstanceOf(DatasetException.class);
    }
}
