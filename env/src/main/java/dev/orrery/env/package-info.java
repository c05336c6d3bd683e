/// Environments, and the words in which an agent and a world speak to each other.
///
/// An [Env] is reset with a seed and stepped with actions; it answers with a [Step] that holds an
/// [Observation]. A [Policy] turns observations into actions. [Rollout] runs one against the other
/// and returns each [Episode]. The package needs nothing but the JDK.
///
/// A [WordEnv] also says one word of its [Vocabulary] a step, has a finite number of actions, and
/// can be put back into an earlier state; [Lanes] steps many of them at once into flat arrays and
/// starts them again, [Recording] keeps an episode for files and films.
@org.jspecify.annotations.NullMarked
package dev.orrery.env;
