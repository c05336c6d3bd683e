package dev.orrery.verify.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import dev.orrery.data.lerobot.EpisodeFolder;
import dev.orrery.env.Rollout;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.run.Report;
import dev.orrery.studio.Dreaming;
import dev.orrery.studio.Studio;
import dev.orrery.studio.StudioOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Every page against the rules of axe-core: WCAG 2.2 A and AA, and its best practices.
@Tag("browser")
@ExtendWith(Chromium.class)
class AccessibilityTest {

    private static final String CHECK =
            """
            async () => (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a',
              'wcag21aa', 'wcag22aa', 'best-practice'] })).violations.flatMap((rule) =>
              rule.nodes.map((node) => `${rule.id}: ${node.target} ${node.failureSummary}`))
            """;

    private static String axe;
    private static Studio studio;

    @BeforeAll
    static void open(@TempDir Path folder) throws IOException {
        try (var script = AccessibilityTest.class.getResourceAsStream("/axe.min.js")) {
            axe = new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
        try (var first = SampleRuns.train(folder, "first", 1e-3, 300)) {
            first.write("evaluation.json", SampleRuns.measured(27));
            first.write("imagination/step-00000300.json", SampleRuns.imagined(4, 12));
            first.finish(Report.of("success_rate", .93));
        }
        SampleRuns.train(folder, "second", 3e-4, 40).close();
        EpisodeFolder.append(
                folder.resolve("data/table"), Rollout.run(new Tabletop(), Tabletop.expert(), 1));
        studio =
                Studio.start(
                        new StudioOptions(
                                0,
                                folder,
                                folder.resolve("data"),
                                new FakePolicies(),
                                Dreaming.of(new WorldDreams())));
    }

    @AfterAll
    static void close() {
        studio.close();
    }

    private final SoftAssertions faults = new SoftAssertions();

    @AfterEach
    void tell() {
        faults.assertAll();
    }

    private void check(Page page, String hash, String shown) {
        page.navigate(studio.address() + hash);
        assertThat(page.locator(shown).first()).isVisible();
        page.evaluate(axe);
        check(page, hash);
    }

    private void check(Page page, String what) {
        faults.assertThat((List<?>) page.evaluate(CHECK)).as(what).isEmpty();
    }

    private void checkAll(Page page) {
        check(page, "#/tabletop", ".stage");
        check(page, "#/tabletop?policy=run%2Fup", ".skill");
        check(page, "#/runs?run=first&run=second", "[data-tag=loss] canvas");
        check(page, "#/runs?run=first&run=second&view=config", ".config");
        check(page, "#/runs?run=first&run=second&view=evaluation", ".evaluation");
        check(page, "#/runs?run=first&run=second&view=files", ".facts");
        check(page, "#/runs?run=first&view=imagination", ".imagination");
        check(page, "#/episodes", ".film");
        check(page, "#/data", ".card");
        check(page, "#/data?set=table", ".features");
        check(page, "#/dream", ".dream");
        check(page, "#/nowhere", ".problem");
    }

    @Test
    void everyPageKeepsTheRulesInTheLight(Browser browser) {
        try (var visit = Visit.desk(browser, studio.address())) {
            checkAll(visit.page());
        }
    }

    @Test
    void everyPageKeepsTheRulesInTheDark(Browser browser) {
        try (var visit = Visit.night(browser, studio.address())) {
            checkAll(visit.page());
        }
    }

    @Test
    void everyPageKeepsTheRulesOnAPhone(Browser browser) {
        try (var visit = Visit.phone(browser, studio.address())) {
            checkAll(visit.page());
        }
    }

    @Test
    void whatOpensAndEndsKeepsTheRulesToo(Browser browser) {
        try (var visit = Visit.first(browser, studio.address())) {
            var page = visit.page();
            check(page, "#/tabletop", ".welcome");
            page.keyboard().press("?");
            assertThat(page.locator("dialog")).isVisible();
            check(page, "keyboard");
            page.keyboard().press("Escape");
            page.locator("#instruction").fill("pick up the red starr");
            page.locator("#instruction").press("Enter");
            assertThat(page.locator(".unclear")).isVisible();
            check(page, "an unclear instruction");
            page.locator(".unclear .chip").first().click();
            assertThat(page.locator(".banner.good")).isVisible();
            page.waitForCondition(() ->
                    (boolean)
                            page.evaluate(
                                    "document.querySelector('.banner').getAnimations().every(a =>"
                                            + " a.playState === 'finished')"));
            check(page, "success");
        }
    }
}
