package dev.orrery.studio;

import dev.orrery.catalog.Catalog;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Family;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.Plays;
import dev.orrery.run.RunInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The trained policies in run folders, of every system of the catalog whose recipe [Plays].
public final class RunPolicies implements PolicySource {

    private static final String BETWEEN = "/";
    private static final Pattern STEP = Pattern.compile("step-(\\d+)");

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
        return player(run).map(plays -> of(run, plays)).orElse(List.of());
    }

    private static List<Choice> of(Path run, Plays plays) {
        try {
            var choices = new ArrayList<Choice>();
            var trained = families(plays.trained(run));
            for (var name : plays.policies(run)) {
                choices.add(choice(run, name, trained));
            }
            return choices;
        } catch (RuntimeException _) {
            // Deleted or damaged while it was read; the runs page says so.
            return List.of();
        }
    }

    private static Choice choice(Path run, String name, Set<Family> trained) {
        var id = run.getFileName().toString();
        boolean finished = Files.exists(run.resolve(RunShelf.REPORT));
        var step = STEP.matcher(name);
        boolean early = step.matches();
        return new Choice(
                id + BETWEEN + name,
                early
                        ? "%s, step %,d".formatted(id, Long.parseLong(step.group(1)))
                        : "%s, %s".formatted(id, finished ? "trained" : "newest"),
                early || !finished
                        ? "%s, as it was in training".formatted(RunInfo.read(run).system())
                        : "trained by %s".formatted(RunInfo.read(run).system()),
                id,
                new Skill(trained, early || !finished ? Map.of() : Evaluation.families(run)));
    }

    private static Set<Family> families(List<String> names) {
        return names.stream().map(Family::parse).collect(Collectors.toSet());
    }

    private static Optional<Plays> player(Path run) {
        try {
            return Catalog.player(RunInfo.read(run).system());
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
        var run = find(id.substring(0, between));
        var plays =
                player(run)
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "run %s holds no policy that can be played"
                                                .formatted(run.getFileName())));
        return new Queued(plays.open(run, id.substring(between + 1)));
    }

    private Path find(String run) {
        try {
            return shelf.find(run);
        } catch (Refusal e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
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
            int from = taken++;
            return new Decision(
                    chunk.subList(from, chunk.size()),
                    Math.min(execute, chunk.size()) - from,
                    from == 0);
        }

        @Override
        public void close() {
            close.run();
        }
    }
}
