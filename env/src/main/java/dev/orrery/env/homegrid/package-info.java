/// HomeGrid: a house in which language helps (Lin et al., arXiv:2308.01399).
///
/// [HomeGrid] is the environment, [HomeGridConfig] its constants, [Planner] an oracle that sees
/// everything. [Bins] and [Find] are the same idea in the small, for minutes of training on a
/// laptop: the first needs a hint about how the world works, the second one about where things are.
///
/// All are [dev.orrery.env.WordEnv]s: a vector of numbers from 0 to 1 and one word a step, a finite
/// number of actions. To train on many at once:
///
/// ```java
/// var worlds = Stream.generate(() -> new Bins(Bins.Arm.HINT)).limit(8).toList();
/// var lanes = new Lanes<>(worlds, seed, false);
/// int vocabulary = worlds.getFirst().vocabulary().size();
/// int[] sizes = worlds.getFirst().actions().sizes();          // {3}
/// lanes.step(choices);                                        // one choice a lane
/// lanes.symbols(); lanes.tokens(); lanes.rewards(); lanes.first(); lanes.last(); lanes.terminal();
/// ```
@org.jspecify.annotations.NullMarked
package dev.orrery.env.homegrid;
