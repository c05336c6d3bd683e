/// The tensor facade over libtorch.
@org.jspecify.annotations.NullMarked
package dev.orrery.tensor;
