package dev.orrery.env.tabletop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// Hashes of split files and of pictures, as published. Changing one makes old results worthless,
/// so that it must be a decision and not an accident.
final class Pinned {

    private Pinned() {}

    static String hash(String name) {
        try (var in = Pinned.class.getResourceAsStream("hashes.tsv")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(name + "\t"))
                    .map(line -> line.substring(name.length() + 1))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
