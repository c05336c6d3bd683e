package dev.orrery.studio;

import io.javalin.config.JavalinConfig;
import io.javalin.http.staticfiles.Location;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Pattern;

/// The pages' files, and what browsers are told to allow them.
final class Pages {

    private static final String FOLDER = "/dev/orrery/studio/web";
    private static final Pattern INLINE =
            Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL);

    private Pages() {}

    static void serve(JavalinConfig config) {
        var headers = Map.of("Cache-Control", "no-cache");
        config.staticFiles.add(files -> {
            files.hostedPath = "/";
            files.directory = FOLDER;
            files.location = Location.CLASSPATH;
            files.headers = headers;
        });
        config.staticFiles.enableWebjars();
        var policy = policy(read("/index.html"));
        config.routes.before(page -> {
            page.header("Content-Security-Policy", policy);
            page.header("X-Content-Type-Options", "nosniff");
            page.header("Referrer-Policy", "no-referrer");
            page.header("Cross-Origin-Resource-Policy", "same-origin");
        });
    }

    /// Only our own files run; of what stands in the page itself, only the import map.
    private static String policy(String index) {
        var map = INLINE.matcher(index);
        if (!map.find()) {
            throw new IllegalStateException("index.html has no import map");
        }
        return "default-src 'self'; img-src 'self' data:; script-src 'self' 'sha256-%s'; base-uri 'none'; frame-ancestors 'none'"
                .formatted(sha256(map.group(1)));
    }

    private static String sha256(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            return Base64.getEncoder()
                    .encodeToString(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String read(String name) {
        try (var in = Pages.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalStateException("the studio's pages are not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
