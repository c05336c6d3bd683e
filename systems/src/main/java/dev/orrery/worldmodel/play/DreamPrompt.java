package dev.orrery.worldmodel.play;

import dev.orrery.env.Image;

/// Where a dream begins.
public sealed interface DreamPrompt {

    /// A frame that came with the model.
    ///
    /// @param index place in [DreamControls#prompts]
    record Recorded(int index) implements DreamPrompt {}

    /// A picture that somebody brought.
    ///
    /// @param image of the size that [DreamControls] says
    record Picture(Image image) implements DreamPrompt {}
}
