/// Janus: one language model that reads pictures through a vision tower and writes them as codes of
/// an image tokenizer, guided by the difference to what it would write unasked.
@NullMarked
package dev.orrery.vlm.janus;

import org.jspecify.annotations.NullMarked;
