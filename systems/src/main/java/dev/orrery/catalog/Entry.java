package dev.orrery.catalog;

import dev.orrery.run.Claim;
import dev.orrery.run.Recipe;
import java.util.Optional;

/// One system of the catalog: ready to run, or planned.
public sealed interface Entry {

    /// The kebab name, as on the command line.
    String name();

    /// What it does: imagine, act, reason, generate or perceive.
    String group();

    /// One line about it.
    String summary();

    /// A system that runs.
    ///
    /// @param name kebab name
    /// @param group what it does
    /// @param summary one line about it
    /// @param recipe how it is trained
    /// @param claim what it must show, where that is written already
    record Ready(String name, String group, String summary, Recipe<?> recipe, Optional<Claim> claim)
            implements Entry {}

    /// A system that is named but not built.
    ///
    /// @param name kebab name
    /// @param group what it will do
    /// @param summary one line about it
    record Planned(String name, String group, String summary) implements Entry {}
}
