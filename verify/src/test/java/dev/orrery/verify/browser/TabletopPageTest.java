package dev.orrery.verify.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Mouse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.orrery.env.tabletop.Glyph;
import dev.orrery.env.tabletop.Kind;
import dev.orrery.studio.PolicySource;
import dev.orrery.studio.Studio;
import dev.orrery.studio.StudioOptions;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("browser")
@ExtendWith(Chromium.class)
class TabletopPageTest {

    private static Studio studio;

    @BeforeAll
    static void open(@TempDir Path folder) {
        studio =
                Studio.start(
                        new StudioOptions(
                                0,
                                folder.resolve("runs"),
                                folder.resolve("data"),
                                PolicySource.none()));
    }

    @AfterAll
    static void close() {
        studio.close();
    }

    private static Locator instruction(Page page) {
        return page.getByLabel("Instruction", new Page.GetByLabelOptions().setExact(true))
                .and(page.locator("input"));
    }

    private static double number(Locator thing, String attribute) {
        return Double.parseDouble(thing.getAttribute(attribute));
    }

    @Test
    void aTypedInstructionIsCarriedOut(Browser browser) {
        try (var visit = Visit.desk(browser, studio.address())) {
            var page = visit.page();
            instruction(page).fill("pick up the red star");
            instruction(page).press("Enter");
            assertThat(page.locator(".banner")).containsText("Done in");
            assertThat(page.locator(".banner")).containsText("pick up the red star");
            assertThat(number(page.locator("[data-block='red star']"), "data-z")).isGreaterThan(.1);
            visit.picture("tabletop-done");
            click(page, "Try another");
            assertThat(instruction(page)).not().hasValue("pick up the red star");
        }
    }

    @Test
    void thePredictedChunkIsDrawnAsFarAsItWillBeTaken(Browser browser) {
        try (var visit = Visit.desk(browser, studio.address())) {
            var page = visit.page();
            assertThat(page.locator(".stage")).isVisible();
            assertThat(page.locator(".chunk")).hasCount(0);
            for (int step = 1; step <= 4; step++) {
                page.keyboard().press(".");
                assertThat(page.locator("[data-step='" + step + "']")).isVisible();
            }
            assertThat(page.locator(".chunk circle")).hasCount(7);
            assertThat(page.locator(".chunk circle.outlook")).hasCount(7);
            assertThat(page.locator(".latency")).hasAttribute("data-count", "4");
            visit.picture("tabletop-acting");
        }
    }

    @Test
    void padsShowTheirSigns(Browser browser) {
        try (var visit = Visit.desk(browser, studio.address())) {
            var page = visit.page();
            instruction(page).fill("put the red star on the letter a");
            instruction(page).press("Enter");
            var pad = page.locator("[data-sign='letter a']");
            int dark = 0;
            for (int i = 0; i < Glyph.SIDE * Glyph.SIDE; i++) {
                dark += Glyph.A.ink(i / Glyph.SIDE, i % Glyph.SIDE) ? 1 : 0;
            }
            assertThat(pad.locator(".ink")).hasCount(dark);
            assertThat(page.locator(".banner")).containsText("Done in");
            visit.picture("tabletop-pads");
        }
    }

    @Test
    void newcomersAreToldWhatToDoOnce(Browser browser) {
        try (var visit = Visit.first(browser, studio.address())) {
            var page = visit.page();
            assertThat(page.locator(".welcome")).containsText("Tell the gripper what to do");
            visit.picture("tabletop-first");
            click(page, "Got it");
            assertThat(page.locator(".welcome")).hasCount(0);
            page.reload();
            assertThat(page.locator(".stage")).isVisible();
            assertThat(page.locator(".welcome")).hasCount(0);
        }
    }

