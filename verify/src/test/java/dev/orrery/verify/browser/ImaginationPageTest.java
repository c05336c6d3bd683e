package dev.orrery.verify.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.SelectOption;
import dev.orrery.studio.PolicySource;
import dev.orrery.studio.Studio;
import dev.orrery.studio.StudioOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("browser")
@ExtendWith(Chromium.class)
class ImaginationPageTest {

    private static final int CONTEXT = 4, STEPS = 12;

    private static Studio studio;

    @BeforeAll
    static void open(@TempDir Path folder) {
        try (var run = SampleRuns.train(folder, "dreamer", 1e-3, 5)) {
            run.write("imagination/step-00000004.json", SampleRuns.imagined(CONTEXT, STEPS));
            run.write(
                    "imagination/step-00000002.json", Map.of("context", 0, "branches", List.of()));
        }
        SampleRuns.dreamer(folder, "bins");
        studio =
                Studio.start(
                        new StudioOptions(0, folder, folder.resolve("data"), PolicySource.none()));
    }

    @AfterAll
    static void close() {
        studio.close();
    }

    private static String address() {
        return studio.address() + "#/runs?run=dreamer&view=imagination";
    }

    @Test
    void whatWasImaginedIsShownBesideWhatHappened(Browser browser) {
        try (var visit = Visit.desk(browser, address())) {
            var page = visit.page();
            var view = page.locator(".imagination");
            assertThat(view).hasAttribute("data-frame", String.valueOf(CONTEXT));
            assertThat(view.locator(".pill")).hasText("imagined, 1 ahead");
            assertThat(view.locator(".strip button")).hasCount(STEPS);
            assertThat(view.locator("[data-track=reward]")).containsText("imagined");
            assertThat(view.locator("[data-track='value and return']")).isVisible();
            page.keyboard().press("End");
            assertThat(view).hasAttribute("data-frame", String.valueOf(STEPS - 1));
            assertThat(view.locator(".words li.hit")).containsText("word11");
            visit.picture("imagination");
            page.keyboard().press("Home");
            assertThat(view.locator(".pill")).hasText("seen");
            page.keyboard().press("ArrowRight");
            assertThat(view).hasAttribute("data-frame", "1");
            page.keyboard().press("Space");
            assertThat(view).hasAttribute("data-frame", String.valueOf(STEPS - 1));
        }
    }

    @Test
    void aTypedHintTakesTheBranchThatWasRecordedForIt(Browser browser) {
        try (var visit = Visit.desk(browser, address())) {
            var page = visit.page();
            page.getByLabel("Hint", new Page.GetByLabelOptions().setExact(true))
                    .fill("the star is blue");
            page.keyboard().press("Enter");
            assertThat(page.locator(".hints")).containsText("Nothing was imagined for this hint");
            page.getByLabel("Hint", new Page.GetByLabelOptions().setExact(true))
                    .fill("The star is red");
            page.keyboard().press("Enter");
            assertThat(page.locator(".imagination")).hasAttribute("data-branch", "1");
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("no hint")).click();
            assertThat(page.locator(".imagination")).hasAttribute("data-branch", "0");
        }
    }

    @Test
    void aFileThatBreaksTheFormatIsRefusedByPlaceAndTheOthersStay(Browser browser) {
        try (var visit = Visit.desk(browser, address())) {
            visit.expect("400");
            var page = visit.page();
            page.locator("#imagination").selectOption("step-00000002");
            assertThat(page.locator(".problem"))
                    .containsText("step-00000002.json: branches needs to be a list, not empty");
            page.locator("#imagination").selectOption("step-00000004");
            assertThat(page.locator(".imagination")).isVisible();
        }
    }

    @Test
    void whatIsTypedIsSaidToTheAgentWhichActsAndImaginesAnew(Browser browser) {
        try (var visit = Visit.desk(browser, studio.imagination("bins"))) {
            var page = visit.page();
            var view = page.locator(".imagination");
            assertThat(view.locator(".strip button")).hasCount(19);
            assertThat(view.locator(".strip img")).hasCount(38);
            var hint = page.getByLabel("Hint", new Page.GetByLabelOptions().setExact(true));
            hint.fill("kick to open");
            page.keyboard().press("Enter");
            assertThat(page.locator(".problem")).containsText("does not know “kick”");
            for (var word : List.of("pedal", "lift")) {
                hint.fill(word + " to open");
                page.keyboard().press("Enter");
                assertThat(page.locator(".hints .chip[aria-pressed=true]"))
                        .hasText(word + " to open");
                view.locator(".strip button").first().click();
                assertThat(view.locator(".words dd").last()).hasText(word);
            }
            assertThat(page.locator(".hints .chip")).hasCount(3);
            visit.picture("imagination-live");
            page.getByText("Another start").click();
            assertThat(page.locator(".foresight")).containsText("Start 2");
            assertThat(page.locator(".hints .chip")).hasCount(1);
        }
    }

    @Test
    void trainingItselfLeavesWhatWasImaginedWithTheWordsAndWithout(Browser browser) {
        try (var visit = Visit.desk(browser, studio.imagination("bins"))) {
            var page = visit.page();
            page.locator("#imagination").selectOption(new SelectOption().setIndex(1));
            assertThat(page.locator(".hints .chip")).hasCount(2);
            assertThat(page.locator(".hints .chip").last()).hasText("no hint");
        }
    }

    @Test
    void imaginationFitsOnAPhone(Browser browser) {
        try (var visit = Visit.phone(browser, address())) {
            assertThat(visit.page().locator(".imagination")).isVisible();
            visit.fits();
            visit.picture("imagination-phone");
        }
    }
}
