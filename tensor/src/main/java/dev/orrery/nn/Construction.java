package dev.orrery.nn;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Device;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.function.Supplier;

/// What becomes of parameters while a module is being built on this thread.
enum Construction {
    /// They are drawn from their distribution.
    DRAWN {
        @Override
        Tensor parameter(Init init, Seed seed, long... shape) {
            return init.draw(seed, shape);
        }
    },
    /// They are left unset for weights that will be loaded; memory is not touched.
    UNSET {
        @Override
        Tensor parameter(Init init, Seed seed, long... shape) {
            return Tensor.empty(DType.F32, shape);
        }
    },
    /// They have shapes only.
    OUTLINED {
        @Override
        Tensor parameter(Init init, Seed seed, long... shape) {
            return Tensor.empty(Device.META, DType.F32, shape);
        }
    };

    private static final ScopedValue<Construction> CURRENT = ScopedValue.newInstance();

    abstract Tensor parameter(Init init, Seed seed, long... shape);

    static Construction current() {
        return CURRENT.orElse(DRAWN);
    }

    <M> M build(Supplier<M> module) {
        return ScopedValue.where(CURRENT, this).call(module::get);
    }
}
