package dev.orrery.data.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.orrery.data.parquet.Field.Meaning;
import dev.orrery.data.parquet.Field.Physical;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ParquetTest {

    @TempDir Path folder;

    private static final List<Field> SCHEMA =
            List.of(
                    Field.leaf("count", Physical.INT64, Meaning.NONE),
                    Field.leaf("flag", Physical.BOOLEAN, Meaning.NONE),
                    Field.leaf("word", Physical.BYTE_ARRAY, Meaning.STRING),
                    Field.list("vector", Field.leaf("element", Physical.FLOAT, Meaning.NONE)),
                    Field.list(
                            "matrix",
                            Field.list(
                                    "element",
                                    Field.leaf("element", Physical.DOUBLE, Meaning.NONE))),
                    Field.leaf("small", Physical.INT32, Meaning.UINT8));

    private static List<ColumnData> columns(List<Leaf> leaves, SplittableRandom random, int rows) {
        var counts = new long[rows];
        var flags = new boolean[rows];
        var words = new byte[rows][];
        var vectors = new float[rows * 3];
        var matrices = new double[rows * 2 * 5];
        var small = new int[rows];
        for (int i = 0; i < rows; i++) {
            counts[i] = random.nextBoolean() ? 7 : random.nextLong();
            flags[i] = random.nextInt(4) == 0;
            words[i] = ("w" + random.nextInt(5)).getBytes(StandardCharsets.UTF_8);
            small[i] = random.nextInt(256);
        }
        for (int i = 0; i < vectors.length; i++)
            vectors[i] = Float.intBitsToFloat(random.nextInt());
        for (int i = 0; i < matrices.length; i++) matrices[i] = random.nextGaussian();
        return List.of(
                ColumnData.flat(leaves.get(0), new Values.Longs(counts)),
                ColumnData.flat(leaves.get(1), new Values.Booleans(flags)),
                ColumnData.flat(leaves.get(2), new Values.Binaries(words)),
                ColumnData.lists(leaves.get(3), new Values.Floats(vectors), 3),
                ColumnData.lists(leaves.get(4), new Values.Doubles(matrices), 2, 5),
                ColumnData.flat(leaves.get(5), new Values.Ints(small)));
    }

    private static byte[] bits(Values values) {
        return ValueEncoder.plain(values, 0, values.size(), false);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 9, 1000, 40_000})
    void whatIsWrittenIsReadBackBitForBit(int rows) {
        long seed = 31L * rows;
        var random = new SplittableRandom(seed);
        var path = folder.resolve("t.parquet");
        var written = new ArrayList<List<ColumnData>>();
        try (var writer = ParquetWriter.create(path, SCHEMA, Map.of("who", "test"))) {
            for (int g = 0; g < 3; g++) {
                written.add(columns(writer.leaves(), random, rows));
                writer.write(written.getLast());
            }
        }
        try (var file = ParquetFile.open(path)) {
            assertThat(file.rows()).isEqualTo(3L * rows);
            assertThat(file.metadata()).containsEntry("who", "test");
            assertThat(file.schema()).isEqualTo(SCHEMA);
            for (int g = 0; g < 3; g++) {
                for (var want : written.get(g)) {
                    var found = file.read(g, want.leaf());
                    assertThat(bits(found.values()))
                            .as("seed %d, %s", seed, want.leaf())
                            .isEqualTo(bits(want.values()));
                    assertThat(found.definition()).isEqualTo(want.definition());
                    assertThat(found.repetition()).isEqualTo(want.repetition());
                }
            }
        }
    }

    @Test
    void anotherReaderSeesTheSame() throws IOException {
        var path = folder.resolve("t.parquet");
        int rows = 500;
        List<ColumnData> written;
        try (var writer = ParquetWriter.create(path, SCHEMA, Map.of())) {
            written = columns(writer.leaves(), new SplittableRandom(5), rows);
            writer.write(written);
        }
        var longs = ((Values.Longs) written.get(0).values()).array();
        var flags = ((Values.Booleans) written.get(1).values()).array();
        var words = (Values.Binaries) written.get(2).values();
        var floats = ((Values.Floats) written.get(3).values()).array();
        var doubles = ((Values.Doubles) written.get(4).values()).array();
        try (var other = ParquetFileReader.open(InputFile.of(path));
                var reader = other.rowReader()) {
            for (int i = 0; i < rows; i++) {
                reader.next();
                assertThat(reader.getLong(0)).isEqualTo(longs[i]);
                assertThat(reader.getBoolean(1)).isEqualTo(flags[i]);
                assertThat(reader.getString(2)).isEqualTo(words.text(i));
                var vector = reader.getList(3).floats();
                for (int d = 0; d < 3; d++) {
                    assertThat(Float.floatToRawIntBits(vector.get(d)))
                            .isEqualTo(Float.floatToRawIntBits(floats[i * 3 + d]));
                }
                var matrix = reader.getList(4).lists();
                for (int y = 0; y < 2; y++) {
                    for (int x = 0; x < 5; x++)
                        assertThat(matrix.get(y).doubles().get(x))
                                .isEqualTo(doubles[i * 10 + y * 5 + x]);
                }
            }
            assertThat(reader.hasNext()).isFalse();
        }
    }

    @Test
    void nestedRecordsComeBackTheWayTheyWere() {
        var text = Field.leaf("content", Physical.BYTE_ARRAY, Meaning.STRING);
        var calls = Field.list("calls", Field.leaf("element", Physical.BYTE_ARRAY, Meaning.STRING));
        var field =
                Field.list(
                        "events",
                        Field.struct(
                                "element",
                                text,
                                calls,
                                Field.leaf("at", Physical.FLOAT, Meaning.NONE)));
        var json = JsonMapper.shared();
        var rows =
                Arrays.asList(
                                "[]",
                                "[{\"content\":\"a\",\"calls\":[\"x\",\"y\"],\"at\":0.5}]",
                                "[{\"content\":null,\"calls\":null,\"at\":1.5},{\"content\":\"b\",\"calls\":[],\"at\":null}]",
                                "[]",
                                "[{\"content\":\"c\",\"calls\":[null,\"z\"],\"at\":2.5}]")
                        .stream()
                        .map(json::readTree)
                        .toList();
        var path = folder.resolve("n.parquet");
        try (var writer = ParquetWriter.create(path, List.of(field), Map.of())) {
            writer.write(Shredder.shred(field, writer.leaves(), rows));
        }
        try (var file = ParquetFile.open(path)) {
            var found =
                    Records.of(
                            file.schema().getFirst(),
                            file.leaves().stream().map(leaf -> file.read(0, leaf)).toList());
            assertThat(found.stream().map(JsonNode::toString))
                    .isEqualTo(rows.stream().map(JsonNode::toString).toList());
        }
    }
}
