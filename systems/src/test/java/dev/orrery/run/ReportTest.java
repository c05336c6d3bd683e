package dev.orrery.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {

    @Test
    void aMeanIsTakenNumberByNumber() {
        var one = Report.of("loss", 1).with("success", 0);
        var two = Report.of("loss", 4).with("success", 1).with("steps", 9);
        assertThat(Report.mean(List.of(one, two)))
                .isEqualTo(Report.of("loss", 2.5).with("success", 0.5));
        assertThatThrownBy(() -> Report.mean(List.of(two, one)))
                .hasMessageContaining("no 'steps'; it has [loss, success]");
        assertThatThrownBy(() -> Report.mean(List.of())).hasMessageContaining("no report");
    }

    @Test
    void aReportIsFollowedByAnothersNumbersWhichWin() {
        var both = Report.of("a", 1).with("b", 2).plus(Report.of("c", 3).with("a", 4));
        assertThat(both.metrics().keySet()).containsExactly("a", "b", "c");
        assertThat(both.get("a")).isEqualTo(4);
    }
}
