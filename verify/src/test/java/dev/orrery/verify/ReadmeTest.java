package dev.orrery.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.env.Episode;
import dev.orrery.env.Film;
import dev.orrery.env.Rollout;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.policy.ChunkExecutor;
import dev.orrery.system.pi0.Pi0Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The Java in the README compiles, because it stands here too.
class ReadmeTest {

    private static final Path HOME = Path.of("").toAbsolutePath().getParent();

    static void example() throws IOException {
        var run = Path.of("runs/demo"); // what ./orrery demo trained
        var ready = new Pi0Recipe().open(run, new Pi0Recipe().policies(run).getFirst());
        var policy = ChunkExecutor.queue(ready.policy(), ready.execute());

        var episodes = Rollout.collect(Tabletop::new, policy, 20, 7);
        System.out.printf("success rate %.2f%n", Episode.successRate(episodes));

        var frames = episodes.getFirst().frames();
        var pictures = frames.stream().map(f -> f.observation().image("overhead")).toList();
        Film.gif(Path.of("first.gif"), pictures, 100);
    }

    @Test
    void theExampleIsTheOneThatCompiles() throws IOException {
        var readme = Files.readString(HOME.resolve("README.md"));
        var own =
                Files.readString(
                        HOME.resolve("verify/src/test/java/dev/orrery/verify/ReadmeTest.java"));
        var example = readme.substring(readme.indexOf("```java") + 7);
        var lines =
                example.substring(0, example.indexOf("```"))
                        .lines()
                        .filter(l -> !l.isBlank())
                        .toList();
        assertThat(lines).hasSizeGreaterThan(5);
        assertThat(lines).allSatisfy(line -> assertThat(own).contains(line.strip()));
    }
}
