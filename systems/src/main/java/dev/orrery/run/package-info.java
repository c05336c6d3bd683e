/// Runs: recipes, claims, configuration, metrics.
@org.jspecify.annotations.NullMarked
package dev.orrery.run;
