/// Vision-language models by their public names: [PaliGemma], and [Prismatic], the pair of towers
/// in front of a language model that OpenVLA is; and [CompactVlm], small enough to be trained from
/// nothing on a processor.
///
/// Pictures become tokens of the language model; who sees whom is told by the number of tokens at
/// the start that see each other both ways.
@org.jspecify.annotations.NullMarked
package dev.orrery.vlm;
