package dev.orrery.data.clips;

import dev.orrery.env.Image;
import java.io.Closeable;

/// A video file or what serves as one; frames are asked for in rising order.
interface Footage extends Closeable {

    int height();

    int width();

    int frames();

    /// Frames a second; 0 if unknown.
    double fps();

    /// When a frame ends, in seconds from the start; it begins where the one before ended. Only
    /// where the rate is known.
    double end(int number);

    /// What is wrong with it although frames can be read; empty if nothing is.
    default String problem() {
        return "";
    }

    /// @throws dev.orrery.data.DatasetException if it cannot be read
    Image frame(int number);

    @Override
    void close();
}
