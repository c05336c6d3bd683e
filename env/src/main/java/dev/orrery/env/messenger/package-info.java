/// Messenger: win by reading a manual (Hanjie, Zhong, Narasimhan, arXiv:2101.07393).
///
/// [Messenger] is the environment, [MessengerConfig] its constants: three stages, the published
/// splits by name, and [MessengerConfig#mini], stage 1 in the small for minutes of training on a
/// laptop (5 x 5 cells, four characters, a manual of 18 words with its ends). [Script] holds the
/// sentences, our own or a user's. It is a [dev.orrery.env.WordEnv]:
///
/// ```java
/// var worlds = Stream.generate(() -> new Messenger(MessengerConfig.mini())).limit(8).toList();
/// var lanes = new Lanes<>(worlds, seed, false);               // actions: 5; symbols: 5 * 5 * 17
/// ```
@org.jspecify.annotations.NullMarked
package dev.orrery.env.messenger;
