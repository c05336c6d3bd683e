package dev.orrery.env.worlds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.Play;
import dev.orrery.env.Recording;
import dev.orrery.env.WordEnv;
import dev.orrery.env.homegrid.HomeGrid;
import dev.orrery.env.homegrid.HomeGridConfig;
import dev.orrery.env.platformer.Platformer;
import dev.orrery.env.platformer.PlatformerEpisodes;
import dev.orrery.env.platformer.Runner;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class WorldsTest {

    private static final String PINNED = "traces.txt";

    /// Everything that 300 random steps from seed 7 show, say and pay, in one number.
    private static <A> String trace(WordEnv<A> env) {
        var crc = new CRC32C();
        var random = Play.random(env, 7);
        for (int t = 0, episode = 0; t < 300; t++) {
            if (t == 0 || env.terminated() || env.truncated()) {
                env.begin(7 + episode++);
            } else {
                double reward = env.advance(random.apply(env));
                crc.update(ByteBuffer.allocate(8).putDouble(reward).flip());
            }
            for (float value : env.symbols()) {
                crc.update((int) (value * 2));
            }
            crc.update(env.picture().rgb());
            crc.update(ByteBuffer.allocate(4).putInt(env.token()).flip());
            crc.update(env.reading() ? 1 : 0);
        }
        return "%08x".formatted(crc.getValue());
    }

    @TestFactory
    Stream<DynamicTest> eachWorldShowsTheSameOnEveryMachine() throws Exception {
        var lines = new ArrayList<String>();
        for (var name : Worlds.names()) {
            lines.add(name + " " + trace(Worlds.open(name)));
        }
        var pinned = Files.readAllLines(Path.of(WorldsTest.class.getResource(PINNED).toURI()));
        assertThat(pinned)
                .as("the worlds that there are; now:\n%s", String.join("\n", lines))
                .hasSameSizeAs(lines);
        return Stream.iterate(0, i -> i < lines.size(), i -> i + 1)
                .map(i ->
                        DynamicTest.dynamicTest(
                                Worlds.names().get(i),
                                () -> assertThat(lines.get(i)).isEqualTo(pinned.get(i))));
    }

    @Test
    void anUnknownNameIsAnsweredWithTheNearest() {
        assertThatThrownBy(() -> Worlds.open("homegrid-futur"))
                .hasMessageContaining("did you mean 'homegrid-future'");
    }

    @Test
    void episodesAreWrittenForNumPyAndAsFilms(@TempDir Path folder) throws Exception {
        var env = new HomeGrid(HomeGridConfig.named("dynamics"));
        var recording = Recording.of(env, Play.random(env, 1), 5);
        recording.write(folder.resolve("episode.npz"));
        try (var zip = new ZipFile(folder.resolve("episode.npz").toFile())) {
            assertThat(zip.stream().map(Object::toString))
                    .contains("symbols.npy", "image.npy", "token.npy", "is_terminal.npy");
            var raw = zip.getInputStream(zip.getEntry("symbols.npy")).readAllBytes();
            int header = (raw[8] & 0xff) + 256 * (raw[9] & 0xff) + 10;
            assertThat(header % 64).isZero();
            assertThat(new String(raw, 10, header - 10, java.nio.charset.StandardCharsets.US_ASCII))
                    .contains("'<f4'")
                    .contains("(%d, 170,)".formatted(recording.moments().size()))
                    .endsWith("\n");
            assertThat(raw.length - header).isEqualTo(recording.moments().size() * 170 * 4);
        }
        recording.film(folder.resolve("episode.gif"), 2, 100);
        assertThat(folder.resolve("episode.gif")).isNotEmptyFile();
        var world = new Platformer();
        var runner = new Runner(0.1, 1);
        var run = PlatformerEpisodes.play(world, 3, runner::act);
        run.write(folder.resolve("run.npz"));
        assertThat(run.frames()).hasSize((run.length() + 1) * 4096);
        assertThat(folder.resolve("run.npz")).isNotEmptyFile();
    }
}
