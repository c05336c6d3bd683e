package dev.orrery.verify.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import dev.orrery.data.media.Png;
import dev.orrery.env.Image;
import dev.orrery.studio.Dreaming;
import dev.orrery.studio.PolicySource;
import dev.orrery.studio.Studio;
import dev.orrery.studio.StudioOptions;
import dev.orrery.worldmodel.play.Sampling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("browser")
@ExtendWith(Chromium.class)
class DreamPageTest {

    /// Milliseconds in which a frame that was asked for comes, on a machine that is not overloaded.
    private static final double SETTLED = 500;

    private static Studio studio;

    @BeforeAll
    static void open(@TempDir Path folder) {
        studio =
                Studio.start(
                        new StudioOptions(
                                0,
                                folder.resolve("runs"),
                                folder.resolve("data"),
                                PolicySource.none(),
                                Dreaming.of(new WorldDreams())));
    }

    @AfterAll
    static void close() {
        studio.close();
    }

    private static String address() {
        return studio.dreamAddress("world", new Sampling(4, 1.5));
    }

    /// The pixels of the dream, or of the world beside it.
    private static String pixels(Page page, int canvas) {
        return (String)
                page.evaluate(
                        "i => document.querySelectorAll('.dreamed canvas')[i].toDataURL()", canvas);
    }

    private static void awaitFrame(Page page, int number) {
        page.waitForFunction(
                "n => Number(document.querySelector('.dream')?.dataset.frame) >= n", number);
    }

    private static void frozenAt(Page page, int number) {
        assertThat(page.locator(".dream[data-frame='%d']".formatted(number))).isVisible();
    }

    /// Freezes the dream and waits until no frame is on its way any more: one that was asked for
    /// before still comes.
    ///
    /// @return the number of the last frame
    private static int freeze(Page page) {
        page.keyboard().press("f");
        assertThat(page.locator(".dream[data-running=false]")).isVisible();
        int last = -1;
        for (int now = frame(page); now != last; now = frame(page)) {
            last = now;
            page.waitForTimeout(SETTLED);
        }
        return last;
    }

