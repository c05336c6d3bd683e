package dev.orrery.run;

import java.util.List;

/// What a system must show to count as reproduced: trials whose arms, seeds, metric and threshold
/// are written here, before any result is seen.
public interface Claim {

    /// The system's kebab name.
    String system();

    /// What the source claims, in a sentence.
    String statement();

    /// The trials, in the order in which they are told.
    List<Trial> trials();

    /// The same trials with budgets so small that they end within a minute or so: they show that
    /// the claim runs and prove nothing.
    List<Trial> rehearsal();
}
