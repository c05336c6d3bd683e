package dev.orrery.verify.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import dev.orrery.env.Film;
import dev.orrery.env.Image;
import dev.orrery.studio.PolicySource;
import dev.orrery.studio.Studio;
import dev.orrery.studio.StudioOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Makes `docs/howto/studio/studio.gif`: the scripted expert stacks two blocks, step by step.
@Tag("browser")
@Tag("slow")
@ExtendWith(Chromium.class)
class StudioFilmTest {

    private static final int REST = 12, MOST_BYTES = 700_000;

    @Test
    void theStudioIsFilmedAtWork(Browser browser, @TempDir Path folder) throws IOException {
        var options =
                new StudioOptions(
                        0, folder.resolve("runs"), folder.resolve("data"), PolicySource.none());
        var frames = new ArrayList<Image>();
        try (var studio = Studio.start(options);
                var visit = Visit.film(browser, studio.address())) {
            var page = visit.page();
            page.locator("#instruction").fill("stack the red star on the red cube");
            frames.add(picture(page));
            page.locator("#instruction").press("Enter");
            page.locator("#instruction").blur();
            assertThat(page.locator(".banner")).containsText("Done in");
            page.keyboard().press("r");
            assertThat(page.locator("[data-step='0']")).isVisible();
            int step = 0;
            while (page.locator(".banner").count() == 0) {
                page.keyboard().press(".");
                assertThat(page.locator("[data-step='" + ++step + "']")).isVisible();
                frames.add(picture(page));
            }
            for (int i = 0; i < REST; i++) {
                frames.add(frames.getLast());
            }
        }
        var file = Path.of("target", "screenshots", "studio.gif");
        Film.gif(file, frames, 100);
        assertThat(Files.size(file)).isLessThan(MOST_BYTES);
    }

    private static Image picture(Page page) throws IOException {
        return Image.of(ImageIO.read(new ByteArrayInputStream(page.screenshot())));
    }
}
