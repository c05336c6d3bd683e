package dev.orrery.env.homegrid;

import java.util.Optional;
import java.util.Set;

/// The constants of [HomeGrid].
///
/// @param speech what is said and when
/// @param events how often the house changes by itself
/// @param bins how many of the three bins there are
/// @param objects how many of the four objects there are at first
/// @param maxSteps steps of an episode, reading not counted
/// @param subtaskBonus whether carrying the right object pays 0.5 once a task, as the published
///   code does and its description does not say
/// @param legacySpawn whether the agent may start on the cell of a thing, which then is gone from
///   the map, as in the published code
/// @param view what an [dev.orrery.env.Observation] holds
public record HomeGridConfig(
        Speech speech,
        Events events,
        int bins,
        int objects,
        int maxSteps,
        boolean subtaskBonus,
        boolean legacySpawn,
        View view) {

    /// What is said and when.
    ///
    /// @param hints what is said besides the task
    /// @param preread the most words read before the first step; -1 for no reading at all
    /// @param repeatEvery steps after which the task is said again
    /// @param probability that something is said in a step in which nothing has to be: 0.2 in the
    ///   published code, 0.1 in the paper
    public record Speech(Set<Hint> hints, int preread, int repeatEvery, double probability) {

        public Speech {
            hints = Set.copyOf(hints);
            if (preread < 0 && (hints.contains(Hint.FUTURE) || hints.contains(Hint.DYNAMICS))) {
                throw new IllegalArgumentException(
                        "homegrid: preread %d with hints %s; they need 0 or more"
                                .formatted(preread, hints));
            }
            check("speech probability", probability);
        }
    }

    /// How often the house changes by itself.
    ///
    /// @param teleport probability a step that an object is moved
    /// @param spawn probability a step and missing object that one appears
    /// @param unsafe probability a step that something is spilled around a bin
    public record Events(double teleport, double spawn, double unsafe) {

        /// The published probabilities.
        public static final Events PUBLISHED = new Events(0.05, 0.1, 0);

        /// A house that does not change by itself.
        public static final Events NONE = new Events(0, 0, 0);

        public Events {
            check("teleport", teleport);
            check("spawn", spawn);
            check("unsafe", unsafe);
        }
    }

    /// What an observation holds.
    public enum View {
        /// The 3 x 3 cells around the agent as numbers; see [HomeGrid#symbols].
        SYMBOLS,
        /// A picture of 64 x 64, what agents are trained on.
        PIXELS,
        /// A picture of 96 x 96, the full size of the tiles.
        TILES
    }

    public HomeGridConfig {
        within("bins", bins, 1, Thing.BINS);
        within("objects", objects, 1, Thing.OBJECTS);
        within("maxSteps", maxSteps, 1, 1_000_000);
    }

    private static void within(String name, int value, int low, int high) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(
                    "homegrid: %s %d; choose %d to %d".formatted(name, value, low, high));
        }
    }

    private static void check(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(
                    "homegrid: %s %s is not a probability".formatted(name, value));
        }
    }

    /// The published environment with one kind of hint, or with the task alone, seen as symbols.
    public static HomeGridConfig with(Hint... hints) {
        return new HomeGridConfig(
                new Speech(Set.of(hints), 28, 20, 0.2),
                Events.PUBLISHED,
                2,
                2,
                100,
                true,
                false,
                View.SYMBOLS);
    }

    /// The same with another view.
    public HomeGridConfig seenAs(View other) {
        return new HomeGridConfig(
                speech, events, bins, objects, maxSteps, subtaskBonus, legacySpawn, other);
    }

    /// The same with other random events.
    public HomeGridConfig changing(Events other) {
        return new HomeGridConfig(
                speech, other, bins, objects, maxSteps, subtaskBonus, legacySpawn, view);
    }

    /// The same with another length.
    public HomeGridConfig lasting(int steps) {
        return new HomeGridConfig(
                speech, events, bins, objects, steps, subtaskBonus, legacySpawn, view);
    }

    /// The same with another number of bins and objects.
    public HomeGridConfig holding(int otherBins, int otherObjects) {
        return new HomeGridConfig(
                speech, events, otherBins, otherObjects, maxSteps, subtaskBonus, legacySpawn, view);
    }

    /// The same with or without the published code's two oddities.
    public HomeGridConfig odd(boolean bonus, boolean spawn) {
        return new HomeGridConfig(speech, events, bins, objects, maxSteps, bonus, spawn, view);
    }

    /// The hint of this name.
    static Optional<Hint> hint(String name) {
        return java.util.Arrays.stream(Hint.values())
                .filter(hint -> hint.name().equalsIgnoreCase(name))
                .findFirst();
    }

    /// The published environment of one name: `task`, or a kind of hint.
    ///
    /// @throws IllegalArgumentException if there is no such kind
    public static HomeGridConfig named(String kind) {
        if (kind.equals("task")) {
            return with();
        }
        return with(
                hint(kind)
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "homegrid has no hint kind '%s'; choose task, future, dynamics, corrections or termination"
                                                .formatted(kind))));
    }
}
