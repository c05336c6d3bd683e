package dev.orrery.env;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// What an agent perceives at one moment.
///
/// @param images pictures by camera name, in the environment's order
/// @param state proprioception in SI or table units, possibly empty; not copied
/// @param text the instruction or what was read, possibly empty
public record Observation(SequencedMap<String, Image> images, float[] state, String text) {

    public Observation {
        images = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(images));
    }

    /// An observation of one picture and nothing else; its camera is called `image`.
    public static Observation of(Image image) {
        var images = new LinkedHashMap<String, Image>();
        images.put("image", image);
        return new Observation(images, new float[0], "");
    }

    /// The picture of one camera.
    ///
    /// @throws IllegalArgumentException if there is no such camera; the message lists those there
    ///   are
    public Image image(String camera) {
        var image = images.get(camera);
        if (image == null) {
            throw new IllegalArgumentException(
                    "observation has no camera '%s'; its cameras are %s"
                            .formatted(camera, images.keySet()));
        }
        return image;
    }

    /// The same observation under another instruction.
    public Observation withText(String other) {
        return new Observation(images, state, other);
    }
}
