/// Training saved policies of the tabletop further, whatever they are: what is trained ([Manner]),
/// how ([Adaptation]), and how well it does on a table that another lab might have ([ShiftedLab]).
///
/// A system whose policies can be adapted [Adapts]: it opens one as a [Pupil] on given frames.
@org.jspecify.annotations.NullMarked
package dev.orrery.policy.adapt;
