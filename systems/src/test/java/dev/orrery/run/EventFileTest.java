package dev.orrery.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {

    @TempDir Path folder;

    @Test
    void theMaskedCrcIsThatOfTheFormat() {
        var length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(24).array();
        assertThat(EventFile.maskedCrc(length)).isEqualTo(0x224b7fa3);
    }

    @Test
    void recordsAreFramedAndNameTheirTags() throws IOException {
        try (var file = new EventFile(folder, 1_700_000_000.0)) {
            file.scalar(1_700_000_001.0, 300, "loss", 0.5);
        }
        var records = records();
        assertThat(records).hasSize(2);
        assertThat(text(records.get(0))).contains("brain.Event:2");
        assertThat(text(records.get(1))).contains("loss");
    }

    private List<byte[]> records() throws IOException {
        try (var files = Files.newDirectoryStream(folder)) {
            var bytes = ByteBuffer.wrap(Files.readAllBytes(files.iterator().next()));
            bytes.order(ByteOrder.LITTLE_ENDIAN);
            var records = new ArrayList<byte[]>();
            while (bytes.hasRemaining()) {
                var record = new byte[(int) bytes.getLong()];
                bytes.getInt();
                bytes.get(record);
                assertThat(bytes.getInt()).isEqualTo(EventFile.maskedCrc(record));
                records.add(record);
            }
            return records;
        }
    }

    private static String text(byte[] record) {
        return new String(record, StandardCharsets.ISO_8859_1);
    }
}
