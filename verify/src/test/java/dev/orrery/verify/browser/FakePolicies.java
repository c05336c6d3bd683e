package dev.orrery.verify.browser;

import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Family;
import dev.orrery.studio.LivePolicy;
import dev.orrery.studio.PolicySource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/// Policies that need no training: `run/up` and `run/down` move the gripper in chunks of six of
/// which they take two, `run/nan` breaks on its third action, `run/gone` cannot be opened.
final class FakePolicies implements PolicySource {

    static final Skill SMOKE =
            new Skill(
                    Set.of(Family.REACH, Family.BUTTON, Family.PICK),
                    Map.of(Family.REACH, 1., Family.BUTTON, .9, Family.PICK, .3));

    private static final int CHUNK = 6, TAKEN = 2;

    @Override
    public List<Choice> choices() {
        return List.of(
                choice("up", "trained", SMOKE),
                choice("down", "step 500", Skill.UNKNOWN),
                choice("nan", "step 400", Skill.UNKNOWN),
                choice("gone", "step 300", Skill.UNKNOWN));
    }

    private static Choice choice(String id, String name, Skill skill) {
        return new Choice("run/" + id, "run, " + name, "trained by pi0", "run", skill);
    }

    @Override
    public LivePolicy open(String id) {
        return switch (id) {
            case "run/up" -> new Steady(_ -> new float[] {0, 0, .2f, -1});
            case "run/down" -> new Steady(_ -> new float[] {0, 0, -.2f, -1});
            case "run/nan" -> new Steady(i -> new float[] {i == 2 ? Float.NaN : 0, 0, .2f, -1});
            default ->
                    throw new IllegalArgumentException(
                            "the file of %s was deleted; choose another".formatted(id));
        };
    }

    private static final class Steady implements LivePolicy {
        private final IntFunction<float[]> action;
        private int asked;

        Steady(IntFunction<float[]> action) {
            this.action = action;
        }

        @Override
        public void reset(long seed) {
            asked = 0;
        }

        @Override
        public Decision decide(Observation observation) {
            int from = asked % TAKEN;
            var chunk = new ArrayList<float[]>();
            for (int i = from; i < CHUNK; i++) {
                chunk.add(action.apply(asked + i - from));
            }
            asked++;
            return new Decision(chunk, TAKEN - from, from == 0);
        }
    }
}
