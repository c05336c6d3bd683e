package dev.orrery.bench;

import dev.orrery.tensor.Engine;
import dev.orrery.tensor.EngineReport;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// The figures that the engine is held to: the cost of one operation, matrix products, a GPT
/// training step, and memory over many steps.
public final class EngineBench {

    /// What to measure with.
    ///
    /// @param python interpreters to look for torch in, the first that has it is used
    /// @param rounds rounds of the slow items; quick ones get five times as many
    /// @param steps small training steps over which memory is watched
    public record Options(List<String> python, int rounds, int steps) {
        public Options {
            if (rounds < 1 || steps < 1) {
                throw new IllegalArgumentException(
                        "rounds %d and steps %d must be at least 1".formatted(rounds, steps));
            }
        }
    }

    /// Everything measured in one sitting.
    ///
    /// @param measurements the items
    /// @param python versions of Python's torch and of Python, if they were there
    /// @param steps small training steps over which memory was watched
    /// @param residentBefore bytes of this process after the warm-up
    /// @param residentAfter bytes after the steps
    /// @param engine what the engine chose
    public record Report(
            List<Measurement> measurements,
            Optional<String> python,
            int steps,
            long residentBefore,
            long residentAfter,
            EngineReport engine) {

        /// Growth of this process over the steps, as a share of what it had before.
        public double growth() {
            return (double) (residentAfter - residentBefore) / residentBefore;
        }
    }

    /// A call's time.
    ///
    /// @param seconds on the wall
    /// @param processor seconds of all threads of the process together, or NaN if the call is too
    ///   short for the system's count of them
    record Timing(double seconds, double processor) {

        private static final com.sun.management.OperatingSystemMXBean SYSTEM =
                (com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean();
        private static final double COUNTABLE = 0.05;

        static Timing of(Runnable work) {
            long processor = SYSTEM.getProcessCpuTime(), start = System.nanoTime();
            work.run();
            double seconds = (System.nanoTime() - start) / 1e9;
            double spent = (SYSTEM.getProcessCpuTime() - processor) / 1e9;
            return new Timing(seconds, seconds < COUNTABLE ? Double.NaN : spent);
        }

        Timing times(double factor) {
            return new Timing(seconds * factor, processor * factor);
        }
    }

    private static final int ADDITIONS = 2_000, SIZE = 2048, WARM_UP = 2_000, MOST_WARM_UP = 20_000;
    private static final int QUICK_WARM_UP = 30;

    private final Options options;
    private final Optional<PythonPeer> peer;
    private final Consumer<String> progress;
    private final List<Measurement> measurements = new ArrayList<>();

    private EngineBench(Options options, Optional<PythonPeer> peer, Consumer<String> progress) {
        this.options = options;
        this.peer = peer;
        this.progress = progress;
    }

    /// Measures everything, in a minute or two.
    ///
    /// @param progress told what is being measured
    public static Report run(Options options, Consumer<String> progress) {
        var peer =
                options.python.stream()
                        .flatMap(path ->
                                PythonPeer.start(
                                        path, "peer.py", Integer.toString(Engine.threads()))
                                        .stream())
                        .findFirst();
        try {
            var bench = new EngineBench(options, peer, progress);
            bench.operations();
            // First, as memory that larger items have freed would hide a leak.
            var memory = bench.memory();
            bench.products();
            bench.gpt();
            return bench.report(memory);
        } finally {
            peer.ifPresent(PythonPeer::close);
        }
    }

    private void operations() {
        try (var _ = TensorScope.open()) {
            var x = Tensor.ones(16);
            var y = Tensor.ones(16);
            measure(
                    new Item("add of 16 floats", "add", "ns", 5 * options.rounds),
                    seconds -> 1e9 * seconds,
                    () -> Timing.of(() -> add(x, y)).times(1.0 / ADDITIONS));
        }
    }

    private static void add(Tensor x, Tensor y) {
        for (int i = 0; i < ADDITIONS; i += 100) {
            try (var _ = TensorScope.open()) {
                for (int j = 0; j < 100; j++) x.add(y);
            }
        }
    }

