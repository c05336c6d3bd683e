package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SequencedMap;
import java.util.TreeMap;
import tools.jackson.databind.node.JsonNodeFactory;

/// The tasks of a writer at work, one line each, so that its episodes can be rescued with them. The
/// table of tasks is written when it is done: replacing it for each new task costs more than the
/// pictures do.
final class TaskLog {

    private static final String FILE = ".tasks.jsonl";

    private final Path file;
    private boolean begun;

    TaskLog(Path folder) {
        this.file = folder.resolve(FILE);
    }

    /// Adds tasks.
    void add(SequencedMap<Integer, String> tasks) {
        var lines = new StringBuilder();
        tasks.forEach((number, task) ->
                lines.append(
                        Json.line(
                                JsonNodeFactory.instance
                                        .objectNode()
                                        .put("task_index", number)
                                        .put("task", task))));
        try {
            Files.writeString(
                    file,
                    lines,
                    StandardOpenOption.CREATE,
                    begun ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE);
            begun = true;
        } catch (IOException e) {
            throw DatasetException.at(file, "cannot be written", e);
        }
    }

    /// Forgets them, when the table of tasks has them.
    void delete() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw DatasetException.at(file, "cannot be deleted", e);
        }
    }

    /// The tasks that a stopped writer noted in a folder, possibly none; a line that was cut off
    /// ends them.
    static SequencedMap<Integer, String> read(Path folder) {
        var out = new TreeMap<Integer, String>();
        var file = folder.resolve(FILE);
        if (!Files.exists(file)) return out;
        try (var lines = Files.lines(file)) {
            for (var line : lines.toList()) {
                var json = Json.MAPPER.readTree(line);
                out.put(json.path("task_index").asInt(-1), json.path("task").asString(""));
            }
        } catch (IOException | RuntimeException _) {
            return out;
        }
        return out;
    }
}
