package dev.orrery.studio;

import dev.orrery.worldmodel.play.DreamSession;
import java.util.List;

/// World models that can be played with keys.
public interface DreamSource {

    /// A model to choose from.
    ///
    /// @param id what [#open] takes
    /// @param name what the reader sees
    /// @param detail one line more
    record Choice(String id, String name, String detail) {}

    /// The models there are now; asked again whenever a page wants to know.
    List<Choice> choices();

    /// Opens one of the [#choices]. Called on the thread that will use the dream and close it.
    ///
    /// @throws IllegalArgumentException if there is no such choice
    DreamSession open(String id);

    /// A source without models.
    static DreamSource none() {
        return new DreamSource() {
            @Override
            public List<Choice> choices() {
                return List.of();
            }

            @Override
            public DreamSession open(String id) {
                throw new IllegalArgumentException("there is no model '%s' to play".formatted(id));
            }
        };
    }
}
