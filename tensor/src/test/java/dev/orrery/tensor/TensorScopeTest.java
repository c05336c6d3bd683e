package dev.orrery.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TensorScopeTest {

    @AfterEach
    void traceOff() {
        Trace.enable(false);
        Trace.clear();
    }

    @Test
    void scopesFreeAllButWhatIsKept() {
        Tensor kept;
        Tensor lost;
        try (var scope = TensorScope.open()) {
            lost = Tensor.ones(2);
            kept = scope.keep(lost.add(1));
        }
        assertThat(kept.toFloats()).containsExactly(2, 2);
        assertThat(lost.isClosed()).isTrue();
        assertThatIllegalStateException()
                .isThrownBy(() -> lost.add(1))
                .withMessageContaining("used after it was closed");
        assertThatIllegalStateException().isThrownBy(() -> kept.add(lost));
        assertThatIllegalStateException().isThrownBy(lost::toFloats);
        assertThat(lost).hasToString("closed tensor");
    }

    @Test
    void keepMovesOneScopeOutwards() {
        Tensor kept;
        try (var outer = TensorScope.open()) {
            try (var inner = TensorScope.open()) {
                kept = inner.keep(Tensor.ones(1));
            }
            assertThat(kept.isClosed()).isFalse();
            assertThat(outer.keep(Tensor.ones(1)).isClosed()).isFalse();
        }
        assertThat(kept.isClosed()).isTrue();
    }

    @Test
    void viewsOutliveTheTensorTheyShareMemoryWith() {
        Tensor view;
        try (var scope = TensorScope.open()) {
            view = scope.keep(Tensor.of(new float[] {1, 2, 3}, 3).narrow(0, 1, 2));
        }
        assertThat(view.toFloats()).containsExactly(2, 3);
    }

    @Test
    void releaseTakesATensorOutOfAllScopes() {
        Tensor parameter;
        try (var _ = TensorScope.open();
                var _ = TensorScope.open()) {
            parameter = TensorScope.release(Tensor.ones(1));
        }
        assertThat(parameter.item()).isEqualTo(1);
    }

    @Test
    void closingAnOuterScopeFirstIsRefusedAndLeavesBothOpen() {
        try (var outer = TensorScope.open()) {
            try (var inner = TensorScope.open()) {
                var x = Tensor.ones(1);
                assertThatIllegalStateException()
                        .isThrownBy(outer::close)
                        .withMessageContaining("before one opened inside it");
                assertThat(inner.keep(x).item()).isEqualTo(1);
            }
        }
    }

    @Test
    void closedScopesKeepNothing() {
        var scope = TensorScope.open();
        var x = Tensor.ones(1);
        scope.close();
        scope.close();
        assertThatIllegalStateException().isThrownBy(() -> scope.keep(x));
    }

    @Test
    void anotherThreadMayNotUseWhatAScopeOwns() {
        try (var scope = TensorScope.open()) {
            var x = Tensor.ones(2);
            assertThat(failure(() -> x.add(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("belongs to a scope of thread");
            assertThat(failure(() -> scope.keep(x)))
                    .hasMessageContaining("the scope belongs to thread");
            assertThat(failure(() -> run(scope::close))).hasMessageContaining("cannot close");
            assertThat(failure(() -> run(x::close))).hasMessageContaining("belongs to a scope");
            TensorScope.release(x);
            assertThat(CompletableFuture.supplyAsync(() -> x.add(1).toFloats()).join())
                    .containsExactly(2, 2);
        }
    }

    @Test
    void scopesOfTwoThreadsDoNotSeeEachOther() {
        try (var _ = TensorScope.open()) {
            var x = CompletableFuture.supplyAsync(() -> Tensor.ones(1)).join();
            assertThat(x.scope()).isNull();
            assertThat(x.item()).isEqualTo(1);
        }
    }

    @Test
    void closingWhileOtherThreadsReadThrowsButNeverCrashes() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            var x = Tensor.ones(64);
            var started = new CountDownLatch(2);
            Runnable read =
                    () -> {
                        started.countDown();
                        try (var _ = TensorScope.open()) {
                            for (int i = 0; i < 50; i++) x.add(1);
                        } catch (IllegalStateException e) {
                            assertThat(e).hasMessageContaining("closed");
                        }
                    };
            var readers =
                    List.of(CompletableFuture.runAsync(read), CompletableFuture.runAsync(read));
            started.await();
            x.close();
            readers.forEach(CompletableFuture::join);
            assertThat(x.isClosed()).isTrue();
        }
    }

    @Test
    void tracedErrorsNameWhereATensorWasMadeAndClosed() {
        Trace.enable(true);
        Tensor lost;
        try (var _ = TensorScope.open()) {
            lost = Tensor.ones(2, 3);
        }
        assertThatIllegalStateException()
                .isThrownBy(() -> lost.add(1))
                .withMessageContaining("F32[2, 3] made at tracedErrors")
                .withMessageContaining("closed at")
                .withMessageContaining("TensorScopeTest.java");
    }

    @Test
    void leaksAreWhatNoScopeOwnsAndNobodyClosed() {
        Trace.enable(true);
        var kept = new ArrayList<Tensor>();
        try (var scope = TensorScope.open()) {
            kept.add(scope.keep(Tensor.ones(4)));
            Tensor.ones(5);
        }
        Tensor.ones(6).close();
        assertThat(Trace.leaks()).isEmpty();
        kept.add(Tensor.ones(7));
        assertThat(Trace.leaks())
                .singleElement()
                .asString()
                .contains("F32[7] made at", "TensorScopeTest.java");
    }

    private static Object run(Runnable action) {
        action.run();
        return true;
    }

    private static Throwable failure(Supplier<Object> action) {
        try {
            CompletableFuture.supplyAsync(action).join();
        } catch (CompletionException e) {
            return e.getCause();
        }
        throw new AssertionError("nothing was thrown");
    }

    @Test
    void aSegmentEndsWithItsTensor() {
        MemorySegment elements;
        try (var _ = TensorScope.open()) {
            var tensor = Tensor.of(new float[] {1, 2, 3}, 3);
            elements = tensor.segment();
            assertThat(tensor.segment().get(ValueLayout.JAVA_FLOAT, 8)).isEqualTo(3);
            assertThat(elements.get(ValueLayout.JAVA_FLOAT, 4)).isEqualTo(2);
        }
        var late = elements;
        assertThatIllegalStateException()
                .isThrownBy(() -> late.get(ValueLayout.JAVA_FLOAT, 4))
                .withMessageContaining("closed");
        assertThat(Tensor.zeros(0).segment().byteSize()).isZero();
    }
}
