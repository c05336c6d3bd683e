package dev.orrery.tensor;

import java.util.ArrayList;
import java.util.List;

/// A few seconds of arithmetic that show whether the engine works here, and how quickly.
///
/// @param f32Gflops F32 product of two 1024 x 1024 matrices, in 10^9 operations a second
/// @param bf16Gflops the same in BF16
/// @param addNanos one addition of 16 floats, in nanoseconds
/// @param faults what came out wrong; empty if all is well
/// @param seconds time the check took
public record SelfCheck(
        double f32Gflops, double bf16Gflops, double addNanos, List<String> faults, double seconds) {

    private static final int SIZE = 1024, ADDITIONS = 10_000;
    private static final double LIMIT = 0.4e9;

    /// Runs the check, in under five seconds on an idle machine.
    public static SelfCheck run() {
        long start = System.nanoTime();
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            double f32 = gflops(DType.F32), bf16 = gflops(DType.BF16), add = addition();
            var faults = new ArrayList<String>();
            product(faults);
            gradient(faults);
            seed(faults);
            return new SelfCheck(
                    f32, bf16, add, List.copyOf(faults), (System.nanoTime() - start) / 1e9);
        }
    }

    /// Whether every result was right.
    public boolean passed() {
        return faults.isEmpty();
    }

    private static double gflops(DType dtype) {
        var seed = Seed.of(1);
        var a = seed.split(1).normal(SIZE, SIZE).to(dtype);
        var b = seed.split(2).normal(SIZE, SIZE).to(dtype);
        return 2.0 * SIZE * SIZE * SIZE / bestNanos(() -> a.matmul(b), 10);
    }

    private static double addition() {
        var x = Tensor.ones(16);
        return bestNanos(
                        () -> {
                            for (int i = 0; i < ADDITIONS; i++) {
                                try (var sum = x.add(x)) {
                                    assert !sum.isClosed();
                                }
                            }
                        },
                        8)
                / ADDITIONS;
    }

    private static double bestNanos(Runnable work, int repeats) {
        double best = Double.POSITIVE_INFINITY;
        long start = System.nanoTime();
        for (int i = 0; i < repeats && (i < 2 || System.nanoTime() - start < LIMIT); i++) {
            try (var _ = TensorScope.open()) {
                long before = System.nanoTime();
                work.run();
                best = Math.min(best, System.nanoTime() - before);
            }
        }
        return best;
    }

    private static void product(List<String> faults) {
        var seed = Seed.of(2);
        var a = seed.split(1).normal(256, 256);
        var b = seed.split(2).normal(256, 256);
        double error =
                a.matmul(b)
                        .to(DType.F64)
                        .sub(a.to(DType.F64).matmul(b.to(DType.F64)))
                        .abs()
                        .max()
                        .item();
        if (!(error < 1e-3)) faults.add("F32 product is off by %.2g".formatted(error));
    }

    private static void gradient(List<String> faults) {
        try (var _ = Grad.enabled()) {
            var x = Seed.of(3).normal(64).requiresGrad_(true);
            x.tanh().sum().backward();
            var expected = x.detach().tanh().square().neg().add(1);
            if (!x.grad().allclose(expected, 1e-5, 1e-6)) faults.add("gradient of tanh is off");
        }
    }

    private static void seed(List<String> faults) {
        var block = new int[4];
        Seed.philox(0, 0, 0, block);
        if (block[0] != 0x6627e8d5) faults.add("random numbers are not Philox's");
    }
}
