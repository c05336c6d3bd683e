package dev.orrery.serve;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/// Where a server listens and what it puts up with.
///
/// @param host name or address to listen on
/// @param port the port, 0 for any free one
/// @param token what callers must show; required beyond this machine
/// @param sessions most callers at once
/// @param largest most bytes of one message
public record ServeOptions(
        String host, int port, Optional<String> token, int sessions, int largest) {

    /// The port that openpi's clients expect.
    public static final int PORT = 8000;

    /// This machine only.
    public static final String LOOPBACK = "127.0.0.1";

    /// Callers at once and bytes of a message, if nobody says otherwise: eight robots; three float
    /// pictures of 640 x 480 are 11 MB.
    public static final int SESSIONS = 8, LARGEST = 16 << 20;

    private static final int SHORTEST_TOKEN = 16;

    public ServeOptions {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException(
                    "port %d does not exist; choose one from 1024 to 65535".formatted(port));
        }
        if (sessions < 1 || largest < 1024) {
            throw new IllegalArgumentException(
                    "%d sessions with messages of %d bytes; allow at least 1 session and 1024 bytes"
                            .formatted(sessions, largest));
        }
        if (token.isPresent() && token.get().length() < SHORTEST_TOKEN) {
            throw new IllegalArgumentException(
                    "the token has %d characters; use at least %d"
                            .formatted(token.get().length(), SHORTEST_TOKEN));
        }
        if (token.isEmpty() && !isLoopback(host)) {
            throw new IllegalArgumentException(
                    "%s can be reached from other machines; give callers a token with --token-file, or stay on 127.0.0.1"
                            .formatted(host));
        }
    }

    /// On this machine, without a token.
    public static ServeOptions local(int port) {
        return new ServeOptions(LOOPBACK, port, Optional.empty(), SESSIONS, LARGEST);
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException _) {
            throw new IllegalArgumentException("there is no host '%s'".formatted(host));
        }
    }
}
