/// The studio: a web application on this machine to watch training runs, play episodes as film,
/// look into data sets, and tell a policy on the live tabletop what to do.
///
/// [Studio#start] opens it on the loopback interface and answers a handle; nothing outside this
/// machine can reach it, and pages of other sites that try through the reader's browser are refused
/// ([LoopbackGuard]). The pages are plain ES modules in this package's resources.
///
/// - Runs: [RunShelf] finds run folders, [CurveReader] follows their numbers.
/// - Data: [DataShelf] finds LeRobot data sets and reads their episodes.
/// - Tabletop: each open page has a [TableSession] with a thread of its own that steps the world
///   ten times a second. Who acts comes from a [PolicySource].
/// - Dreams: [DreamPages] lets world models from a [DreamSource] be played with keys; each dream is
///   a [DreamRoom] with a thread of its own, the [DreamHouse] bounds their number.
@org.jspecify.annotations.NullMarked
package dev.orrery.studio;
