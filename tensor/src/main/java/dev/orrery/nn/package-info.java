/// Layers.
@org.jspecify.annotations.NullMarked
package dev.orrery.nn;
