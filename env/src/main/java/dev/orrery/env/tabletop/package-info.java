/// A tabletop for manipulation that follows language: twelve core families of tasks, compositions,
/// a scripted expert and generalisation splits. [Tabletop] is the environment.
@org.jspecify.annotations.NullMarked
package dev.orrery.env.tabletop;
