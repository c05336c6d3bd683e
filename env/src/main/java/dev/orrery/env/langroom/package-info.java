/// LangRoom: look at a thing and say its colour when the world would say it (Lin et al.,
/// arXiv:2308.01399, appendix).
///
/// [LangRoom] is the environment, [LangRoomConfig] its constants; [LangRoomConfig#mini] is small
/// enough to learn on a laptop. An action is a move and a word
/// ([dev.orrery.env.ActionSpace.Spoken]), so a policy has two categorical distributions.
@org.jspecify.annotations.NullMarked
package dev.orrery.env.langroom;
