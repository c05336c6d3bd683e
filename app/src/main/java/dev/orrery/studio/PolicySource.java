package dev.orrery.studio;

import dev.orrery.env.tabletop.Family;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Where the tabletop page gets trained policies from.
public interface PolicySource {

    /// One policy that can be opened.
    ///
    /// @param id what [PolicySource#open] takes, unique in the source
    /// @param name what readers see
    /// @param detail one line more, such as the step of its checkpoint
    /// @param group the run that it belongs to, empty for none
    /// @param skill what it can do, as far as that is known
    record Choice(String id, String name, String detail, String group, Skill skill) {

        /// A choice of which no more is known.
        public Choice(String id, String name, String detail) {
            this(id, name, detail, "", Skill.UNKNOWN);
        }
    }

    /// What a policy can do.
    ///
    /// @param trained the families of tasks that it was trained on, empty if that is not known
    /// @param measured the share of episodes that succeeded, by family, where it was measured
    record Skill(Set<Family> trained, Map<Family, Double> measured) {

        /// Nothing is known.
        public static final Skill UNKNOWN = new Skill(Set.of(), Map.of());

        public Skill {
            trained = Set.copyOf(trained);
            measured = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(measured));
        }
    }

    /// The policies there are now; asked again whenever a page wants to know.
    List<Choice> choices();

    /// Opens one of the [#choices]. Called on the thread that will use the policy and close it.
    ///
    /// @throws IllegalArgumentException if there is no such choice
    LivePolicy open(String id);

    /// A source without policies.
    static PolicySource none() {
        return new PolicySource() {
            @Override
            public List<Choice> choices() {
                return List.of();
            }

            @Override
            public LivePolicy open(String id) {
                throw new IllegalArgumentException("there is no policy '%s'".formatted(id));
            }
        };
    }
}
