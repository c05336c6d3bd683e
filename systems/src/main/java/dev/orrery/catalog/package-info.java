/// The one explicit list of all systems: [Catalog]. Only this package names systems. [FinetuneRun]
/// adapts the published policies of those that can.
@org.jspecify.annotations.NullMarked
package dev.orrery.catalog;
