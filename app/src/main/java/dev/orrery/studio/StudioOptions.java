package dev.orrery.studio;

import java.nio.file.Path;

/// How a studio is to be started.
///
/// @param port the port to listen on, 0 for any free one
/// @param runs the folder that holds run folders; it may not exist yet
/// @param data the folder that holds data sets and takes recorded demonstrations; likewise
/// @param policies who can act on the tabletop besides the scripted expert and the reader
/// @param dreams which world models can be played
public record StudioOptions(
        int port, Path runs, Path data, PolicySource policies, Dreaming dreams) {

    /// The port that is used if nobody asks for another.
    public static final int PORT = 7357;

    public StudioOptions {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException(
                    "port %d does not exist; choose one from 1024 to 65535".formatted(port));
        }
        runs = runs.toAbsolutePath().normalize();
        data = data.toAbsolutePath().normalize();
    }

    /// A studio in which no world model is played.
    public StudioOptions(int port, Path runs, Path data, PolicySource policies) {
        this(port, runs, data, policies, Dreaming.of(DreamSource.none()));
    }
}
