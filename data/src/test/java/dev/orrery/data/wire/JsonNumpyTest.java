package dev.orrery.data.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.wire.Value.Fields;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonNumpyTest {

    private static Value read(String json) {
        return JsonNumpy.read(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatTheLibraryWritesIsRead() {
        // json_numpy.dumps({"a": np.arange(3, dtype=np.float32), "b": np.float64(2.5)})
        var read =
                (Fields)
                        read(
                                """
                                {"a": {"__numpy__": "AAAAAAAAgD8AAABA", "dtype": "<f4", "shape": [3]},
                                 "b": {"__numpy__": "AAAAAAAABEA=", "dtype": "<f8", "shape": []}}\
                                """);
        assertThat(read.array("a").floats()).containsExactly(0, 1, 2);
        assertThat(read.array("b").rank()).isZero();
        assertThat(read.array("b").floats()).containsExactly(2.5f);
    }

    @Test
    void everyValueSurvives() {
        var all =
                Fields.empty()
                        .with("flag", true)
                        .with("whole", -7)
                        .with("real", 1.5)
                        .with("text", "ä\"")
                        .with("none", new Value.Nothing())
                        .with("list", new Value.Items(java.util.List.of(new Value.Whole(1))))
                        .with("inner", Fields.empty().with("x", 1))
                        .with("array", NdArray.of(new double[] {1, -2}, 2, 1));
        assertThat(JsonNumpy.read(JsonNumpy.write(all))).isEqualTo(all);
    }

    @Test
    void whatIsDamagedIsNamed() {
        assertThatThrownBy(() -> read("{\"a\": 1")).isInstanceOf(WireException.class);
        assertThatThrownBy(() -> read("{\"a\": ")).isInstanceOf(WireException.class);
        assertThatThrownBy(() -> read("")).hasMessageContaining("before it is whole");
        assertThatThrownBy(() -> read("{} {}")).hasMessageContaining("more JSON follows");
        assertThatThrownBy(() -> read("{\"a\": 1, \"a\": 2}")).hasMessageContaining("twice");
        assertThatThrownBy(() -> read("[".repeat(40))).hasMessageContaining("no JSON");
        assertThatThrownBy(() -> read("{\"__numpy__\": \"?\", \"dtype\": \"<f4\", \"shape\": []}"))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("damaged");
        assertThatThrownBy(() -> read("{\"__numpy__\": \"AA==\", \"shape\": [1]}"))
                .hasMessageContaining("no 'dtype'");
        assertThatThrownBy(() -> JsonNumpy.write(new Value.Bytes(new byte[1])))
                .hasMessageContaining("as an array");
        assertThatThrownBy(() -> read("[" + "1,".repeat(100_001) + "1]"))
                .hasMessageContaining("more than 100000 values");
    }
}
