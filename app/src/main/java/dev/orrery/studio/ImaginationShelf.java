package dev.orrery.studio;

import dev.orrery.data.DatasetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What world models of runs imagined: the files `imagination/NAME.json` of a run's folder, each
/// one start seen for a while and then foreseen, beside what happened. The format is described in
/// `docs/formats/imagination.md`.
final class ImaginationShelf {

    /// Where a run keeps what it imagined.
    static final String FOLDER = "imagination";

    private static final String ENDING = ".json";
    private static final int MOST = 200, MOST_STEPS = 2_000;
    private static final long LARGEST = 64L << 20;
    private static final String PICTURE = "data:image/png;base64,";
    private static final List<String> PAIRS = List.of("reward", "continue");

    private final RunShelf runs;

    ImaginationShelf(RunShelf runs) {
        this.runs = runs;
    }

    /// The names of what a run imagined, the newest first; names are meant to begin with the step.
    List<String> names(String run) {
        var folder = runs.find(run).resolve(FOLDER);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(f -> f.endsWith(ENDING) && !f.startsWith("."))
                    .map(f -> f.substring(0, f.length() - ENDING.length()))
                    .sorted(Comparator.reverseOrder())
                    .limit(MOST)
                    .toList();
        } catch (IOException e) {
            throw Refusal.missing("%s cannot be listed: %s".formatted(folder, e.getMessage()));
        }
    }

    /// One of [#names].
    ///
    /// @throws Refusal if it is not there or not what the format asks for; the message says where
    JsonNode read(String run, String name) {
        if (!names(run).contains(name)) {
            throw Refusal.missing("run %s imagined nothing named '%s'".formatted(run, name));
        }
        var file = runs.find(run).resolve(FOLDER).resolve(name + ENDING);
        try {
            if (Files.size(file) > LARGEST) {
                throw Refusal.wrong(
                        "%s is larger than %d MB; imagine fewer steps or smaller pictures"
                                .formatted(file.getFileName(), LARGEST >> 20));
            }
            return checked(file, Json.read(Files.readString(file)));
        } catch (IOException | JacksonException e) {
            throw Refusal.wrong(
                    DatasetException.at(file.getFileName(), "cannot be read", e).getMessage());
        }
    }

    private static JsonNode checked(Path file, JsonNode whole) {
        var branches = whole.path("branches");
        require(branches.isArray() && !branches.isEmpty(), file, "branches", "a list, not empty");
        int context = whole.path("context").asInt(-1);
        for (int b = 0; b < branches.size(); b++) {
            var at = "branches[%d].".formatted(b);
            var steps = branches.get(b).path("steps");
            require(
                    steps.isArray() && !steps.isEmpty() && steps.size() <= MOST_STEPS,
                    file,
                    at + "steps",
                    "a list of 1 to %d".formatted(MOST_STEPS));
            require(
                    context >= 0 && context <= steps.size(),
                    file,
                    "context",
                    "a number of steps from 0 to %d".formatted(steps.size()));
            for (int t = 0; t < steps.size(); t++) {
                check(file, at + "steps[%d].".formatted(t), steps.get(t));
            }
        }
        return whole;
    }

    private static void check(Path file, String at, JsonNode step) {
        for (var name : List.of("truth", "imagined")) {
            var picture = step.path(name);
            require(
                    absent(picture) || picture.asString("").startsWith(PICTURE),
                    file,
                    at + name,
                    "a picture as '%s…'".formatted(PICTURE));
        }
        for (var name : PAIRS) {
            var pair = step.path(name);
            require(
                    absent(pair) || pair.isArray() && pair.size() == 2,
                    file,
                    at + name,
                    "two numbers: what happened and what was imagined");
        }
        for (var expected : step.path("tokens")) {
            require(
                    expected.isArray() && expected.size() == 2 && expected.get(1).isNumber(),
                    file,
                    at + "tokens",
                    "pairs of a word and its probability");
        }
    }

    private static boolean absent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    private static void require(boolean holds, Path file, String where, String what) {
        if (!holds) {
            throw Refusal.wrong(
                    "%s: %s needs to be %s; see docs/formats/imagination.md"
                            .formatted(file.getFileName(), where, what));
        }
    }
}
