package dev.orrery.studio;

import dev.orrery.env.tabletop.Family;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The measurement that a run keeps in `evaluation.json`: success by family with its interval, and
/// what came of every episode.
final class Evaluation {

    private static final String FILE = "evaluation.json";

    private Evaluation() {}

    /// What the run measured, if it has been measured.
    ///
    /// @throws IOException if the file is there but damaged
    static Optional<JsonNode> read(Path run) throws IOException {
        var file = run.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Json.read(Files.readString(file)));
        } catch (JacksonException e) {
            throw new IOException("its %s is damaged".formatted(FILE), e);
        }
    }

    /// What the run measured, without its single episodes.
    ///
    /// @throws IOException if the file is there but damaged, or of another kind of world
    static Optional<JsonNode> summary(Path run) throws IOException {
        var measured = read(run);
        if (measured.isEmpty()) {
            return measured;
        }
        var whole = measured.get();
        for (var key :
                List.of("split", "splitHash", "suiteHash", "subject", "overall", "families")) {
            if (!whole.has(key)) {
                throw new IOException(
                        "its %s has no '%s'; measure it again with `orrery eval`"
                                .formatted(FILE, key));
            }
        }
        return Optional.of(((ObjectNode) whole).without("results"));
    }

    /// The share of episodes that succeeded, by family; empty if that cannot be told.
    static Map<Family, Double> families(Path run) {
        var rates = new LinkedHashMap<Family, Double>();
        try {
            for (var entry : read(run).map(n -> n.path("families")).orElse(Json.read("[]"))) {
                rates.put(
                        Family.parse(entry.path("family").asString("")),
                        entry.path("success").path("rate").asDouble());
            }
        } catch (IOException | IllegalArgumentException _) {
            return Map.of();
        }
        return rates;
    }
}
