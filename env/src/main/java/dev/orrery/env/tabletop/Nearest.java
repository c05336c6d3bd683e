package dev.orrery.env.tabletop;

import dev.orrery.env.Image;
import dev.orrery.env.Interval;
import dev.orrery.env.Observation;
import dev.orrery.env.Policy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Does what the demonstrator did in the most similar frames: the floor that a trained policy has
/// to clear, since it only remembers.
///
/// First it keeps the demonstrations whose instruction shares most words with the one it reads; of
/// their frames it takes the nearest few and averages their actions, with the grip by majority. How
/// near two frames are: the squared differences of both pictures, shrunk to 16 x 16 and 8 x 8, and
/// of the state. For arms of four degrees of freedom.
public final class Nearest implements Policy<float[]> {

    private static final int OVERHEAD = 16, WRIST = 8, ACTIONS = 4;
    private static final int PIXELS = 3 * (OVERHEAD * OVERHEAD + WRIST * WRIST), SIZE = PIXELS + 4;

    /// Weight of a state value, in pixel values: the table is 255 steps wide.
    private static final float STATE = 255;

    private final Map<String, List<Memory>> memories = new LinkedHashMap<>();
    private final int neighbours;
    private String instruction = "";
    private List<Memory> candidates = List.of();

    /// One frame: what was perceived, made small, and what was done.
    private record Memory(short[] features, float[] action) {}

    /// Remembers these demonstrations.
    ///
    /// @param neighbours how many frames are averaged, 1 or more
    /// @throws IllegalArgumentException without a demonstration of an arm of four degrees of
    ///   freedom
    public Nearest(List<Demonstration> demonstrations, int neighbours) {
        if (neighbours < 1) {
            throw new IllegalArgumentException(
                    "nearest: %d neighbours; choose 1 or more".formatted(neighbours));
        }
        this.neighbours = neighbours;
        var projector = new Projector();
        for (var demonstration : demonstrations) {
            if (demonstration.arm() == Arm.FOUR) {
                remember(demonstration, projector);
            }
        }
        if (memories.isEmpty()) {
            throw new IllegalArgumentException(
                    "nearest: none of %d demonstrations is of an arm of four degrees of freedom"
                            .formatted(demonstrations.size()));
        }
    }

    private void remember(Demonstration demonstration, Projector projector) {
        var frames = memories.computeIfAbsent(demonstration.instruction(), _ -> new ArrayList<>());
        for (int t = 0; t < demonstration.length(); t++) {
            var state = new float[4];
            var action = new float[ACTIONS];
            demonstration.state(t, state, 0);
            demonstration.action(t, action, 0);
            var features =
                    features(
                            projector.overhead(demonstration, t, Camera.OVERHEAD_PIXELS),
                            projector.wrist(demonstration, t, Camera.WRIST_PIXELS),
                            state);
            frames.add(new Memory(features, action));
        }
    }

    private static short[] features(Image overhead, Image wrist, float[] state) {
        var all = new short[SIZE];
        shrink(overhead, OVERHEAD, all, 0);
        shrink(wrist, WRIST, all, 3 * OVERHEAD * OVERHEAD);
        for (int i = 0; i < 4; i++) {
            all[PIXELS + i] = (short) (STATE * state[i]);
        }
        return all;
    }

    private static void shrink(Image image, int size, short[] into, int at) {
        int block = image.width() / size;
        for (int i = 0; i < size * size * 3; i++) {
            int left = i / 3 % size * block, top = i / 3 / size * block, sum = 0;
            for (int y = top; y < top + block; y++) {
                for (int x = left; x < left + block; x++) {
                    sum += image.at(y, x, i % 3);
                }
            }
            into[at + i] = (short) (sum / (block * block));
        }
    }

    @Override
    public float[] act(Observation observation) {
        if (!observation.text().equals(instruction) || candidates.isEmpty()) {
            instruction = observation.text();
            candidates = nearestWords(instruction);
        }
        var seen =
                features(
                        observation.image(Camera.OVERHEAD),
                        observation.image(Camera.WRIST),
                        observation.state());
        return mean(nearest(seen));
    }

    private List<Memory> nearestWords(String text) {
        var wanted = words(text);
        var found = new HashMap<Double, List<Memory>>();
        double best = -1;
        for (var entry : memories.entrySet()) {
            double likeness = likeness(wanted, words(entry.getKey()));
            best = Math.max(best, likeness);
            found.computeIfAbsent(likeness, _ -> new ArrayList<>()).addAll(entry.getValue());
        }
        return found.get(best);
    }

    private static Set<String> words(String text) {
        return new HashSet<>(List.of(text.split(" ")));
    }

    /// Words in both over words in either.
    private static double likeness(Set<String> one, Set<String> other) {
        var both = new HashSet<>(one);
        both.retainAll(other);
        return (double) both.size() / (one.size() + other.size() - both.size());
    }

    private List<Memory> nearest(short[] seen) {
        int count = Math.min(neighbours, candidates.size());
        var best = new Memory[count];
        var distances = new long[count];
        java.util.Arrays.fill(distances, Long.MAX_VALUE);
        for (var memory : candidates) {
            long distance = distance(seen, memory.features(), distances[count - 1]);
            for (int k = count - 1; k >= 0 && distance < distances[k]; k--) {
                if (k < count - 1) {
                    distances[k + 1] = distances[k];
                    best[k + 1] = best[k];
                }
                distances[k] = distance;
                best[k] = memory;
            }
        }
        return List.of(best);
    }

    /// The squared distance, or something larger than `most` if it is.
    private static long distance(short[] one, short[] other, long most) {
        long sum = 0;
        for (int i = SIZE - 1; i >= 0 && sum <= most; i--) {
            int difference = one[i] - other[i];
            // The state is four numbers beside 960 pixel values: each counts as 64 of them.
            sum += (long) difference * difference * (i < PIXELS ? 1 : 64);
        }
        return sum;
    }

    private static float[] mean(List<Memory> frames) {
        var action = new float[ACTIONS];
        for (var frame : frames) {
            for (int i = 0; i < ACTIONS; i++) {
                action[i] +=
                        (i < ACTIONS - 1 ? frame.action()[i] : Math.signum(frame.action()[i]))
                                / frames.size();
            }
        }
        return action;
    }

    /// Measures it on the first `perFamily` starts of each family of a split, one attempt each.
    public Interval measure(Split split, int perFamily) {
        int successes = 0, trials = 0;
        var seen = new HashMap<Family, Integer>();
        for (var start : split.starts()) {
            if (seen.merge(start.task().family(), 1, Integer::sum) <= perFamily) {
                trials++;
                successes += succeeds(start) ? 1 : 0;
            }
        }
        return Interval.of(successes, trials);
    }

    private boolean succeeds(Start start) {
        var table = new Tabletop(List.of(start.task().family()), Arm.FOUR);
        var observation = table.reset(start);
        while (table.outcome() == Outcome.UNFINISHED) {
            observation = table.step(act(observation)).observation();
        }
        return table.outcome() == Outcome.SUCCESS;
    }
}
