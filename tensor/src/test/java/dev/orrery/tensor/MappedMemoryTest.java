package dev.orrery.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class MappedMemoryTest {

    @Test
    void memoryIsKeptUntilTheLastViewIsFreed() {
        var memory = Arena.ofAuto().allocate(16, 8);
        memory.setAtIndex(ValueLayout.JAVA_FLOAT, 2, 7);
        var tensor = Tensor.mapped(memory, DType.F32, 4);
        var view = tensor.narrow(0, 2, 1);
        tensor.close();
        assertThat(ForeignMemory.uses(memory)).isEqualTo(1);
        assertThat(view.item()).isEqualTo(7);
        view.close();
        assertThat(ForeignMemory.uses(memory)).isZero();
    }

    @Test
    void changesAreSharedAndTwoTensorsMayShareOneMemory() {
        var memory = Arena.ofAuto().allocate(8, 8);
        try (var first = Tensor.mapped(memory, DType.I32, 2);
                var second = Tensor.mapped(memory, DType.I32, 2)) {
            first.fill_(5);
            assertThat(second.toInts()).containsExactly(5, 5);
            assertThat(ForeignMemory.uses(memory)).isEqualTo(2);
        }
        assertThat(ForeignMemory.uses(memory)).isZero();
    }

    @Test
    void memoryOfAnotherSizeOrOnTheHeapIsRefused() {
        var memory = Arena.ofAuto().allocate(8, 8);
        assertThatThrownBy(() -> Tensor.mapped(memory, DType.F32, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("8 bytes do not fill");
        assertThatThrownBy(() -> Tensor.mapped(MemorySegment.ofArray(new float[2]), DType.F32, 2))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
