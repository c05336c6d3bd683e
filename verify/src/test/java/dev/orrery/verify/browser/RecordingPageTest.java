package dev.orrery.verify.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import dev.orrery.data.lerobot.Verify;
import dev.orrery.studio.PolicySource;
import dev.orrery.studio.Studio;
import dev.orrery.studio.StudioOptions;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("browser")
@ExtendWith(Chromium.class)
class RecordingPageTest {

    private static void click(Page page, String name) {
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true))
                .click();
    }

    /// Moves the pointer to where the red star stands.
    private static void pointAtStar(Page page) {
        var star = page.locator("[data-block='red star']");
        double x = Double.parseDouble(star.getAttribute("data-x"));
        double y = Double.parseDouble(star.getAttribute("data-y"));
        var table = page.locator("rect.table").boundingBox();
        page.mouse()
                .move(
                        table.x + (22 + 1000 * x) / 1044 * table.width,
                        table.y + (22 + 1000 * (1 - y)) / 1044 * table.height);
    }

    @Test
    void aDemonstrationByHandIsRecordedSavedAndReplayed(Browser browser, @TempDir Path folder) {
        var options =
                new StudioOptions(
                        0, folder.resolve("runs"), folder.resolve("data"), PolicySource.none());
        try (var studio = Studio.start(options);
                var visit = Visit.desk(browser, studio.address())) {
            var page = visit.page();
            var instruction = page.locator("#instruction");
            instruction.fill("move to the red star");
            instruction.press("Enter");
            assertThat(page.locator(".banner")).containsText("Done in");
            click(page, "Record");
            assertThat(page.locator(".pill").nth(1)).containsText("Recording");
            pointAtStar(page);
            for (int i = 0; i < 14; i++) {
                page.mouse().wheel(0, 100);
            }
            assertThat(page.locator(".banner")).containsText("Done in");
            assertThat(page.locator(".take-bar")).containsText("goal reached");
            assertThat(page.locator(".transport .record"))
                    .isInViewport(new LocatorAssertions.IsInViewportOptions().setRatio(1));
            visit.picture("recorded");
            click(page, "Save episode");
            assertThat(page.locator(".toast")).containsText("Saved as episode 0 of recordings");

            page.reload();
            page.locator(".take-list a").click();
            assertThat(page.locator(".subtitle")).hasText("move to the red star");
            assertThat(page.locator(".pill")).hasText("goal reached");
            page.waitForCondition(() -> frame(page) >= 3);
            page.keyboard().press("Home");
            assertThat(page.locator(".film")).hasAttribute("data-playing", "false");
            assertThat(page.locator(".film")).hasAttribute("data-frame", "0");
            page.keyboard().press("ArrowRight");
            assertThat(page.locator(".film")).hasAttribute("data-frame", "1");
            page.keyboard().press("Space");
            page.waitForCondition(() -> frame(page) >= 3);
            assertThat(page.locator(".track").first()).containsText("observation.state");
            visit.picture("episode");
            page.getByRole(
                            AriaRole.LINK,
                            new Page.GetByRoleOptions().setName("About this data set"))
                    .click();
            assertThat(page.getByText("orrery_tabletop")).isVisible();
            visit.picture("data-set");
            page.getByRole(
                            AriaRole.LINK,
                            new Page.GetByRoleOptions().setName(Pattern.compile("^Data")))
                    .first()
                    .click();
            assertThat(page.locator(".card")).containsText("recordings");
        }
        var outcome =
                Verify.run(
                        folder.resolve("data/recordings"),
                        Verify.Settings.thorough(),
                        (_, _) -> {});
        assertThat(outcome.sound()).as("%s", outcome.findings()).isTrue();
    }

    private static int frame(Page page) {
        return Integer.parseInt(page.locator(".film").getAttribute("data-frame"));
    }

    @Test
    void aTakeCanBeThrownAway(Browser browser, @TempDir Path folder) {
        var options =
                new StudioOptions(
                        0, folder.resolve("runs"), folder.resolve("data"), PolicySource.none());
        try (var studio = Studio.start(options);
                var visit = Visit.desk(browser, studio.address())) {
            var page = visit.page();
            assertThat(page.locator(".stage")).isVisible();
            page.keyboard().press("d");
            assertThat(page.locator(".pill").nth(1)).containsText("Recording");
            page.keyboard().press("ArrowRight");
            page.keyboard().press("ArrowUp");
            assertThat(page.locator(".pill").nth(1))
                    .containsText(Pattern.compile("Recording, [1-9]"));
            page.keyboard().press("d");
            click(page, "Discard");
            assertThat(
                            page.getByRole(
                                    AriaRole.BUTTON,
                                    new Page.GetByRoleOptions().setName("Record").setExact(true)))
                    .isVisible();
            assertThat(folder.resolve("data/recordings")).doesNotExist();
        }
    }
}
