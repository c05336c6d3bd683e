package dev.orrery.verify.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.orrery.catalog.Fixtures;
import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureRow;
import dev.orrery.data.lerobot.Verify;
import dev.orrery.data.text.TokenizerCheck;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Runs every fixture of the repository, and every one in the folder that `-Dorrery.goldens` names.
/// One that nobody knows is skipped, so that the closing list names it.
class GoldenTest {

    private static final Path OWN = Path.of("../systems/src/test/resources/goldens");
    private static final Path WORLDS = Path.of("../env/src/test/resources/goldens");
    private static final Path TOKENIZERS = Path.of("../data/src/test/resources/goldens");

    @TestFactory
    Stream<DynamicTest> ownFixtures() throws IOException {
        return Stream.of(
                        fixtures(OWN, folder -> Fixtures.runs(Fixture.read(folder))),
                        fixtures(WORLDS, _ -> true),
                        fixtures(TOKENIZERS, f -> Files.exists(f.resolve("tokenizer.json"))))
                .flatMap(tests -> tests);
    }

    @TestFactory
    Stream<DynamicTest> givenFixtures() throws IOException {
        var given = System.getProperty("orrery.goldens", "");
        return given.isEmpty() ? Stream.empty() : fixtures(Path.of(given), _ -> true);
    }

    private static Stream<DynamicTest> fixtures(Path root, Predicate<Path> wanted)
            throws IOException {
        if (Files.exists(root.resolve(Fixture.FILE_NAME))) {
            return Stream.of(root).map(GoldenTest::test);
        }
        try (var folders = Files.list(root)) {
            return folders
                    .filter(Files::isDirectory)
                    .filter(wanted)
                    .sorted()
                    .map(GoldenTest::test)
                    .toList()
                    .stream();
        }
    }

    private static DynamicTest test(Path folder) {
        return DynamicTest.dynamicTest(folder.getFileName().toString(), () -> run(folder));
    }

    private static void run(Path folder) {
        if (Files.exists(folder.resolve("meta/info.json"))) {
            var outcome = Verify.run(folder, Verify.Settings.thorough(), (_, _) -> {});
            assertThat(outcome.sound()).as("%s", outcome.findings()).isTrue();
            return;
        }
        if (!Files.exists(folder.resolve(Fixture.FILE_NAME))) {
            abort("%s: not a fixture, there is no fixture.json".formatted(folder.getFileName()));
        }
        var fixture = Fixture.read(folder);
        if (fixture.kind().equals("tokenizer")) {
            assertThat(TokenizerCheck.run(folder))
                    .matches(TokenizerCheck.Result::agrees, "everything equal");
        } else if (fixture.kind().equals("environment")
                && HomeGridTrace.reads(fixture.expectedFile())) {
            assertThat(HomeGridTrace.run(fixture.expectedFile())).isPositive();
        } else if (Fixtures.runs(fixture)) {
            compare(fixture);
        } else {
            abort(
                    "%s: nobody knows %s"
                            .formatted(folder.getFileName(), Fixtures.describe(fixture)));
        }
    }

    private static void compare(Fixture fixture) {
        try (var _ = TensorScope.open()) {
            var rows = fixture.compare(Fixtures.model(fixture).run(fixture));
            assertThat(rows).isNotEmpty().allMatch(FixtureRow::passed);
        }
    }
}
