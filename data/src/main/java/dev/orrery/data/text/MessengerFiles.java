package dev.orrery.data.text;

import dev.orrery.data.DatasetException;
import dev.orrery.env.messenger.Entity;
import dev.orrery.env.messenger.Game;
import dev.orrery.env.messenger.Script;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// Reads the published files of Messenger, for those who have them: `games.json` and
/// `text_train.json`, `text_val.json`, `text_test.json`.
public final class MessengerFiles {

    private static final JsonMapper JSON = new JsonMapper();

    private MessengerFiles() {}

    /// The games of each split: enemy, message and goal by name.
    ///
    /// @throws DatasetException if the file cannot be read or is not of this form
    public static SequencedMap<String, List<Game>> games(Path file) {
        var splits = read(file, new TypeReference<Map<String, List<List<String>>>>() {});
        var games = new LinkedHashMap<String, List<Game>>();
        splits.forEach((split, rows) ->
                games.put(split, rows.stream().map(row -> game(file, split, row)).toList()));
        return games;
    }

    private static Game game(Path file, String split, List<String> row) {
        if (row.size() != 3) {
            throw DatasetException.at(
                    file,
                    "a game of %s has %d characters; it needs enemy, message and goal"
                            .formatted(split, row.size()));
        }
        try {
            return new Game(
                    Entity.named(row.get(0)), Entity.named(row.get(1)), Entity.named(row.get(2)));
        } catch (IllegalArgumentException e) {
            throw DatasetException.at(file, split + ": " + e.getMessage(), e);
        }
    }

    /// The sentences about each character, role and movement.
    ///
    /// @throws DatasetException if the file cannot be read or is not of this form
    public static Script script(Path file) {
        var texts =
                read(
                        file,
                        new TypeReference<
                                Map<String, Map<String, Map<String, List<String>>>>>() {});
        try {
            return Script.of(texts);
        } catch (IllegalArgumentException e) {
            throw DatasetException.at(file, "holds a name that is not known", e);
        }
    }

    private static <T> T read(Path file, TypeReference<T> type) {
        try {
            return JSON.readValue(file.toFile(), type);
        } catch (JacksonException e) {
            throw DatasetException.at(file, "is not a file of Messenger", e);
        }
    }
}
