package dev.orrery.fidelity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ContingencyTest {

    private static Contingency table(long[][] counts) {
        var table = new Contingency(counts.length, counts[0].length);
        for (int label = 0; label < counts.length; label++) {
            for (int code = 0; code < counts[0].length; code++) {
                for (int k = 0; k < counts[label][code]; k++) {
                    table.add(label, code);
                }
            }
        }
        return table;
    }

    @Test
    void codesThatRenameLabelsSayEverything() {
        var table = table(new long[][] {{0, 5, 0}, {0, 0, 7}, {3, 0, 0}});
        assertThat(table.normalisedMutualInformation()).isCloseTo(1, within(1e-12));
        assertThat(table.codeOfLabel()).containsExactly(1, 2, 0);
        assertThat(table.labelOfCode()).containsExactly(2, 0, 1);
    }

    @Test
    void codesThatIgnoreLabelsSayNothing() {
        var table = table(new long[][] {{2, 4}, {3, 6}});
        assertThat(table.mutualInformation()).isCloseTo(0, within(1e-12));
        assertThat(table(new long[][] {{2, 0}, {3, 0}}).normalisedMutualInformation()).isZero();
        assertThat(table(new long[][] {{5}}).normalisedMutualInformation()).isZero();
    }

    /// Labels 4:4, codes 5:3. I = 4/8 ln(4·8/(4·5)) + 1/8 ln(8/(4·5)) + 3/8 ln(3·8/(4·3)).
    @Test
    void mutualInformationIsWhatOneComputesByHand() {
        var table = table(new long[][] {{4, 0}, {1, 3}});
        double expected = 0.5 * Math.log(1.6) + 0.125 * Math.log(0.4) + 0.375 * Math.log(2);
        assertThat(table.mutualInformation()).isCloseTo(expected, within(1e-12));
        double codes = -0.625 * Math.log(0.625) - 0.375 * Math.log(0.375);
        assertThat(table.normalisedMutualInformation())
                .isCloseTo(2 * expected / (Math.log(2) + codes), within(1e-12));
        assertThat(Contingency.entropy(new long[] {1, 1, 1, 1}))
                .isCloseTo(Math.log(4), within(1e-12));
    }

    @Test
    void unusedCodesStandForTheUsualLabel() {
        var table = table(new long[][] {{1, 0, 0}, {0, 3, 0}});
        assertThat(table.labelOfCode()).containsExactly(0, 1, 1);
        assertThat(table.codesAbove(0.25)).isEqualTo(1);
        assertThat(table.total()).isEqualTo(4);
        assertThatThrownBy(() -> table.add(2, 0)).hasMessageContaining("label 2 and code 0");
    }
}
