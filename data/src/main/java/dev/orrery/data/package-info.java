/// Data sets and batches.
@org.jspecify.annotations.NullMarked
package dev.orrery.data;
