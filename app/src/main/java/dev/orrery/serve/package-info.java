/// Servers that robots and policies of any language connect to, in openpi's protocol and in
/// OpenVLA's ([dev.orrery.data.wire]).
///
/// - [WireServer]: connections, limits, tokens, errors; what is said is up to a [Service].
/// - [PolicyService]: observations in, chunks of actions out, robots that ask together in one pass;
///   `orrery serve`.
/// - [RemotePolicy], [ControlLoop], [Jitter]: the other side, a robot with a clock; `orrery serve
///   --demo`.
/// - [ServerFigures]: what Prometheus reads.
/// - [TabletopService]: the tabletop as an environment for outside policies, and as their exam;
///   `orrery tabletop serve`.
///
/// A server listens on this machine only, unless it has a token that callers must show.
@org.jspecify.annotations.NullMarked
package dev.orrery.serve;
