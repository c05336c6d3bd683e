package dev.orrery.data.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.wire.Value.Fields;
import dev.orrery.data.wire.Value.Items;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MsgPackTest {

    /// Written by Python's msgpack 1.2.3 with NumPy 2.4.6 in the way of openpi's client:
    /// `{"observation/image": arange(12, uint8).reshape(2, 2, 3), "observation/state": array([.5,
    /// -1.5]), "prompt": "pick up the cube", "n": -7, "big": 2**40, "x": 0.25, "no": None, "yes":
    /// True, "scalar": float32(1.5)}`.
    private static final String FROM_PYTHON =
            "ibFvYnNlcnZhdGlvbi9pbWFnZYTEC19fbmRhcnJheV9fw8QEZGF0YcQMAAECAwQFBgcI"
                    + "CQoLxAVkdHlwZaN8dTHEBXNoYXBlkwICA7FvYnNlcnZhdGlvbi9zdGF0ZYTEC19fbmRh"
                    + "cnJheV9fw8QEZGF0YcQQAAAAAAAA4D8AAAAAAAD4v8QFZHR5cGWjPGY4xAVzaGFwZZEC"
                    + "pnByb21wdLBwaWNrIHVwIHRoZSBjdWJloW75o2JpZ88AAAEAAAAAAKF4yz/QAAAAAAAA"
                    + "om5vwKN5ZXPDpnNjYWxhcoPEDV9fbnBnZW5lcmljX1/DxARkYXRhyz/4AAAAAAAAxAVk"
                    + "dHlwZaM8ZjQ=";

    private static final Fields MESSAGE =
            Fields.empty()
                    .with(
                            "observation/image",
                            NdArray.of(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 2, 2, 3))
                    .with("observation/state", doubles("000000000000e03f000000000000f8bf", 2))
                    .with("prompt", "pick up the cube")
                    .with("n", -7)
                    .with("big", 1L << 40)
                    .with("x", .25)
                    .with("no", new Value.Nothing())
                    .with("yes", true)
                    .with("scalar", 1.5);

    private static NdArray doubles(String hex, int... shape) {
        return new NdArray("<f8", shape, HexFormat.of().parseHex(hex));
    }

    @Test
    void readsWhatPythonWrites() {
        assertThat(MsgPack.read(Base64.getDecoder().decode(FROM_PYTHON))).isEqualTo(MESSAGE);
    }

    @Test
    void readsBackWhatItWrites() {
        long seed = System.nanoTime();
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 200; i++) {
            var value = Fields.empty().with("value", any(random, 4));
            assertThat(MsgPack.read(MsgPack.write(value))).as("seed %d", seed).isEqualTo(value);
        }
    }

    private static Value any(SplittableRandom random, int depth) {
        int size = random.nextInt(random.nextBoolean() ? 20 : 300);
        return switch (random.nextInt(depth > 0 ? 9 : 7)) {
            case 0 -> new Value.Nothing();
            case 1 -> new Value.Flag(random.nextBoolean());
            case 2 -> new Value.Whole(random.nextLong() >> random.nextInt(64));
            case 3 -> new Value.Real(random.nextDouble());
            case 4 -> new Value.Text("ü".repeat(size));
            case 5 -> new Value.Items(List.of(new Value.Whole(-size), new Value.Real(size)));
            case 6 -> new Value.Array(NdArray.of(new float[6 * size], size, 2, 3));
            case 7 -> {
                var items = new ArrayList<Value>();
                for (int i = 0; i < size % 20; i++) {
                    items.add(any(random, depth - 1));
                }
                yield new Items(items);
            }
            default -> {
                var fields = Fields.empty();
                for (int i = 0; i < size % 20; i++) {
                    fields = fields.with("key" + i, any(random, depth - 1));
                }
                yield fields;
            }
        };
    }

    @Test
    void everyTypeOfNumbersIsRead() {
        var one = "3ff0000000000000";
        assertThat(new NdArray(">f8", new int[] {1}, HexFormat.of().parseHex(one)).floats())
                .containsExactly(1);
        assertThat(new NdArray("<f2", new int[] {1}, HexFormat.of().parseHex("003c")).floats())
                .containsExactly(1);
        assertThat(new NdArray("<u2", new int[] {1}, HexFormat.of().parseHex("ffff")).floats())
                .containsExactly(65535);
        assertThat(new NdArray("<i2", new int[] {1}, HexFormat.of().parseHex("ffff")).floats())
                .containsExactly(-1);
        assertThat(new NdArray("|b1", new int[] {2}, new byte[] {0, 1}).floats())
                .containsExactly(0, 1);
    }

    @Test
    void damagedMessagesAreRefusedAndNothingLargeIsAllocated() {
        var hex = HexFormat.of();
        assertThatThrownBy(() -> MsgPack.read(new byte[0])).hasMessageContaining("0 are there");
        for (var announced : List.of("c6ffffffff", "dbffffffff", "ddffffffff", "dfffffffff")) {
            assertThatThrownBy(() -> MsgPack.read(hex.parseHex(announced)))
                    .isInstanceOf(WireException.class)
                    .hasMessageContaining("announced");
        }
        assertThatThrownBy(() -> MsgPack.read(hex.parseHex("91".repeat(1000) + "c0")))
                .hasMessageContaining("deeper");
        assertThatThrownBy(() -> MsgPack.read(hex.parseHex("dd00030d40" + "c0".repeat(200_000))))
                .hasMessageContaining("more than 100000 values");
        assertThatThrownBy(() -> MsgPack.read(hex.parseHex("c0c0"))).hasMessageContaining("follow");
        assertThatThrownBy(() -> MsgPack.read(hex.parseHex("c1"))).hasMessageContaining("0xc1");
        assertThatThrownBy(() -> MsgPack.read(hex.parseHex("82a161c0a161c0")))
                .hasMessageContaining("'a' occurs twice");
        assertThatThrownBy(() -> MsgPack.readFields(hex.parseHex("93010203")))
                .hasMessageContaining("send a dictionary");
    }

    @Test
    void arraysThatDoNotAddUpAreRefused() {
        assertThatThrownBy(() -> new NdArray("<f4", new int[] {2, 3}, new byte[20]))
                .hasMessageContaining("needs 24");
        assertThatThrownBy(() -> new NdArray("<f4", new int[] {1 << 20, 1 << 20}, new byte[4]))
                .isInstanceOf(WireException.class);
        assertThatThrownBy(() -> new NdArray("|O8", new int[] {1}, new byte[8]))
                .hasMessageContaining("|O8");
    }

    @Test
    void anyChangeOfAnyByteIsReadOrRefusedButNeverBreaksTheReader() {
        var good = MsgPack.write(MESSAGE);
        for (int at = 0; at < good.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                var bad = good.clone();
                bad[at] ^= (byte) (1 << bit);
                assertThatCode(
                                () -> {
                                    try {
                                        MsgPack.read(bad);
                                    } catch (WireException _) {
                                        // Refused.
                                    }
                                })
                        .as("byte %d, bit %d", at, bit)
                        .doesNotThrowAnyException();
            }
        }
    }
}
