package dev.orrery.verify.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

/// One look at a page. Closing it fails if the page wrote an error to its console.
final class Visit implements AutoCloseable {

    private static final Path SCREENSHOTS = Path.of("target", "screenshots");

    /// What a browser remembers that has been here before.
    private static final String MET = "localStorage.setItem('orrery.met', '1')";

    private static final double PATIENCE = 60_000;

    private final BrowserContext context;
    private final Page page;
    private final List<String> errors = new CopyOnWriteArrayList<>();

    private Pattern expected = Pattern.compile("(?!)");

    private Visit(Browser browser, Browser.NewContextOptions options, String address) {
        this(browser, options, address, ReducedMotion.NO_PREFERENCE, MET);
    }

    private Visit(
            Browser browser,
            Browser.NewContextOptions options,
            String address,
            ReducedMotion motion,
            String before) {
        context = browser.newContext(options.setReducedMotion(motion));
        context.addInitScript(before);
        page = context.newPage();
        page.setDefaultTimeout(PATIENCE);
        com.microsoft.playwright.assertions.PlaywrightAssertions.setDefaultAssertionTimeout(
                PATIENCE);
        page.onPageError(errors::add);
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                errors.add(message.text());
            }
        });
        page.navigate(address);
    }

    /// On a desk: 1440 by 900, light.
    static Visit desk(Browser browser, String address) {
        return new Visit(
                browser,
                new Browser.NewContextOptions()
                        .setViewportSize(1440, 900)
                        .setColorScheme(ColorScheme.LIGHT),
                address);
    }

    /// On a desk, for the first time.
    static Visit first(Browser browser, String address) {
        return new Visit(
                browser,
                new Browser.NewContextOptions().setViewportSize(1440, 900),
                address,
                ReducedMotion.NO_PREFERENCE,
                "");
    }

    /// On a desk where the system prefers dark.
    static Visit night(Browser browser, String address) {
        return new Visit(
                browser,
                new Browser.NewContextOptions()
                        .setViewportSize(1440, 900)
                        .setColorScheme(ColorScheme.DARK),
                address);
    }

    /// On a desk that is small enough for a film, where nothing moves by itself.
    static Visit film(Browser browser, String address) {
        return new Visit(
                browser,
                new Browser.NewContextOptions()
                        .setViewportSize(1080, 760)
                        .setColorScheme(ColorScheme.LIGHT),
                address,
                ReducedMotion.REDUCE,
                MET);
    }

    /// On a phone: 390 by 844 with touch.
    static Visit phone(Browser browser, String address) {
        return new Visit(
                browser,
                new Browser.NewContextOptions()
                        .setViewportSize(390, 844)
                        .setDeviceScaleFactor(2)
                        .setHasTouch(true)
                        .setIsMobile(true)
                        .setColorScheme(ColorScheme.LIGHT),
                address);
    }

    Page page() {
        return page;
    }

    /// Errors in the console that contain a match are what the test is about.
    void expect(String errors) {
        expected = Pattern.compile(errors);
    }

    /// Keeps a picture of the page as output of the test, without the names of temporary folders.
    void picture(String name) {
        folders("hidden");
        page.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name + ".png")));
        folders("");
    }

    private void folders(String visibility) {
        page.evaluate(
                "v => document.querySelectorAll('.page > header .mono').forEach(e => { e.style.visibility = v })",
                visibility);
    }

    /// Fails if the page is wider than its window.
    void fits() {
        var over =
                page.evaluate(
                        "document.scrollingElement.scrollWidth - document.documentElement.clientWidth");
        assertThat(((Number) over).intValue())
                .as("pixels beyond the window")
                .isLessThanOrEqualTo(0);
    }

    @Override
    public void close() {
        context.close();
        assertThat(errors)
                .as("errors in the console")
                .allMatch(error -> expected.matcher(error).find());
    }
}
