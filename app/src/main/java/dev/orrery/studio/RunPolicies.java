package dev.orrery.studio;

import dev.orrery.catalog.Catalog;
import dev.orrery.catalog.Entry;
import dev.orrery.env.Observation;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.Plays;
import dev.orrery.run.RunInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The trained policies in run folders, of every system of the catalog whose recipe [Plays].
public final class RunPolicies implements PolicySource {

    private static final String BETWEEN = "/";

    private final RunShelf shelf;

    /// @param runs the folder that holds run folders
    public RunPolicies(Path runs) {
        shelf = new RunShelf(runs);
    }

    /// The id under which the best policy of a run is offered, if it has one.
    public Optional<String> best(Path run) {
        return of(run).stream().map(Choice::id).findFirst();
    }

    @Override
    public List<Choice> choices() {
        var choices = new ArrayList<Choice>();
        shelf.list().runs().forEach(run -> choices.addAll(of(shelf.find(run.id()))));
        return choices;
    }

    private static List<Choice> of(Path run) {
        var id = run.getFileName().toString();
        return player(run)
                .map(plays ->
                        plays.policies(run).stream()
                                .map(name ->
                                        new Choice(
                                                id + BETWEEN + name,
                                                "%s, %s".formatted(id, name),
                                                "trained by %s".formatted(system(run))))
                                .toList())
                .orElse(List.of());
    }

    private static String system(Path run) {
        return RunInfo.read(run).system();
    }

    private static Optional<Plays> player(Path run) {
        try {
            var system = system(run);
            return Catalog.entries().stream()
                    .filter(entry -> entry.name().equals(system))
                    .filter(Entry.Ready.class::isInstance)
                    .map(entry -> ((Entry.Ready) entry).recipe())
                    .filter(Plays.class::isInstance)
                    .map(Plays.class::cast)
                    .findFirst();
        } catch (RuntimeException _) {
            // A folder whose description is damaged; the runs page says so.
            return Optional.empty();
        }
    }

    @Override
    public LivePolicy open(String id) {
        int between = id.indexOf(BETWEEN);
        if (between < 0) {
            throw new IllegalArgumentException("there is no policy '%s'".formatted(id));
        }
        var run = shelf.find(id.substring(0, between));
        var plays =
                player(run)
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "run %s holds no policy that can be played"
                                                .formatted(run.getFileName())));
        return new Queued(plays.open(run, id.substring(between + 1)));
    }

    /// Takes the first actions of each chunk, and shows those of it that remain.
    private static final class Queued implements LivePolicy {

        private final ChunkPolicy policy;
        private final int execute;
        private final Runnable close;
        private List<float[]> chunk = List.of();
        private int taken;

        Queued(Plays.Ready ready) {
            policy = ready.policy();
            execute = ready.execute();
            close = ready.close();
        }

        @Override
        public void reset(long seed) {
            chunk = List.of();
            policy.reset(seed);
        }

        @Override
        public Decision decide(Observation observation) {
            if (chunk.isEmpty() || taken >= Math.min(execute, chunk.size())) {
                chunk = Arrays.asList(policy.chunk(observation, ChunkPolicy.Held.NONE));
                taken = 0;
            }
            return new Decision(chunk.subList(taken++, chunk.size()));
        }

        @Override
        public void close() {
            close.run();
        }
    }
}
