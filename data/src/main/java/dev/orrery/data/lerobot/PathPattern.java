package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// File paths with places for numbers and names, in Python's notation: `{chunk_index:03d}`.
final class PathPattern {

    private static final Pattern PLACE = Pattern.compile("\\{([a-z_]+)(?::0?(\\d{1,2})d)?\\}");

    private PathPattern() {}

    /// @throws DatasetException if the pattern could lead out of the data set's folder
    static void check(String pattern) {
        if (pattern.startsWith("/")
                || pattern.contains("..")
                || pattern.contains("\\")
                || pattern.contains(":/")) {
            throw new DatasetException(
                    "path pattern '%s' leads out of the data set".formatted(pattern));
        }
    }

    /// The path that a pattern gives.
    ///
    /// @throws DatasetException if the pattern asks for a value that there is none of
    static Path fill(Path root, String pattern, Map<String, Object> values) {
        var filled =
                PLACE.matcher(pattern)
                        .replaceAll(place -> {
                            var value = values.get(place.group(1));
                            if (value == null) {
                                throw new DatasetException(
                                        "path pattern '%s' asks for '%s'; there are %s"
                                                .formatted(
                                                        pattern, place.group(1), values.keySet()));
                            }
                            return Matcher.quoteReplacement(
                                    place.group(2) == null
                                            ? value.toString()
                                            : ("%0" + place.group(2) + "d").formatted(value));
                        });
        return root.resolve(filled);
    }
}
