package dev.orrery.studio;

import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Tabletop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// Who acts at a table: a policy or the reader, what it decided last, and how long that took.
/// Belongs to the table's thread.
final class Actor implements AutoCloseable {

    static final String HAND = "hand";

    private static final List<String> NAMES = List.of("Δx", "Δy", "Δz", "grip");

    private final PolicySource policies;
    private final Supplier<Tabletop> table;
    private final Latency latency = new Latency();
    private PolicySource.Choice choice = ExpertPolicy.CHOICE;
    private LivePolicy policy;
    private Optional<LivePolicy.Decision> decision = Optional.empty();

    Actor(PolicySource policies, Supplier<Tabletop> table) {
        this.policies = policies;
        this.table = table;
        this.policy = new ExpertPolicy(table);
    }

    /// Who can act, besides the reader.
    List<PolicySource.Choice> choices() {
        var all = new ArrayList<>(List.of(ExpertPolicy.CHOICE));
        all.addAll(policies.choices());
        return all;
    }

    String id() {
        return choice.id();
    }

    boolean byHand() {
        return id().equals(HAND);
    }

    PolicySource.Skill skill() {
        return choice.skill();
    }

    /// Lets another act. If it cannot be opened, the one before stays.
    ///
    /// @throws IllegalArgumentException if there is no such policy
    void choose(String wanted) {
        var next = scripted(wanted) ? new ExpertPolicy(table) : policies.open(wanted);
        policy.close();
        policy = next;
        choice =
                choices().stream()
                        .filter(c -> c.id().equals(wanted))
                        .findFirst()
                        .orElse(new PolicySource.Choice(wanted, wanted, ""));
        latency.clear();
        decision = Optional.empty();
    }

    private static boolean scripted(String id) {
        return id.equals(HAND) || id.equals(ExpertPolicy.CHOICE.id());
    }

    /// A new episode begins.
    void reset(long seed) {
        decision = Optional.empty();
        policy.reset(seed);
    }

    /// What was foreseen no longer holds, as somebody moved a block.
    void forget() {
        decision = Optional.empty();
    }

    /// The action to take now.
    ///
    /// @throws IllegalArgumentException if the policy answers with something that is no action
    float[] decide(Observation seen) {
        decision = Optional.empty();
        long before = System.nanoTime();
        var decided = policy.decide(seen);
        if (decided.fresh()) {
            latency.add((System.nanoTime() - before) / 1e6);
        }
        decided.chunk().forEach(Actor::checkSize);
        checkFinite(decided.action());
        decision = Optional.of(decided);
        return decided.action();
    }

    private static void checkSize(float[] action) {
        if (action.length != NAMES.size()) {
            throw new IllegalArgumentException(
                    "it answered with actions of %d numbers, this table takes %d"
                            .formatted(action.length, NAMES.size()));
        }
    }

    private static void checkFinite(float[] action) {
        var bad =
                IntStream.range(0, action.length).filter(i -> !Float.isFinite(action[i])).toArray();
        if (bad.length > 0) {
            throw new IllegalArgumentException(
                    "its action was not a number (%s is %s)"
                            .formatted(NAMES.get(bad[0]), action[bad[0]]));
        }
    }

    /// The rest of the chunk; the first action has been taken.
    List<float[]> outlook() {
        return decision.map(d -> d.chunk().subList(1, d.chunk().size())).orElse(List.of());
    }

    /// How many actions of [#outlook] will be taken before the next chunk.
    int committed() {
        return decision.map(d -> d.committed() - 1).orElse(0);
    }

    Map<String, Object> latency() {
        return latency.view();
    }

    @Override
    public void close() {
        policy.close();
    }
}
