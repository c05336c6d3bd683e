package dev.orrery.verify.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.orrery.run.Run;
import dev.orrery.studio.PolicySource;
import dev.orrery.studio.Studio;
import dev.orrery.studio.StudioOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("browser")
@ExtendWith(Chromium.class)
class RunsPageTest {

    private static Studio studio;
    private static Run growing;

    @BeforeAll
    static void open(@TempDir Path folder) throws IOException {
        try (var done = SampleRuns.train(folder, "first", 1e-3, 300)) {
            done.write("evaluation.json", SampleRuns.measured(27));
            Files.writeString(done.folder().resolve("evaluation.html"), "<h1>Films</h1>");
            done.finish(dev.orrery.run.Report.of("success_rate", .93));
        }
        growing = SampleRuns.train(folder, "second", 3e-4, 40);
        growing.write("evaluation.json", SampleRuns.measured(3));
        Files.createDirectories(folder.resolve("damaged"));
        Files.writeString(folder.resolve("damaged/config.json"), "{");
        studio =
                Studio.start(
                        new StudioOptions(0, folder, folder.resolve("data"), PolicySource.none()));
    }

    @AfterAll
    static void close() {
        studio.close();
        growing.close();
    }

    private String at(String hash) {
        return studio.address() + "#/runs" + hash;
    }

    @Test
    void curvesGrowWhileTheRunGoesOn(Browser browser) {
        try (var visit = Visit.desk(browser, at("?run=second"))) {
            var plot = visit.page().locator("[data-tag=loss] .plot");
            assertThat(plot.locator("canvas")).isVisible();
            growing.log(40, "accuracy", .25);
            assertThat(visit.page().locator("[data-tag=accuracy] .legend")).containsText("0.25");
        }
    }

    @Test
    void runsAreComparedByCurvesAndConfigurations(Browser browser) {
        try (var visit = Visit.desk(browser, at("?run=first&run=second"))) {
            var page = visit.page();
            assertThat(page.locator("[data-tag=loss] .legend li")).hasCount(2);
            visit.picture("runs");
            page.getByRole(AriaRole.TAB, new Page.GetByRoleOptions().setName("Configuration diff"))
                    .click();
            assertThat(page.locator(".config tbody tr")).hasCount(1);
            assertThat(page.locator(".config")).containsText("learningRate");
            visit.picture("runs-configuration");
            page.getByRole(AriaRole.TAB, new Page.GetByRoleOptions().setName("Checkpoints"))
                    .click();
            assertThat(page.locator(".facts")).containsText("0.93");
            page.getByLabel("Show first").uncheck();
            page.getByRole(AriaRole.TAB, new Page.GetByRoleOptions().setName("Curves")).click();
            assertThat(page.locator("[data-tag=loss] .legend li")).hasCount(1);
        }
    }

    @Test
    void measurementsAreComparedWithTheirIntervals(Browser browser) {
        try (var visit = Visit.desk(browser, at("?run=first&run=second&view=evaluation"))) {
            var page = visit.page();
            assertThat(page.locator("[data-family=pick]")).containsText("27 of 30");
            assertThat(page.locator("[data-family=pick]")).containsText("first is better");
            assertThat(page.locator("[data-family=reach]")).containsText("undecided");
            assertThat(page.locator(".failures").last()).containsText("dropped");
            visit.picture("runs-evaluation");
            var report = page.waitForPopup(() -> page.getByText("Report with films").click());
            assertThat(report.locator("h1")).hasText("Films");
            report.close();
            page.getByLabel("Show first").uncheck();
            assertThat(page.locator("[data-family=pick]")).containsText("3 of 30");
            assertThat(page.locator("[data-family=pick]")).not().containsText("27 of 30");
        }
    }

