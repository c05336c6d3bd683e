package dev.orrery.verify.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
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
class PolicyPageTest {

    private static Studio studio;

    @BeforeAll
    static void open(@TempDir Path folder) {
        studio =
                Studio.start(
                        new StudioOptions(
                                0,
                                folder.resolve("runs"),
                                folder.resolve("data"),
                                new FakePolicies()));
    }

    @AfterAll
    static void close() {
        studio.close();
    }

    private static double height(Page page) {
        return Double.parseDouble(page.locator(".gripper").getAttribute("data-z"));
    }

    /// Lets whoever acts take one more step, and waits until it is drawn.
    private static void step(Page page, int number) {
        page.keyboard().press(".");
        assertThat(page.locator("[data-step='" + number + "']")).isVisible();
    }

    private static void choose(Page page, String policy) {
        page.locator("#policy").selectOption(policy);
        page.locator("#policy").blur();
    }

    @Test
    void aPolicyOfAnotherStepTakesOverInTheMiddleOfAnEpisode(Browser browser) {
        try (var visit = Visit.desk(browser, studio.address("run/up"))) {
            var page = visit.page();
            assertThat(page.locator("#policy")).hasValue("run/up");
            double start = height(page);
            step(page, 1);
            assertThat(page.locator(".chunk circle")).hasCount(5);
            assertThat(page.locator(".chunk circle:not(.outlook)")).hasCount(1);
            step(page, 2);
            assertThat(page.locator(".chunk circle:not(.outlook)")).hasCount(0);
            assertThat(page.locator(".latency")).hasAttribute("data-count", "1");
            double high = height(page);
            assertThat(high).isGreaterThan(start);
            var episode = page.locator(".tabletop").getAttribute("data-episode");
            choose(page, "run/down");
            assertThat(page.locator(".panel .muted").first()).containsText("trained by pi0");
            step(page, 3);
            assertThat(height(page)).isLessThan(high);
            assertThat(page.locator(".tabletop")).hasAttribute("data-episode", episode);
            assertThat(page.locator(".latency")).hasAttribute("data-count", "1");
            assertThat(page.locator(".latency")).containsText(Pattern.compile("p95\\s*[0-9.]+ ms"));
            assertThat(page.url()).contains("policy=run%2Fdown");
        }
    }

    @Test
    void aPolicyThatBreaksIsNamedAndAnotherGoesOn(Browser browser) {
        try (var visit = Visit.desk(browser, studio.address("run/nan"))) {
            var page = visit.page();
            assertThat(page.locator("#policy")).hasValue("run/nan");
            page.keyboard().press("Space");
            assertThat(page.locator(".banner.bad")).containsText("run, step 400 failed at step 2");
            assertThat(page.locator(".banner.bad"))
                    .containsText("Its action was not a number (Δx is NaN).");
            visit.picture("tabletop-broken-policy");
            choose(page, "run/gone");
            assertThat(page.locator(".toast")).containsText("The file of run/gone was deleted");
            assertThat(page.locator("#policy")).hasValue("run/nan");
            choose(page, "run/up");
            assertThat(page.locator(".banner")).hasCount(0);
            step(page, 1);
        }
    }

    @Test
    void thePageSaysWhatThePolicyKnowsAndDoubtsTheRest(Browser browser) {
        try (var visit = Visit.desk(browser, studio.address("run/up"))) {
            var page = visit.page();
            assertThat(page.locator("[data-family=pick]")).containsText("30 %");
            assertThat(page.locator(".skill")).containsText("Never trained to push a block");
            for (var example : page.locator(".chips .chip").allInnerTexts()) {
                assertThat(example).matches("(move to|press|pick up) .*");
            }
            assertThat(page.locator(".doubt")).containsText("never trained to put a block in");
            page.locator("#instruction").fill("pick up the red star");
            page.locator("#instruction").press("Enter");
            assertThat(page.locator(".doubt")).containsText("in 30 % of its test episodes");
            page.keyboard().press("Escape");
            page.keyboard().press("Space");
            visit.picture("tabletop-skill");
            page.locator("#instruction").fill("press the button");
            page.locator("#instruction").press("Enter");
            assertThat(page.locator(".doubt")).hasCount(0);
        }
    }
}
