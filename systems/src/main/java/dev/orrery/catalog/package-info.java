/// The one explicit list of all systems: [Catalog]. Only this package names systems.
@org.jspecify.annotations.NullMarked
package dev.orrery.catalog;