    @Test
    void aLongLogIsThinnedAndDrawnWhole(Browser browser, @TempDir Path folder) throws IOException {
        int steps = 100_000;
        try (var run = SampleRuns.train(folder, "long", 1e-3, 1)) {
            var lines = new StringBuilder();
            for (int step = 1; step <= steps; step++) {
                lines.append("{\"step\":")
                        .append(step)
                        .append(",\"loss\":1,\"rate\":")
                        .append(step)
                        .append("}\n");
            }
            Files.writeString(
                    run.folder().resolve("metrics.jsonl"), lines, StandardOpenOption.APPEND);
        }
        var options = new StudioOptions(0, folder, folder.resolve("data"), PolicySource.none());
        try (var studioOfOne = Studio.start(options);
                var visit = Visit.desk(browser, studioOfOne.address() + "#/runs")) {
            var chart = visit.page().locator("[data-tag=rate]");
            assertThat(chart.locator("canvas")).isVisible();
            int points = Integer.parseInt(chart.getAttribute("data-points"));
            org.assertj.core.api.Assertions.assertThat(points).isBetween(1000, 4000);
            assertThat(visit.page().locator(".run-list")).containsText("step 100,000");
        }
    }

    @Test
    void oneOfManyRunsIsFoundByWords(Browser browser, @TempDir Path folder) throws IOException {
        for (int i = 0; i < 12; i++) {
            SampleRuns.train(folder, "sweep-" + i, 1e-3, 1).close();
        }
        SampleRuns.train(folder, "a-name-with-all-of-its-parameters-".repeat(4), 1e-3, 1).close();
        var options = new StudioOptions(0, folder, folder.resolve("data"), PolicySource.none());
        try (var many = Studio.start(options);
                var visit = Visit.phone(browser, many.address() + "#/runs?run=sweep-3")) {
            var page = visit.page();
            assertThat(page.locator(".run-list li")).hasCount(13);
            visit.fits();
            page.getByLabel("Filter runs by").fill("pi0 SWEEP-11");
            assertThat(page.locator(".run-list")).containsText("1 of 13");
            assertThat(page.locator(".run-list li")).hasCount(2);
            page.getByLabel("Show sweep-11").check();
            assertThat(page.locator("[data-tag=loss] .legend li")).hasCount(2);
            page.getByText("Skip the list").focus();
            page.keyboard().press("Enter");
            assertThat(page.locator("[role=tab]:focus")).hasText("Curves");
            page.getByLabel("Filter runs by").fill("nobody");
            assertThat(page.getByText("No run has this in its name")).isVisible();
        }
    }

    @Test
    void viewsAreChosenByArrowKeys(Browser browser) {
        try (var visit = Visit.desk(browser, at("?run=first"))) {
            var keyboard = visit.page().keyboard();
            visit.page()
                    .getByRole(AriaRole.TAB, new Page.GetByRoleOptions().setName("Curves"))
                    .focus();
            keyboard.press("ArrowRight");
            assertThat(visit.page().locator(".config")).isVisible();
            keyboard.press("ArrowLeft");
            assertThat(visit.page().locator("[data-tag=loss]")).isVisible();
            keyboard.press("End");
            assertThat(visit.page().locator("[role=tab]:focus")).hasText("Checkpoints");
            assertThat(visit.page().locator("[role=tabpanel] .facts")).isVisible();
        }
    }

    @Test
    void whatIsNotMeasuredNamesTheCommandOfItsSystem(Browser browser, @TempDir Path folder) {
        Run.create(folder.resolve("agent"), "dynalang", new SampleRuns.Config(1, 1, ""), 7).close();
        var options = new StudioOptions(0, folder, folder.resolve("data"), PolicySource.none());
        try (var one = Studio.start(options);
                var visit = Visit.desk(browser, one.address() + "#/runs?view=evaluation")) {
            assertThat(visit.page().locator(".empty pre"))
                    .hasText("./orrery eval dynalang --run-dir " + folder.resolve("agent"));
        }
    }

    @Test
    void aDamagedFolderIsNamedAndTheRestIsShown(Browser browser) {
        try (var visit = Visit.night(browser, at("?run=gone"))) {
            var page = visit.page();
            assertThat(page.getByText("its config.json is damaged")).isVisible();
            assertThat(page.getByText("There is no run gone")).isVisible();
            assertThat(page.locator(".run-list li")).hasCount(2);
            visit.picture("runs-dark");
        }
    }

    @Test
    void runsAreReadableOnAPhone(Browser browser) {
        try (var visit = Visit.phone(browser, at("?run=first&run=second"))) {
            assertThat(visit.page().locator("[data-tag=loss] canvas")).isVisible();
            visit.fits();
            visit.picture("runs-phone");
        }
    }
}
