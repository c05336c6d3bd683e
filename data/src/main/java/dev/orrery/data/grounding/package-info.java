/// Answers that say where things are in pictures: boxes and points, in the conventions that public
/// data use, and LLaVA's JSON that holds them.
@org.jspecify.annotations.NullMarked
package dev.orrery.data.grounding;
