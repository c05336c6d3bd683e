package dev.orrery.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumpyArchiveTest {

    @TempDir Path folder;

    private static byte[] npy(String type, String order, String shape, byte[] data) {
        var header =
                "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }\n"
                        .formatted(type, order, shape)
                        .getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(10 + header.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
                .putShort((short) header.length)
                .put(header)
                .put(data)
                .array();
    }

    private static byte[] floats(float... values) {
        var out = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        out.asFloatBuffer().put(values);
        return out.array();
    }

    private Path archive(String name, byte[] array) throws IOException {
        var file = folder.resolve("arrays.npz");
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry(name + ".npy"));
            zip.write(array);
        }
        return file;
    }

    @Test
    void arraysKeepNamesShapesAndTypes() throws IOException {
        var file = archive("llm/layers/w", npy("<f4", "False", "2, 3", floats(1, 2, 3, 4, 5, 6)));
        try (var _ = TensorScope.open()) {
            var read = NumpyArchive.read(file).get("llm/layers/w");
            assertThat(read.shape()).containsExactly(2, 3);
            assertThat(read.toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
            // 1.0 and -2.0 in bfloat16, the upper halves of their float32
            var half = npy("|V2", "False", "2,", new byte[] {(byte) 0x80, 0x3f, 0, (byte) 0xc0});
            var small = NumpyArchive.read(archive("b", half)).get("b");
            assertThat(small.dtype()).isEqualTo(DType.BF16);
            assertThat(small.to(DType.F32).toFloats()).containsExactly(1, -2);
            var one = NumpyArchive.read(archive("s", npy("<f4", "False", "", floats(7)))).get("s");
            assertThat(one.rank()).isZero();
            assertThat(one.item()).isEqualTo(7);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "<f4; True; 1; Fortran order",
                "<c8; False; 1; of type '<c8'",
                "<f4; False; 5; cut off",
                "<f4; False; 999999999999, 999999999; ",
                "<f4; Perhaps; 1; not understood",
            })
    void whatCannotBeReadIsNamed(String type, String order, String shape, String problem)
            throws IOException {
        var file = archive("w", npy(type, order, shape, floats(1)));
        try (var _ = TensorScope.open()) {
            var thrown =
                    assertThatThrownBy(() -> NumpyArchive.read(file))
                            .isInstanceOf(CheckpointException.class)
                            .hasMessageContaining("w.npy");
            if (problem != null) {
                thrown.hasMessageContaining(problem);
            }
        }
    }

    @Test
    void whatIsNoArchiveIsNamed() throws IOException {
        var file = Files.writeString(folder.resolve("text.npz"), "no zip");
        assertThatThrownBy(() -> NumpyArchive.read(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("no readable NumPy archive");
        var odd = archive("w", "not an array at all".getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> NumpyArchive.read(odd)).hasMessageContaining("no NPY array");
    }
}
