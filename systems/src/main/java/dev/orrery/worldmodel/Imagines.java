package dev.orrery.worldmodel;

import java.nio.file.Path;
import java.util.List;

/// A system whose trained world models can be asked what they foresee.
public interface Imagines {

    /// What a page needs to know before it asks.
    ///
    /// @param ready whether the run holds a saved model
    /// @param words that hints may consist of, empty if the model does not read
    record Asking(boolean ready, List<String> words) {}

    /// Whether a run's model can be asked, and in which words. Another process may be training it.
    Asking asking(Path run);

    /// Lets the newest model of a run act from a start and foresee what follows: once as it comes
    /// and, where the model reads, once for each hint, whose words take the place of the first that
    /// the world would say.
    ///
    /// @param start the seed of the episode
    /// @throws IllegalArgumentException if a word of a hint is not known, or the run holds no model
    Imagined imagine(Path run, long start, List<String> hints);
}
