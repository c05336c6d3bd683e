/// Genie: a playable world learned from video in which nobody says what was done.
///
/// Source: *Genie: Generative Interactive Environments*, arXiv 2402.15391.
///
/// Data flow, with B clips of T frames of N patches, K codes for patches, A channels of an action:
///
/// 1. pixels `(B, T, H, W, 3)` in [0, 1] through [VideoTokenizer]: ids `(B, T, N)` below K and
///    back; a frame's ids depend on it and on earlier frames only;
/// 2. the same pixels through [LatentActionModel]: one of eight codes `(B, T-1, A)` for each step
///    from a frame to the next, learned because its decoder must predict the next frame from
///    earlier ones and that code alone;
/// 3. ids and the codes of the steps that led to each frame through [Dynamics]: logits `(B, T, N,
///    K)` of hidden ids;
/// 4. at play, [MaskGitSampler] fills in the next frame's ids for a code that a player chose,
///    [FrameSampler] slides the window on, [Dream] is the session of a player.
///
/// Deviations: sizes and worlds of the laptop; pixels in [0, 1] with channels last, as the paper's
/// sigmoid wants; a latent action model that sees tokens predicts the next frame's code vectors; a
/// clip's first frame has a learned null action.
@org.jspecify.annotations.NullMarked
package dev.orrery.system.genie;
