package dev.orrery.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SeedTest {

    @Test
    void philoxGivesItsPublishedTestVectors() {
        assertThat(philox(0, 0, 0)).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
        assertThat(philox(-1, -1, -1))
                .containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
        assertThat(philox(0x299f31d0a4093822L, 0x85a308d3243f6a88L, 0x0370734413198a2eL))
                .containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
    }

    @Test
    void drawingTwiceGivesTheSameAndSplittingAnother() {
        var seed = Seed.of(7);
        assertThat(seed.normals(9)).isEqualTo(seed.normals(9));
        assertThat(seed.normals(9)).startsWith(seed.normals(4));
        assertThat(seed.split(1)).isNotEqualTo(seed.split(2)).isEqualTo(Seed.of(7).split(1));
        assertThat(seed.split("a").split("b")).isNotEqualTo(seed.split("ab"));
    }

    @Test
    void splitsOfNeighboursNeverCollide() {
        var keys =
                LongStream.range(0, 300)
                        .flatMap(i -> LongStream.range(0, 300).map(j -> Seed.of(i).split(j).key()));
        assertThat(keys.distinct().count()).isEqualTo(90_000);
    }

    @Test
    void normalsHaveTheMomentsOfTheNormalDistribution() {
        var x = Seed.of(5).normal(100_000);
        assertThat(x.mean().item()).isBetween(-0.01, 0.01);
        assertThat(x.square().mean().item()).isBetween(0.985, 1.015);
        assertThat(x.pow(3).mean().item()).isBetween(-0.05, 0.05);
        assertThat(x.pow(4).mean().item()).isBetween(2.9, 3.1);
        assertThat(x.abs().max().item()).isBetween(3.7, 6.0);
    }

    @Test
    void uniformsStayBelowOneAndFillTheInterval() {
        var x = Seed.of(6).uniform(100, 100);
        assertThat(x.min().item()).isBetween(0.0, 0.001);
        assertThat(x.max().item()).isGreaterThan(0.999).isLessThan(1);
        assertThat(x.mean().item()).isBetween(0.49, 0.51);
    }

    @Test
    void integersAreSpreadEvenly() {
        var counts = Seed.of(8).integers(5, 10_000).bincount().toLongs();
        assertThat(counts).hasSize(5);
        assertThat(Arrays.stream(counts).min().orElseThrow()).isGreaterThan(1_850);
        assertThatIllegalArgumentException().isThrownBy(() -> Seed.of(1).integers(0, 3));
    }

    @Test
    void permutationsHoldEveryNumberOnceAndStartAnywhere() {
        assertThat(Seed.of(9).permutation(100)).doesNotHaveDuplicates().hasSize(100);
        var first = new int[4];
        for (int i = 0; i < 4_000; i++) first[Seed.of(10).split(i).permutation(4)[0]]++;
        assertThat(Arrays.stream(first).min().orElseThrow()).isGreaterThan(880);
    }

    private static int[] philox(long key, long low, long high) {
        var block = new int[4];
        Seed.philox(key, low, high, block);
        return block;
    }
}
