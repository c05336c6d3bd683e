package dev.orrery.cli;

import static dev.orrery.cli.Refusals.isRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.policy.Plays;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyVerbsTest {

    @TempDir Path folder;

    @Test
    void aPolicyThatIsNotThereIsNamed() throws IOException {
        isRefused("there is no policy 'nobody'", "play", "nobody");
        isRefused("there is no policy 'nobody'", "serve", "nobody");
        isRefused("--figure draws the demo; add --demo", "serve", "nobody", "--figure", "a.png");
        isRefused("are for world models; 'pi0' is none", "play", "pi0", "--tau", "2");
        isRefused("choose 1 to 64", "play", "genie", "--steps", "65");
        isRefused("neither a run nor a saved policy", "play", folder.toString());
        isRefused("there is no trained run of dynalang in ", "play", "dynalang");
        Files.writeString(folder.resolve("config.json"), "{\"type\": \"other\"}");
        var line = Main.commandLine().setErr(new PrintWriter(new StringWriter()));
        assertThat(line.execute("play", folder.toString())).isNotEqualTo(Main.DONE);
    }

    @Test
    void serversOpenToOthersAndSizesThatDoNotExistAreRefused() {
        isRefused("--token-file", "tabletop", "serve", "--host", "0.0.0.0");
        isRefused("the arm has 4 or 7", "tabletop", "serve", "--dof", "5");
        isRefused("port 70000 does not exist", "tabletop", "serve", "--port", "70000");
        isRefused("measure at least once", "bench", "flow", "--rounds", "0");
        isRefused("at least 1 round and 60 steps", "bench", "pi0", "--steps", "5");
        for (var what : List.of("engine", "flow", "dynalang", "genie"))
            isRefused(
                    "--python /no/python does not start or has no torch",
                    "bench",
                    what,
                    "--python",
                    "/no/python");
    }

    @Test
    void whatFinetuneLacksIsNamed() {
        isRefused("name a checkpoint's folder and --data", "finetune");
        isRefused("no checkpoint folder", "finetune", "nowhere", "--data", folder.toString());
        var here = folder.toString();
        isRefused(
                "choose one of [lora, dora, delora]",
                "finetune",
                here,
                "--data",
                here,
                "--method",
                "l");
        isRefused("--resume goes on with the run in --run-dir", "finetune", "--resume");
        isRefused("all must be positive", "finetune", here, "--data", here, "--steps", "0");
        isRefused("name a new folder", "finetune", here, "--data", here, "--merged", "src");
        isRefused("below 1, such as 0.999", "finetune", here, "--data", here, "--average", "1");
    }

    @Test
    void anEpisodeEndsWithAVerdictAndAFilm() throws IOException {
        var still = new Plays.Ready((_, _) -> new float[][] {{0, 0, 0, -1}}, 1, () -> {});
        var film = folder.resolve("films/one.gif");
        var played = PlayedEpisode.play(still, "press the button", 3, film);
        assertThat(played.success()).isFalse();
        assertThat(played.steps()).isEqualTo(80);
        assertThat(played.task()).isEqualTo("button");
        assertThat(played.verdict()).contains("after 80 steps (8.0 s)", film.toString());
        assertThat(film).isNotEmptyFile();
        assertThatThrownBy(() -> PlayedEpisode.play(still, "sing a song", 3, film))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sing");
    }
}
