package dev.orrery.studio;

import java.util.List;

/// Where the tabletop page gets trained policies from.
public interface PolicySource {

    /// One policy that can be opened.
    ///
    /// @param id what [PolicySource#open] takes, unique in the source
    /// @param name what readers see
    /// @param detail one line more, such as the step of its checkpoint
    record Choice(String id, String name, String detail) {}

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
