package dev.orrery.bench;

import dev.orrery.bench.EngineBench.Timing;
import dev.orrery.tensor.Engine;
import dev.orrery.worldmodel.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/// How fast a recurrent world model learns: the 64-step unroll, forward and backward, in turn with
/// the same model in Python's PyTorch.
public final class WorldModelBench {

    /// What was measured in one sitting.
    ///
    /// @param measurements the items
    /// @param python versions of Python's torch and of Python, if they were there
    public record Report(List<Measurement> measurements, Optional<String> python) {}

    private WorldModelBench() {}

    /// @param python interpreters to look for torch in, the first that has it is used
    /// @param rounds calls of each, after two to warm up
    /// @param progress told what is being measured
    public static Report run(List<String> python, int rounds, Consumer<String> progress) {
        var threads = Integer.toString(Engine.threads());
        var peer =
                python.stream()
                        .flatMap(path -> PythonPeer.start(path, "peer.py", threads).stream())
                        .findFirst();
        try {
            var items = new ArrayList<Measurement>();
            for (var form : Form.values()) {
                progress.accept("64-step unroll, " + form);
                items.add(measure(form, form == Form.V2023 ? peer : Optional.empty(), rounds));
            }
            return new Report(List.copyOf(items), peer.map(PythonPeer::version));
        } finally {
            peer.ifPresent(PythonPeer::close);
        }
    }

    private static Measurement measure(Form form, Optional<PythonPeer> peer, int rounds) {
        var unroll = new RssmUnroll(form);
        var ours = new ArrayList<Timing>();
        var theirs = new ArrayList<Timing>();
        for (int i = -2; i < rounds; i++) {
            var mine = Timing.of(unroll::run);
            var yours = peer.map(p -> p.time("rssm"));
            if (i < 0) continue;
            ours.add(mine);
            yours.ifPresent(theirs::add);
        }
        double steps = RssmUnroll.BATCH * RssmUnroll.STEPS;
        double processor = median(theirs, Timing::processor) / median(ours, Timing::processor);
        return new Measurement(
                "RSSM %s unroll of 64 steps, forward and backward".formatted(form),
                "steps/s",
                true,
                steps / median(ours, Timing::seconds),
                theirs.isEmpty()
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(steps / median(theirs, Timing::seconds)),
                Double.isFinite(processor) ? OptionalDouble.of(processor) : OptionalDouble.empty());
    }

    private static double median(List<Timing> timings, ToDoubleFunction<Timing> what) {
        return timings.isEmpty()
                ? Double.NaN
                : Measurement.median(timings.stream().mapToDouble(what).toArray());
    }
}
