/// A side-scrolling world of our own: run and jump over pits, crates and walkers to a coin.
///
/// [Platformer] is the environment, [Level] a course, [PlatformerPainter] draws exact pixels from
/// whole numbers only, [StickyRandom] and [Runner] are policies that collect data, and
/// [PlatformerEpisodes] writes episodes with palette indices. Meant for world models that learn
/// from pixels: few colours, parallax at three depths, and a player whose two colours occur nowhere
/// else.
@org.jspecify.annotations.NullMarked
package dev.orrery.env.platformer;
