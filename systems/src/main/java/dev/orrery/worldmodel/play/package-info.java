/// Playing inside a world model: a prompt frame, then one frame for each key that is pressed.
///
/// A recipe whose model can be played implements [Dreams]. It opens a [DreamSession], which says by
/// its [DreamControls] what keys there are and what they do, begins from a [DreamPrompt] and
/// answers each code with a picture. [DreamTruth] is the world that the model imitates, in the same
/// state and driven by the same keys. [KeyScript] writes down what was pressed.
@org.jspecify.annotations.NullMarked
package dev.orrery.worldmodel.play;
