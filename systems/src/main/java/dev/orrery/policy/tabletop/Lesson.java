package dev.orrery.policy.tabletop;

import dev.orrery.tensor.Tensor;
import dev.orrery.vlm.CompactVlm;

/// A batch of what a vision-language model is shown, told and taught to answer: questions, actions
/// or both.
///
/// @param prompt pictures and words
/// @param answer ids `(B, M)`, padded on the right
/// @param counted BOOL `(B, M)`, false at padding
/// @param labels what the pictures show and which of it the words mention; zeros in rows for which
///   that is not known
public record Lesson(CompactVlm.Prompt prompt, Tensor answer, Tensor counted, SceneLabels labels) {}
