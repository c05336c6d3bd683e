package dev.orrery.studio;

import java.nio.file.Path;

/// How a studio is to be started.
///
/// @param port the port to listen on, 0 for any free one
/// @param runs the folder that holds run folders; it may not exist yet
/// @param data the folder that holds data sets and takes recorded demonstrations; likewise
/// @param policies who can act on the tabletop besides the scripted expert and the reader
public record StudioOptions(int port, Path runs, Path data, PolicySource policies) {

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
}
