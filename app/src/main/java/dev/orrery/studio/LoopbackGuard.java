package dev.orrery.studio;

import io.javalin.http.Context;
import java.net.URI;
import java.util.Optional;
import java.util.Set;

/// Lets in only pages that this server sent. A site elsewhere can point its own name at 127.0.0.1
/// and have the reader's browser call here; the `Host` and `Origin` headers give it away.
final class LoopbackGuard {

    private static final Set<String> HERE = Set.of("localhost", "127.0.0.1", "[::1]");

    private LoopbackGuard() {}

    /// @throws Refusal if the request came under another name or from another site's page
    static void check(Context request) {
        check(
                Optional.ofNullable(request.header("Host")),
                Optional.ofNullable(request.header("Origin")));
    }

    static void check(Optional<String> host, Optional<String> origin) {
        if (!host.map(LoopbackGuard::name).map(HERE::contains).orElse(false)) {
            throw Refusal.forbidden(
                    "the studio answers only to localhost, not to '%s'; open it under the address it printed"
                            .formatted(host.orElse("")));
        }
        if (origin.isPresent() && !origin.get().equals("http://" + host.get())) {
            throw Refusal.forbidden(
                    "a page from %s may not use the studio".formatted(origin.get()));
        }
    }

    private static String name(String host) {
        try {
            return Optional.ofNullable(URI.create("http://" + host).getHost()).orElse("");
        } catch (IllegalArgumentException _) {
            return "";
        }
    }
}
