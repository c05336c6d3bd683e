package dev.orrery.system.pi0;

/// The members of the π0 family that share one network.
public enum Pi0Variant {
    /// The state is a token of the expert; time joins the actions in a two-layer network.
    PI0,
    /// The state is written in the prompt; time conditions every norm of the expert.
    PI05
}
