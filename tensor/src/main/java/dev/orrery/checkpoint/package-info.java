/// Weights and run checkpoints on disk.
@org.jspecify.annotations.NullMarked
package dev.orrery.checkpoint;
