/// Flow matching on small sets whose distribution is known: the place to see the method whole and
/// to measure what it claims.
///
/// Source: *Flow Matching for Generative Modeling*, arXiv:2210.02747; minibatch OT,
/// arXiv:2302.00482. The mathematics is [dev.orrery.flow].
///
/// Data flow: `x1 (B, A)` and condition `(B, C)` from a [ToySet], noise `x0 (B, A)`, times B → `x_t
/// (B, A)` → [FlowMatching] → velocity `(B, A)` → mean squared error → scalar. Sampling integrates
/// from noise in N evaluations.
///
/// Deviations: a small perceptron on points of the plane and on short action chunks in place of an
/// image network; the diffusion arm is trained on its velocity, as the paper's FM-diffusion rows
/// are, not on its score. F5 of the claim (time densities on a policy) belongs to the policy.
@org.jspecify.annotations.NullMarked
package dev.orrery.system.flowmatching;
