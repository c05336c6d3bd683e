/// Adapting published policies to a LeRobot data set of another robot: [Finetune] checks, trains an
/// adapter and keeps it; an [Apprentice] is what differs from family to family.
///
/// A system whose published policies can be adapted [Finetunes].
@org.jspecify.annotations.NullMarked
package dev.orrery.policy.finetune;
