package dev.orrery.bench;

import dev.orrery.tensor.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/// Items measured in turn with Python's PyTorch, where that is installed.
///
/// @param measurements the items, in ms
/// @param python versions of Python's torch and of Python, if they were there
public record PeerComparison(List<Measurement> measurements, Optional<String> python) {

    private static final int WARM_UP = 3;

    /// Something to measure.
    ///
    /// @param name for readers
    /// @param key what Python knows it by, empty if it does not
    /// @param work one call of it
    public record Item(String name, String key, Runnable work) {}

    /// Measures each item `rounds` times and takes the medians.
    ///
    /// @param python interpreters to look for torch in, the first that has it is used
    /// @param progress told what is being measured
    public static PeerComparison run(
            List<String> python, int rounds, List<Item> items, Consumer<String> progress) {
        var peer =
                python.stream()
                        .flatMap(path ->
                                PythonPeer.start(
                                        path, "peer.py", Integer.toString(Engine.threads()))
                                        .stream())
                        .findFirst();
        try {
            var found = new ArrayList<Measurement>();
            for (var item : items) {
                progress.accept(item.name());
                found.add(measure(item, rounds, peer));
            }
            return new PeerComparison(List.copyOf(found), peer.map(PythonPeer::version));
        } finally {
            peer.ifPresent(PythonPeer::close);
        }
    }

    private static Measurement measure(Item item, int rounds, Optional<PythonPeer> peer) {
        boolean both = peer.isPresent() && !item.key().isEmpty();
        var ours = new double[rounds];
        var theirs = new double[rounds];
        for (int i = -WARM_UP; i < rounds; i++) {
            long start = System.nanoTime();
            item.work().run();
            double mine = (System.nanoTime() - start) / 1e6;
            double yours = both ? 1000 * peer.get().seconds(item.key()) : Double.NaN;
            if (i >= 0) {
                ours[i] = mine;
                theirs[i] = yours;
            }
        }
        return new Measurement(
                item.name(),
                "ms",
                false,
                Measurement.median(ours),
                both ? OptionalDouble.of(Measurement.median(theirs)) : OptionalDouble.empty());
    }
}
