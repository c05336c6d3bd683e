package dev.orrery.worldmodel.play;

import dev.orrery.env.Image;
import java.util.Optional;

/// One game inside a world model. The same prompt, seed, codes and samplings give the same frames,
/// bit for bit. It belongs to the thread that opened it.
public interface DreamSession extends AutoCloseable {

    /// What can be pressed and from where a dream can begin; the same at all times.
    DreamControls controls();

    /// Begins a dream, or begins anew.
    ///
    /// @param seed what sampling is drawn from
    /// @return the first frame as the model sees it, of the size that [#controls] says
    /// @throws IllegalArgumentException if there is no such prompt, or a picture has another size
    Image begin(DreamPrompt prompt, long seed);

    /// Dreams the next frame.
    ///
    /// @param code a latent action, from 0 to below [DreamControls#codes]
    /// @throws IllegalArgumentException if there is no such code
    /// @throws IllegalStateException before [#begin]
    Image step(int code, Sampling sampling);

    /// The tokens of the newest frame, row by row; a new array.
    int[] ids();

    /// The world that the model imitates, in the state from which this dream began, for the caller
    /// to drive; empty if the dream began from a picture or there is no such world. Asked once
    /// after each [#begin].
    Optional<DreamTruth> truth();

    @Override
    void close();
}