    private static void click(Page page, String name) {
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true))
                .click();
    }

    @Test
    void anUnknownWordIsAnsweredWithTheNearest(Browser browser) {
        try (var visit = Visit.desk(browser, studio.address())) {
            var page = visit.page();
            instruction(page).fill("pick up the red starr");
            instruction(page).press("Enter");
            assertThat(page.locator(".unclear")).containsText("did you mean “star”?");
            assertThat(page.locator(".progress + .mono")).hasText("0 / 80");
            visit.picture("tabletop-unknown-word");
            page.locator(".unclear .chip").first().click();
            assertThat(page.locator(".unclear")).hasCount(0);
            assertThat(instruction(page)).hasValue("pick up the red star");
            assertThat(page.locator(".banner")).containsText("Done in");
        }
    }

    @Test
    void aBlockThatIsNotThereBringsANewScene(Browser browser) {
        try (var visit = Visit.desk(browser, studio.address())) {
            var page = visit.page();
            assertThat(page.locator(".stage")).isVisible();
            var absent =
                    Kind.ALL.stream()
                            .map(Kind::words)
                            .filter(k -> page.locator("[data-block='" + k + "']").count() == 0)
                            .findFirst()
                            .orElseThrow();
            instruction(page).fill("move to the " + absent);
            instruction(page).press("Enter");
            assertThat(page.locator(".toast")).containsText("no " + absent + " on this table");
            assertThat(page.locator("[data-block='" + absent + "']")).hasCount(1);
            assertThat(page.locator(".banner")).containsText("Done in");
        }
    }

    @Test
    void blocksAreDraggedAndTheSceneIsLaidAgainBySeed(Browser browser) {
        try (var visit = Visit.desk(browser, studio.address())) {
            var page = visit.page();
            var star = page.locator("[data-block='red star']");
            double before = number(star, "data-x");
            double aside = before < .5 ? 150 : -150;
            var box = star.locator("path").last().boundingBox();
            double x = box.x + box.width / 2, y = box.y + box.height / 2;
            page.mouse().move(x, y);
            page.mouse().down();
            page.mouse().move(x + aside, y, new Mouse.MoveOptions().setSteps(5));
            page.mouse().up();
            page.waitForCondition(() -> Math.abs(number(star, "data-x") - before) > .15);
            var seed = page.getByLabel("Seed of the scene");
            var first = seed.inputValue();
            seed.fill("90");
            seed.press("Enter");
            page.waitForCondition(
                    () -> page.locator(".stage").getAttribute("data-seed").equals("90"));
            seed.fill(first);
            seed.press("Enter");
            page.waitForCondition(() -> Math.abs(number(star, "data-x") - before) < 1e-6);
            seed.fill("four");
            assertThat(page.getByText("A seed is a whole number")).isVisible();
        }
    }

    @Test
    void aBlockThatIsLetGoBesideTheTableLiesAtItsEdge(Browser browser) {
        try (var visit = Visit.desk(browser, studio.address())) {
            var page = visit.page();
            var star = page.locator("[data-block='red star']");
            var top = star.locator("path").last().boundingBox();
            var stage = page.locator(".stage").boundingBox();
            double middle = stage.y + stage.height / 2;
            page.mouse().move(top.x + top.width / 2, top.y + top.height / 2);
            page.mouse().down();
            page.mouse().move(stage.x - 40, middle, new Mouse.MoveOptions().setSteps(12));
            page.mouse().up();
            page.waitForCondition(() -> number(star, "data-x") < .1);
            // once let go, it does not follow the mouse
            page.mouse().move(stage.x + stage.width / 2, middle);
            assertThat(page.locator(".stage.moving")).hasCount(0);
            page.keyboard().press(".");
            assertThat(page.locator("[data-step='1']")).isVisible();
            assertThat(star).hasAttribute("data-x", Pattern.compile("0\\.0\\d+"));
        }
    }

    @Test
    void theKeyboardAloneSuffices(Browser browser) {
        try (var visit = Visit.desk(browser, studio.address())) {
            var page = visit.page();
            assertThat(page.locator(".stage")).isVisible();
            page.keyboard().press("?");
            assertThat(page.getByRole(AriaRole.DIALOG)).isVisible();
            visit.picture("keyboard");
            page.keyboard().press("Escape");
            assertThat(page.getByRole(AriaRole.DIALOG)).isHidden();
            page.keyboard().press("/");
            assertThat(instruction(page)).isFocused();
            page.keyboard().type("press the button");
            page.keyboard().press("Enter");
            page.keyboard().press("Escape");
            assertThat(page.locator(".banner")).containsText("Done in");
            page.keyboard().press("r");
            assertThat(page.locator(".banner")).hasCount(0);
            page.keyboard().press(".");
            assertThat(page.locator("[data-step]")).hasAttribute("data-step", "1");
            page.keyboard().press("Space");
            assertThat(page.locator(".banner")).containsText("Done in");
            var star = page.locator("[data-block='red star']");
            double before = number(star, "data-x");
            star.focus();
            page.keyboard().press(before < .5 ? "ArrowRight" : "ArrowLeft");
            page.waitForCondition(() -> Math.abs(number(star, "data-x") - before) > .01);
            page.keyboard().press("2");
            assertThat(
                            page.getByRole(
                                    AriaRole.HEADING,
                                    new Page.GetByRoleOptions().setName("Runs").setExact(true)))
                    .isVisible();
        }
    }

    @Test
    void thePageFollowsTheSystemIntoTheDarkUnlessToldOtherwise(Browser browser) {
        try (var visit = Visit.night(browser, studio.address())) {
            var page = visit.page();
            assertThat(page.locator(".stage")).isVisible();
            assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
            visit.picture("tabletop-dark");
            page.getByRole(AriaRole.RADIO, new Page.GetByRoleOptions().setName("light theme"))
                    .click();
            assertThat(page.locator("html")).hasAttribute("data-theme", "light");
            page.reload();
            assertThat(page.locator("html")).hasAttribute("data-theme", "light");
        }
    }

    @Test
    void everyPageFitsOnAPhone(Browser browser) {
        try (var visit = Visit.phone(browser, studio.address())) {
            var page = visit.page();
            assertThat(page.locator(".stage")).isVisible();
            visit.fits();
            visit.picture("tabletop-phone");
            for (var name : new String[] {"Runs", "Episodes", "Data"}) {
                page.getByRole(
                                AriaRole.LINK,
                                new Page.GetByRoleOptions().setName(Pattern.compile("^" + name)))
                        .tap();
                assertThat(page.locator(".empty")).isVisible();
                visit.fits();
            }
        }
    }
}
