package dev.orrery.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.DatasetException;
import dev.orrery.env.messenger.Messenger;
import dev.orrery.env.messenger.MessengerConfig;
import dev.orrery.env.messenger.MessengerConfig.Games;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MessengerFilesTest {

    @TempDir private Path folder;

    private Path file(String text) throws Exception {
        return Files.writeString(folder.resolve("file.json"), text);
    }

    @Test
    void publishedFilesReplaceOurGamesAndSentences() throws Exception {
        var games = MessengerFiles.games(file("{\"val\": [[\"dog\", \"fish\", \"bird\"]]}"));
        var script =
                MessengerFiles.script(
                        file(
                                """
                                {"dog": {"enemy": {"immovable": ["watch the hound ."], "unknown": []}},
                                 "fish": {"message": {"immovable": [], "unknown": ["the trout knows"]}},
                                 "bird": {"goal": {"immovable": ["home of the hawk"]}}}
                                """));
        var world =
                new Messenger(
                        MessengerConfig.training(1)
                                .playing(Games.of(games.get("val")))
                                .reading(script));
        world.begin(3);
        assertThat(world.manual())
                .containsExactlyInAnyOrder(
                        "watch the hound .", "the trout knows", "home of the hawk");
    }

    @Test
    void otherFilesAreRefusedByName() throws Exception {
        var unknown = file("{\"val\": [[\"dog\", \"cat\", \"bird\"]]}");
        assertThatThrownBy(() -> MessengerFiles.games(unknown))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("file.json")
                .hasMessageContaining("'cat'");
        var wrong = file("[1, 2]");
        assertThatThrownBy(() -> MessengerFiles.script(wrong))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("not a file of Messenger");
        assertThatThrownBy(() -> MessengerFiles.games(folder.resolve("none.json")))
                .isInstanceOf(DatasetException.class);
    }
}
