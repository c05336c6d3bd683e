/// DeLoRA: low-rank updates whose components have length one and whose strength is learned apart,
/// beside LoRA, DoRA, every rung between and the training of every weight.
///
/// Source: *Decoupling Angles and Strength in Low-rank Adaptation*, arXiv:2503.18225. The
/// mathematics is in [dev.orrery.adapter].
///
/// Data flow: `x (B, D)` normal → a network of linear layers with rectifiers, D to D, that has
/// learned a random teacher's answers → the same with an adapter on every layer → `(B, D)`, against
/// noisy answers of the network with a change of low rank in every layer → mean squared error.
///
/// Deviations: two regression tasks whose truth is known stand for the paper's language and image
/// models. Rates are constant after the warm-up, so that long training can be compared with short.
/// The published code's frozen copies share memory with what is trained; here they are copies.
@org.jspecify.annotations.NullMarked
package dev.orrery.system.delora;
