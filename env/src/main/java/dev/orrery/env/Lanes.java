package dev.orrery.env;

import java.util.List;
import java.util.stream.IntStream;

/// Several [WordEnv]s that run in lock-step and start again by themselves, spread over the cores.
///
/// After each [#step] the arrays hold one entry a lane: what is perceived, the reward that led to
/// it, and whether it is the first or last moment of an episode. A lane whose last moment was shown
/// begins anew at the next step, whatever the action: the terminal observation is never marked as a
/// first one. Episode `k` of lane `n` has the seed `Dice.of(seed, k * N + n)`, so that results do
/// not depend on how the work was spread. The arrays are the lanes' own and change with each step.
///
/// @param <A> what an action is
public final class Lanes<A> {

    private final List<? extends WordEnv<A>> envs;
    private final ActionSpace.Finite<A> actions;
    private final int width, choices;
    private final long seed;
    private final float[] symbols, rewards;
    private final int[] tokens;
    private final boolean[] first, last, terminal, reading;
    private final long[] episodes;
    private final boolean parallel;

    /// Takes over these worlds, which must be alike.
    ///
    /// @param parallel whether to use all cores; for worlds of a microsecond a step one core is
    ///   faster up to dozens of lanes
    /// @throws IllegalArgumentException without a world
    public Lanes(List<? extends WordEnv<A>> envs, long seed, boolean parallel) {
        if (envs.isEmpty()) {
            throw new IllegalArgumentException("lanes need at least one world");
        }
        this.envs = List.copyOf(envs);
        this.seed = seed;
        this.parallel = parallel;
        this.actions = envs.getFirst().actions();
        this.choices = actions.sizes().length;
        this.width = envs.getFirst().symbolCount();
        int n = envs.size();
        this.symbols = new float[n * width];
        this.rewards = new float[n];
        this.tokens = new int[n];
        this.first = new boolean[n];
        this.last = new boolean[n];
        this.terminal = new boolean[n];
        this.reading = new boolean[n];
        this.episodes = new long[n];
        places().forEach(this::begin);
    }

    /// Steps every lane.
    ///
    /// @param chosen the choices of each lane's action, lane after lane; see
    ///   [ActionSpace.Finite#at]
    public void step(int[] chosen) {
        if (chosen.length != envs.size() * choices) {
            throw new IllegalArgumentException(
                    "%d choices for %d lanes of %d".formatted(chosen.length, envs.size(), choices));
        }
        places().forEach(n -> step(n, chosen));
    }

    private IntStream places() {
        var places = IntStream.range(0, envs.size());
        return parallel ? places.parallel() : places;
    }

    private void begin(int n) {
        envs.get(n).begin(Dice.of(seed, episodes[n]++ * envs.size() + n).nextLong());
        show(n, 0, true);
    }

    private void step(int n, int[] chosen) {
        if (last[n]) {
            begin(n);
            return;
        }
        var choice = new int[choices];
        System.arraycopy(chosen, n * choices, choice, 0, choices);
        show(n, (float) envs.get(n).advance(actions.at(choice)), false);
    }

    private void show(int n, float reward, boolean starts) {
        var env = envs.get(n);
        env.symbols(symbols, n * width);
        tokens[n] = env.token();
        rewards[n] = reward;
        first[n] = starts;
        terminal[n] = env.terminated();
        last[n] = env.terminated() || env.truncated();
        reading[n] = env.reading();
    }

    /// The number of lanes N.
    public int size() {
        return envs.size();
    }

    /// The world of one lane.
    public WordEnv<A> env(int lane) {
        return envs.get(lane);
    }

    /// What each lane sees, `(N, symbolCount)`.
    public float[] symbols() {
        return symbols;
    }

    /// The reward of the step that led here, 0 at a first moment.
    public float[] rewards() {
        return rewards;
    }

    /// The word that is said.
    public int[] tokens() {
        return tokens;
    }

    /// Whether this is the first moment of an episode.
    public boolean[] first() {
        return first;
    }

    /// Whether this is the last moment of an episode, for either reason.
    public boolean[] last() {
        return last;
    }

    /// Whether the episode ended in the world's own terms.
    public boolean[] terminal() {
        return terminal;
    }

    /// Whether the world stands still while the agent reads.
    public boolean[] reading() {
        return reading;
    }

    /// Everything that the rest depends on; [#restore] goes back there.
    public long[] state() {
        var snapshot = Snapshot.write("lanes").put(envs.size());
        for (int n = 0; n < envs.size(); n++) {
            snapshot.put(episodes[n])
                    .put(last[n])
                    .put(first[n])
                    .put(Float.floatToIntBits(rewards[n]));
            var one = envs.get(n).state();
            snapshot.put(one.length);
            for (long value : one) {
                snapshot.put(value);
            }
        }
        return snapshot.done();
    }

    /// Goes back to a state that [#state] of equal lanes gave.
    ///
    /// @throws IllegalArgumentException if the state is not one of such lanes
    public void restore(long[] state) {
        var snapshot = Snapshot.read("lanes", state);
        if (snapshot.take() != envs.size()) {
            throw new IllegalArgumentException(
                    "this state is not one of %d lanes".formatted(envs.size()));
        }
        for (int n = 0; n < envs.size(); n++) {
            episodes[n] = snapshot.take();
            boolean over = snapshot.takeBoolean(), starts = snapshot.takeBoolean();
            float reward = Float.intBitsToFloat(snapshot.takeInt());
            var one = new long[snapshot.takeInt()];
            for (int i = 0; i < one.length; i++) {
                one[i] = snapshot.take();
            }
            envs.get(n).restore(one);
            show(n, reward, starts);
            last[n] = over;
        }
        snapshot.end();
    }
}
