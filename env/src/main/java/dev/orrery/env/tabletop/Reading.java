package dev.orrery.env.tabletop;

import java.util.List;

/// What came of reading an instruction.
public sealed interface Reading {

    /// The instruction names a task.
    record Understood(Task task) implements Reading {}

    /// It does not.
    ///
    /// @param why one sentence for the person who wrote it
    /// @param unknown the words that are not in the vocabulary
    record Unclear(String why, List<String> unknown) implements Reading {}
}
