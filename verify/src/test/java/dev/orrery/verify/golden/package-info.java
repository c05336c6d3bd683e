/// Fixtures of reference values, run against our own implementations.
@org.jspecify.annotations.NullMarked
package dev.orrery.verify.golden;