    private void products() {
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            var a = Seed.of(1).normal(SIZE, SIZE);
            var b = Seed.of(2).normal(SIZE, SIZE);
            measure(
                    new Item("sgemm 2048", "sgemm", "GFLOP/s", 2 * options.rounds),
                    seconds -> 2e-9 * SIZE * SIZE * SIZE / seconds,
                    () -> timed(() -> a.matmul(b)));
        }
    }

    private void gpt() {
        var shape = GptStep.Shape.STANDARD;
        var gpt = new GptStep(shape, Seed.of(3));
        measure(
                new Item("GPT train step", "gpt", "tokens/s", options.rounds),
                seconds -> shape.tokens() / seconds,
                () -> timed(gpt::step));
    }

    private record Memory(long before, long after) {}

    private Memory memory() {
        progress.accept("memory over %d small train steps".formatted(options.steps));
        var small = new SmallStep(Seed.of(4));
        warmUp(small);
        peer.ifPresent(p -> p.time("small"));
        long before = EngineReport.current().residentBytes();
        var ours =
                Timing.of(
                                () -> {
                                    for (int i = 0; i < options.steps; i++) small.step();
                                })
                        .times(1.0 / options.steps);
        long after = EngineReport.current().residentBytes();
        add(
                new Item("small train step", "small", "steps/s", 1),
                seconds -> 1 / seconds,
                List.of(ours),
                peer.map(p -> List.of(p.time("small"))).orElseGet(List::of));
        return new Memory(before, after);
    }

    private Report report(Memory memory) {
        return new Report(
                List.copyOf(measurements),
                peer.map(PythonPeer::version),
                options.steps,
                memory.before,
                memory.after,
                EngineReport.current());
    }

    /// Memory settles once the collector has gone round the part of the heap that it starts with,
    /// and the compiler has seen everything.
    private static void warmUp(SmallStep small) {
        long before = collections();
        for (int i = 0; i < MOST_WARM_UP && collections() < before + 2; i++) small.step();
        for (int i = 0; i < WARM_UP; i++) small.step();
    }

    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }

    private record Item(String name, String key, String unit, int rounds) {}

    private interface Scale {
        double of(double seconds);
    }

    /// Some rounds to warm up, more of quick items, which the compiler must see; then Java and
    /// Python in turn.
    private void measure(Item item, Scale scale, Supplier<Timing> work) {
        progress.accept(item.name);
        var ours = new ArrayList<Timing>();
        var theirs = new ArrayList<Timing>();
        for (int i = item.unit.equals("ns") ? -QUICK_WARM_UP : -2; i < item.rounds; i++) {
            ours.add(work.get());
            peer.ifPresent(p -> theirs.add(p.time(item.key)));
            if (i == -1) {
                ours.clear();
                theirs.clear();
            }
        }
        add(item, scale, ours, theirs);
    }

    /// @param theirs empty without Python
    private void add(Item item, Scale scale, List<Timing> ours, List<Timing> theirs) {
        double processor = median(theirs, Timing::processor) / median(ours, Timing::processor);
        measurements.add(
                new Measurement(
                        item.name,
                        item.unit,
                        !item.unit.equals("ns"),
                        scale.of(median(ours, Timing::seconds)),
                        theirs.isEmpty()
                                ? OptionalDouble.empty()
                                : OptionalDouble.of(scale.of(median(theirs, Timing::seconds))),
                        Double.isFinite(processor)
                                ? OptionalDouble.of(processor)
                                : OptionalDouble.empty()));
    }

    private static double median(List<Timing> timings, ToDoubleFunction<Timing> what) {
        return timings.isEmpty()
                ? Double.NaN
                : Measurement.median(timings.stream().mapToDouble(what).toArray());
    }

    private static Timing timed(Runnable work) {
        try (var _ = TensorScope.open()) {
            return Timing.of(work);
        }
    }
}
