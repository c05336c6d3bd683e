/// Text encoders by their public names: [T5Encoder] and [Roberta].
@org.jspecify.annotations.NullMarked
package dev.orrery.lm.encoder;
