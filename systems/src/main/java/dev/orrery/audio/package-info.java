/// Speech encoders by their public names: [Wav2Vec2].
@org.jspecify.annotations.NullMarked
package dev.orrery.audio;
