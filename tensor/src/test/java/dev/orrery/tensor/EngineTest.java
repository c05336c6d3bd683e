package dev.orrery.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class EngineTest {

    @Test
    void theReportSaysWhatWasChosen() {
        var report = EngineReport.current();
        assertThat(report.threads()).isEqualTo(Engine.threads());
        assertThat(report.cores()).isPositive();
        assertThat(report.blas()).startsWith("OpenBLAS");
        assertThat(report.memoryBytes()).isGreaterThan(report.residentBytes());
        assertThat(report.versions()).containsKeys("java", "pytorch", "openblas");
        assertThat(report.versions().get("pytorch")).isNotEqualTo("unknown");
    }

    @Test
    void theSelfCheckPasses() {
        var check = SelfCheck.run();
        assertThat(check.faults()).isEmpty();
        assertThat(check.f32Gflops()).isPositive();
        assertThat(check.addNanos()).isPositive();
    }

    @Test
    void threadsCanBeChangedButNotToNone() {
        int before = Engine.threads();
        Engine.threads(before + 1);
        assertThat(Engine.threads()).isEqualTo(before + 1);
        Engine.threads(before);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Engine.threads(0))
                .withMessageContaining("thread count 0");
    }

    @Test
    void workAloneHasOneThreadWhichOthersDoNotNotice() {
        int before = Engine.threads();
        Engine.threads(2);
        try {
            var elsewhere = new AtomicInteger();
            int inside =
                    Engine.alone(() -> {
                        var other =
                                Thread.ofPlatform().start(() -> elsewhere.set(Engine.threads()));
                        join(other);
                        return Engine.threads();
                    });
            assertThat(inside).isEqualTo(1);
            assertThat(elsewhere).hasValue(2);
            assertThat(Engine.threads()).isEqualTo(2);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Engine.alone(() -> Tensor.ones(2).add(Tensor.ones(3))));
            assertThat(Engine.threads()).isEqualTo(2);
        } finally {
            Engine.threads(before);
        }
    }

    private static void join(Thread other) {
        try {
            other.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void convolutionsDoNotAskALibraryThatComplains() {
        Engine.start();
        try (var context = torch.globalContext()) {
            assertThat(context.userEnabledNNPACK()).isFalse();
        }
    }

    @Test
    void devicesSayWhetherTheyAreThere() {
        assertThat(Device.CPU.isAvailable()).isTrue();
        assertThat(Device.cuda(63).isAvailable()).isFalse();
        assertThat(Tensor.ones(1).device()).isEqualTo(Device.CPU);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.ones(1).to(Device.cuda(63)))
                .withMessageStartingWith("to: ");
    }
}
