/// How faithful made-up pictures and videos are, measured against a world that can tell.
///
/// Pictures are RGB bytes; a video is a [Clip]. Everything is seeded or free of chance.
///
/// - picture by picture: [Psnr], [Ssim];
/// - sets of videos: [FrechetDistance] between features of a never-trained network
///   ([RandomVideoFeatures]) or of one that was trained to see what moves ([ProbeVideoFeatures]);
/// - what happens in a video: [ScrollFinder] for its scrolling, [PlayerFinder] for the player of
///   the platformer, [Jumps] and [EventScore] for its jumps;
/// - codes against actions: [Contingency];
/// - how sure a mean is: [Estimate].
///
/// Numbers of [FrechetDistance] compare only with numbers of the same features, whose weights' hash
/// goes with them, and of about as many clips: the distance of two samples of one world is above
/// zero and falls as they grow.
@org.jspecify.annotations.NullMarked
package dev.orrery.fidelity;
