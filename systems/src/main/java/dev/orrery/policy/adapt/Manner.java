package dev.orrery.policy.adapt;

import dev.orrery.adapter.AdapterConfig;
import dev.orrery.adapter.AdapterRates;

/// What of a policy is trained.
public sealed interface Manner {

    /// Everything.
    record Full() implements Manner {}

    /// The output layer.
    record Head() implements Manner {}

    /// All biases and nothing else (BitFit, arXiv:2106.10199).
    record Biases() implements Manner {}

    /// An adapter, the rest frozen.
    ///
    /// @param config which layers, and how
    /// @param rates which of its parts learn how fast
    record Adapted(AdapterConfig config, AdapterRates rates) implements Manner {}
}
