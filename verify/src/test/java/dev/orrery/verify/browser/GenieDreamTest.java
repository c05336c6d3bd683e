package dev.orrery.verify.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import dev.orrery.catalog.Catalog;
import dev.orrery.run.ConfigBinder;
import dev.orrery.run.Recipe;
import dev.orrery.run.Run;
import dev.orrery.studio.Dreaming;
import dev.orrery.studio.PolicySource;
import dev.orrery.studio.RunDreams;
import dev.orrery.studio.Studio;
import dev.orrery.studio.StudioOptions;
import dev.orrery.worldmodel.play.Sampling;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A world model that was hardly trained, played in the page as a user does.
@Tag("browser")
@ExtendWith(Chromium.class)
class GenieDreamTest {

    private static final List<String> TINY =
            List.of(
                    "data.frames=200",
                    "tokenizer.budget.steps=3",
                    "latentActions.budget.steps=2",
                    "dynamics.budget.steps=2",
                    "evaluation.clips=2");

    private static Studio studio;

    @BeforeAll
    static void train(@TempDir Path folder) {
        train(folder.resolve("tiny"), Catalog.ready("genie").recipe());
        studio =
                Studio.start(
                        new StudioOptions(
                                0,
                                folder,
                                folder.resolve("data"),
                                PolicySource.none(),
                                Dreaming.of(new RunDreams(folder))));
    }

    private static <C extends Record> void train(Path folder, Recipe<C> recipe) {
        var request = new ConfigBinder.Request(Optional.of("smoke"), List.of(), TINY);
        var config = ConfigBinder.resolve(recipe, request).config();
        try (var run = Run.create(folder, "genie", config, 1)) {
            recipe.run(config, run);
        }
    }

    @AfterAll
    static void close() {
        studio.close();
    }

    private static String dreamed(Page page) {
        return (String) page.evaluate("document.querySelector('.dreamed canvas').toDataURL()");
    }

    @Test
    void aTrainedModelDreamsOnUnderKeysAndRepeatsItself(Browser browser) {
        try (var visit = Visit.desk(browser, studio.dreamAddress("tiny", new Sampling(2, 1)))) {
            var page = visit.page();
            assertThat(page.locator(".dream[data-frame='0']")).isVisible();
            assertThat(page.locator(".dreamed canvas")).hasCount(2);
            assertThat(page.locator("#dream-prompt option")).hasCount(8);
            var start = dreamed(page);
            page.keyboard().press(".");
            assertThat(page.locator(".dream[data-frame='1']")).isVisible();
            var first = dreamed(page);
            assertThat(first).isNotEqualTo(start);
            page.keyboard().press("r");
            assertThat(page.locator(".dream[data-frame='0']")).isVisible();
            assertThat(dreamed(page)).isEqualTo(start);
            page.keyboard().press(".");
            assertThat(page.locator(".dream[data-frame='1']")).isVisible();
            assertThat(dreamed(page)).isEqualTo(first);
            page.keyboard().down("3");
            assertThat(page.locator(".dream[data-code='3']")).isVisible();
            page.keyboard().up("3");
            page.keyboard().press("f");
            visit.picture("dream-genie");
        }
    }
}
