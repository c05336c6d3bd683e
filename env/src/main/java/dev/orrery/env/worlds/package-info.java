/// All worlds by their published names, and how fast they run.
@org.jspecify.annotations.NullMarked
package dev.orrery.env.worlds;