    private static void button(Page page, String name) {
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name)).click();
    }

    /// Holds a key for some frames, then freezes the dream and returns what it shows.
    private static String held(Page page, String key, int frames) {
        page.keyboard().press("r");
        frozenAt(page, 0);
        page.keyboard().down(key);
        awaitFrame(page, frames);
        page.keyboard().up(key);
        freeze(page);
        return pixels(page, 0);
    }

    @Test
    void eachKeyMakesItsOwnPictureAndTheWorldBesideFollows(Browser browser) {
        try (var visit = Visit.desk(browser, address())) {
            var page = visit.page();
            frozenAt(page, 0);
            assertThat(page.locator(".figures")).containsText("MaskGIT steps4");
            assertThat(page.locator(".begin")).isVisible();
            var start = pixels(page, 0);
            assertThat(pixels(page, 1)).isEqualTo(start);
            var seen = new ArrayList<String>();
            for (var key : new String[] {"ArrowRight", "0", "3"}) {
                seen.add(held(page, key, 4));
                assertThat(pixels(page, 1)).as("the world under " + key).isEqualTo(seen.getLast());
            }
            assertThat(seen).doesNotContain(start).doesNotHaveDuplicates();
            held(page, "ArrowRight", 12);
            visit.picture("dream");
        }
    }

    @Test
    void noKeyIsTheIdleCodeAndATapCountsOnce(Browser browser) {
        try (var visit = Visit.desk(browser, address())) {
            var page = visit.page();
            frozenAt(page, 0);
            page.keyboard().press("ArrowRight");
            awaitFrame(page, 2);
            assertThat(page.locator(".dream[data-code='%d']".formatted(WorldDreams.IDLE)))
                    .isVisible();
            int before = freeze(page);
            page.keyboard().press(".");
            frozenAt(page, before + 1);
            page.keyboard().press("5");
            awaitFrame(page, before + 2);
            assertThat(page.url()).contains("#/dream");
        }
    }

    @Test
    void aTapDuringASlowFrameCounts(Browser browser) {
        var slow = new Sampling(WorldDreams.SLOW_STEPS, 1);
        try (var visit = Visit.desk(browser, studio.dreamAddress("world", slow))) {
            var page = visit.page();
            frozenAt(page, 0);
            page.keyboard().press("ArrowRight");
            awaitFrame(page, 2);
            page.waitForTimeout(200);
            page.keyboard().press("0");
            assertThat(page.locator(".dream[data-code='0']")).isVisible();
            assertThat(page.locator(".figures")).not().containsText("fps0.0");
        }
    }

    private static int frame(Page page) {
        return Integer.parseInt(page.locator(".dream").getAttribute("data-frame"));
    }

    @Test
    void aHeldKeyRepeatsTenTimesASecond(Browser browser) {
        try (var visit = Visit.desk(browser, address())) {
            var page = visit.page();
            frozenAt(page, 0);
            long before = System.nanoTime();
            page.keyboard().down("2");
            awaitFrame(page, 20);
            double seconds = (System.nanoTime() - before) / 1e9;
            page.keyboard().up("2");
            assertThat(seconds).as("two seconds at ten frames a second").isGreaterThan(1.8);
        }
    }

    @Test
    void resetNextPromptAndSaving(Browser browser) throws IOException {
        try (var visit = Visit.desk(browser, address())) {
            var page = visit.page();
            frozenAt(page, 0);
            var start = pixels(page, 0);
            held(page, "ArrowRight", 5);
            var download = page.waitForDownload(() -> page.keyboard().press("s"));
            var gif = Files.readAllBytes(download.path());
            assertThat(new String(gif, 0, 3, java.nio.charset.StandardCharsets.US_ASCII))
                    .isEqualTo("GIF");
            assertThat(download.suggestedFilename()).isEqualTo("dream.gif");
            button(page, "Reset");
            frozenAt(page, 0);
            assertThat(pixels(page, 0)).isEqualTo(start);
            page.keyboard().press("p");
            assertThat(page.locator("#dream-prompt")).hasValue("1");
            page.waitForFunction(
                    "old => document.querySelector('.dreamed canvas').toDataURL() !== old", start);
            page.locator("#dream-prompt").selectOption("0");
            page.waitForFunction(
                    "old => document.querySelector('.dreamed canvas').toDataURL() === old", start);
            page.getByLabel("Show the world itself beside the dream").uncheck();
            assertThat(page.locator(".dreamed canvas")).hasCount(1);
        }
    }

    @Test
    void aPictureOfAnotherSizeIsOfferedToBeResized(Browser browser) {
        try (var visit = Visit.desk(browser, address())) {
            var page = visit.page();
            frozenAt(page, 0);
            page.setInputFiles("input[type=file]", picture(100, 50));
            assertThat(page.locator(".offer"))
                    .containsText("100 × 50 pixels; the model sees 64 × 64");
            visit.picture("dream-offer");
            button(page, "Crop and shrink");
            assertThat(page.locator("#dream-prompt")).hasValue("own");
            assertThat(page.locator(".offer")).hasCount(0);
            assertThat(page.locator(".dreamed canvas")).hasCount(1);
            page.waitForResponse(
                    "**/reset?beside=true",
                    () -> page.setInputFiles("input[type=file]", picture(64, 64)));
            assertThat(page.locator(".offer")).hasCount(0);
            var fitting = pixels(page, 0);
            page.keyboard().press("1");
            awaitFrame(page, 1);
            assertThat(pixels(page, 0)).isNotEqualTo(fitting);
            page.setInputFiles(
                    "input[type=file]", new FilePayload("notes.txt", "text/plain", new byte[9]));
            assertThat(page.locator(".toast")).containsText("no picture");
        }
    }

    @Test
    void aPngThatIsDroppedOnTheDreamBeginsIt(Browser browser) {
        try (var visit = Visit.desk(browser, address())) {
            var page = visit.page();
            frozenAt(page, 0);
            var start = pixels(page, 0);
            var png = Base64.getEncoder().encodeToString(picture(64, 64).buffer);
            page.waitForResponse("**/reset?beside=true", () -> drop(page, png));
            assertThat(page.locator("#dream-prompt")).hasValue("own");
            assertThat(page.locator(".dreamed.dropping")).hasCount(0);
            assertThat(page.locator(".dreamed canvas")).hasCount(1);
            assertThat(pixels(page, 0)).isNotEqualTo(start);
        }
    }

    /// Drags a file over the dream and lets it go there.
    private static void drop(Page page, String png) {
        page.evaluate(
                """
                png => {
                  const bytes = Uint8Array.from(atob(png), (c) => c.charCodeAt(0));
                  const dataTransfer = new DataTransfer();
                  dataTransfer.items.add(new File([bytes], 'mine.png', { type: 'image/png' }));
                  const there = document.querySelector('.dreamed');
                  for (const type of ['dragover', 'drop']) {
                    there.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
                  }
                }
                """,
                png);
    }

    private static FilePayload picture(int width, int height) {
        var rgb = new byte[width * height * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i / 3 % width * 2);
        }
        return new FilePayload(
                "mine.png", "image/png", Png.encode(new Image(height, width, rgb), 1));
    }

    @Test
    void theFifthPageIsToldThatFourArePlaying(Browser browser) {
        var open = new ArrayList<Visit>();
        try (var visit = Visit.desk(browser, studio.address() + "#/runs")) {
            for (int i = 0; i < Dreaming.SESSIONS; i++) {
                open.add(Visit.desk(browser, address()));
                frozenAt(open.getLast().page(), 0);
            }
            visit.expect("503");
            var page = visit.page();
            page.navigate(address());
            assertThat(page.locator(".problem"))
                    .containsText("4 dreams are being played already, and no more at once");
            open.removeLast().close();
            // the page that left gives its place up in its own time, and the button goes with it
            for (int i = 0; i < 80 && page.locator(".dream").count() == 0; i++) {
                page.locator("button:has-text('Try again')")
                        .evaluateAll("buttons => buttons.forEach(button => button.click())");
                page.waitForTimeout(250);
            }
            frozenAt(page, 0);
        } finally {
            open.forEach(Visit::close);
        }
    }

    @Test
    void aPhoneHasButtonsForThumbs(Browser browser) {
        try (var visit = Visit.phone(browser, address())) {
            var page = visit.page();
            frozenAt(page, 0);
            visit.fits();
            visit.picture("dream-phone");
            var right =
                    page.locator(".pads")
                            .getByRole(
                                    AriaRole.BUTTON,
                                    new com.microsoft.playwright.Locator.GetByRoleOptions()
                                            .setName("Right"));
            right.dispatchEvent("pointerdown");
            assertThat(page.locator(".dream[data-code='%d']".formatted(WorldDreams.RIGHT)))
                    .isVisible();
            right.dispatchEvent("pointerup");
            assertThat(page.locator(".dream[data-code='%d']".formatted(WorldDreams.IDLE)))
                    .isVisible();
        }
    }

    @Test
    void aPhoneHasAButtonForEachCodeThatNobodyMeasured(Browser browser, @TempDir Path folder) {
        var dreams = Dreaming.of(new WorldDreams(false));
        var options =
                new StudioOptions(0, folder, folder.resolve("data"), PolicySource.none(), dreams);
        try (var unmeasured = Studio.start(options);
                var visit =
                        Visit.phone(
                                browser, unmeasured.dreamAddress("world", new Sampling(4, 1.5)))) {
            var page = visit.page();
            frozenAt(page, 0);
            visit.fits();
            visit.picture("dream-phone-unmeasured");
            var pads = page.locator(".pads button");
            assertThat(pads).hasCount(8);
            var at = pads.nth(WorldDreams.RIGHT).boundingBox();
            page.touchscreen().tap(at.x + at.width / 2, at.y + at.height / 2);
            awaitFrame(page, 2);
            pads.nth(WorldDreams.LEFT).dispatchEvent("pointerdown");
            assertThat(page.locator(".dream[data-code='%d']".formatted(WorldDreams.LEFT)))
                    .isVisible();
            pads.nth(WorldDreams.LEFT).dispatchEvent("pointerup");
            page.keyboard().down("" + WorldDreams.RIGHT);
            assertThat(page.locator(".dream[data-code='%d']".formatted(WorldDreams.RIGHT)))
                    .isVisible();
        }
    }

    @Test
    void withoutModelsThePageSaysHowToGetOne(Browser browser, @TempDir Path folder) {
        try (var bare =
                        Studio.start(
                                new StudioOptions(
                                        0, folder, folder.resolve("data"), PolicySource.none()));
                var visit = Visit.night(browser, bare.address() + "#/dream")) {
            assertThat(visit.page().locator(".empty")).containsText("train genie");
            visit.page().navigate(bare.address() + "#/dream?run=gone");
            assertThat(visit.page().locator(".empty")).isVisible();
        }
    }

    @Test
    void theDarkPageIsKept(Browser browser) {
        try (var visit = Visit.night(browser, address())) {
            frozenAt(visit.page(), 0);
            visit.picture("dream-night");
        }
    }
}
