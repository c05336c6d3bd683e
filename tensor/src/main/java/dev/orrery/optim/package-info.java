/// Optimisers.
@org.jspecify.annotations.NullMarked
package dev.orrery.optim;
