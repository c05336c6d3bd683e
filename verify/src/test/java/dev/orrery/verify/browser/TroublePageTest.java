package dev.orrery.verify.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import dev.orrery.data.lerobot.Dtype;
import dev.orrery.data.lerobot.EpisodeFolder;
import dev.orrery.data.lerobot.LeRobotWriter;
import dev.orrery.env.Rollout;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.studio.Studio;
import dev.orrery.studio.StudioOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What goes wrong around a page that is open.
@Tag("browser")
@ExtendWith(Chromium.class)
class TroublePageTest {

    @TempDir Path folder;

    private Studio studio(int port) {
        return Studio.start(
                new StudioOptions(
                        port, folder.resolve("runs"), folder.resolve("data"), new FakePolicies()));
    }

    @Test
    void aServerThatWentAwayIsReportedAndThePageGoesOnWhenItIsBack(Browser browser) {
        var first = studio(0);
        int port = first.port();
        try (var visit = Visit.desk(browser, first.address("run/down"))) {
            visit.expect(
                    "ERR_CONNECTION_REFUSED|WebSocket|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET");
            var page = visit.page();
            assertThat(page.locator("#policy")).hasValue("run/down");
            page.locator("#seed").fill("77");
            page.locator("#seed").press("Enter");
            assertThat(page.locator(".stage")).hasAttribute("data-seed", "77");
            var star = page.locator("[data-block='red star']").getAttribute("data-x");
            first.close();
            assertThat(page.locator(".gone")).containsText("studio --port " + port);
            assertThat(page.locator(".pill").first()).hasText("Connection lost, trying again");
            visit.picture("server-gone");
            try (var _ = studio(port)) {
                assertThat(page.locator(".gone")).hasCount(0);
                assertThat(page.locator(".toast").last()).containsText("Connected again");
                assertThat(page.locator("#policy")).hasValue("run/down");
                assertThat(page.locator(".stage")).hasAttribute("data-seed", "77");
                assertThat(page.locator("[data-block='red star']")).hasAttribute("data-x", star);
                page.locator("#seed").blur();
                page.keyboard().press(".");
                assertThat(page.locator("[data-step='1']")).isVisible();
            }
        }
    }

    @Test
    void twoStudiosWorkBesideEachOther(Browser browser) {
        try (var one = studio(0);
                var other = studio(0);
                var here = Visit.desk(browser, one.address());
                var there = Visit.desk(browser, other.address())) {
            for (var visit : List.of(here, there)) {
                var page = visit.page();
                page.locator("#instruction").fill("press the button");
                page.locator("#instruction").press("Enter");
            }
            assertThat(here.page().locator(".banner")).containsText("Done in");
            assertThat(there.page().locator(".banner")).containsText("Done in");
        }
    }

    @Test
    void aRunThatIsDeletedWhileItIsShownLeavesASentence(Browser browser) throws IOException {
        var run = folder.resolve("runs/doomed");
        SampleRuns.train(folder.resolve("runs"), run.getFileName().toString(), 1e-3, 1).close();
        try (var studio = studio(0);
                var visit = Visit.desk(browser, studio.address() + "#/runs?run=doomed")) {
            var page = visit.page();
            assertThat(page.locator("[data-tag=loss] canvas")).isVisible();
            try (var files = Files.walk(run)) {
                for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
            assertThat(page.getByText("No runs yet")).isVisible();
        }
    }

    @Test
    void aDamagedLogIsShownAsFarAsItCanBeRead(Browser browser) throws IOException {
        var run = folder.resolve("runs/torn");
        SampleRuns.train(folder.resolve("runs"), run.getFileName().toString(), 1e-3, 1).close();
        Files.writeString(
                run.resolve("metrics.jsonl"),
                "{\"step\":1,\"lo\u0000\u0000\n{\"step\":2,\"time\":1,\"loss\":0.5}\n",
                StandardOpenOption.APPEND);
        try (var studio = studio(0);
                var visit = Visit.desk(browser, studio.address() + "#/runs?run=torn")) {
            var page = visit.page();
            assertThat(page.getByText("1 line of metrics.jsonl of run torn cannot be read"))
                    .isVisible();
            assertThat(page.locator("[data-tag=loss]")).hasAttribute("data-points", "2");
        }
    }

    @Test
    void aDataSetThatIsNotThereIsNotTakenForAnother(Browser browser) throws IOException {
        record(folder.resolve("data/table"), Dtype.IMAGE);
        try (var studio = studio(0);
                var visit = Visit.desk(browser, studio.address() + "#/episodes?set=gone")) {
            visit.expect("404");
            var page = visit.page();
            assertThat(page.locator(".problem")).containsText("There is no data set “gone”");
            page.getByText("Show those that can be watched").click();
            assertThat(page.locator("#set")).hasValue("table");
            page.navigate(studio.address() + "#/data?set=gone");
            assertThat(page.locator(".problem")).containsText("there is no data set 'gone'");
            assertThat(page.getByText("Watch", new Page.GetByTextOptions().setExact(true)))
                    .hasCount(0);
        }
    }

    @Test
    void anEpisodeOfVeryManyNumbersIsDrawn(Browser browser) throws IOException {
        record(folder.resolve("data/table"), Dtype.IMAGE);
        var row = "1,2,".repeat(65_000) + "3";
        var film =
                """
                {"length":130001,"fps":50,"instruction":"wait","cameras":[],"success":null,
                 "tracks":[{"name":"action","labels":["x"],"values":[[%s]]}],
                 "set":"table","episode":0,"stamp":1}\
                """
                        .formatted(row);
        try (var studio = studio(0);
                var visit = Visit.desk(browser, studio.address())) {
            var page = visit.page();
            page.route(
                    "**/api/data/episode?*",
                    route ->
                            route.fulfill(
                                    new Route.FulfillOptions()
                                            .setContentType("application/json")
                                            .setBody(film)));
            page.navigate(studio.address() + "#/episodes");
            assertThat(page.locator("[data-track=action] svg"))
                    .hasAttribute("aria-label", "action over time, between 1 and 3");
        }
    }

    @Test
    void aPageThatBreaksSaysSoAndLeavesTheOthersOpen(Browser browser) {
        try (var studio = studio(0);
                var visit = Visit.desk(browser, studio.address())) {
            visit.expect("TypeError");
            var page = visit.page();
            page.route(
                    "**/api/data",
                    route ->
                            route.fulfill(
                                    new Route.FulfillOptions()
                                            .setContentType("application/json")
                                            .setBody("{\"sets\":[null]}")));
            page.navigate(studio.address() + "#/data");
            assertThat(page.locator(".problem")).containsText("This page broke");
            page.locator(".nav a", new Page.LocatorOptions().setHasText("Runs")).click();
            assertThat(page.getByText("No runs yet")).isVisible();
            page.unroute("**/api/data");
            page.locator(".nav a", new Page.LocatorOptions().setHasText("Data")).click();
            assertThat(page.getByText("No data sets here yet")).isVisible();
        }
    }

    private static void record(Path set, Dtype pictures) throws IOException {
        var episode = Rollout.run(new Tabletop(List.of(Family.BUTTON)), Tabletop.expert(), 1);
        var features = EpisodeFolder.features(episode, pictures);
        try (var writer =
                LeRobotWriter.create(set, LeRobotWriter.Settings.v3(10, "table", features))) {
            EpisodeFolder.add(writer, episode);
        }
    }

    @Test
    void anEpisodeWhoseVideoIsMissingIsPlayedByItsNumbers(Browser browser) throws IOException {
        var set = folder.resolve("data/blind");
        var episode = Rollout.run(new Tabletop(List.of(Family.BUTTON)), Tabletop.expert(), 1);
        var features = EpisodeFolder.features(episode, Dtype.VIDEO);
        try (var writer =
                LeRobotWriter.create(set, LeRobotWriter.Settings.v3(10, "table", features))) {
            EpisodeFolder.add(writer, episode);
        }
        try (var files = Files.walk(set.resolve("videos"))) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
        try (var studio = studio(0);
                var visit = Visit.desk(browser, studio.address() + "#/episodes?set=blind")) {
            visit.expect("404");
            var page = visit.page();
            assertThat(page.locator(".lost").first()).containsText("No picture from this camera");
            assertThat(page.locator(".lost").first()).containsText(".mp4");
            page.keyboard().press("End");
            assertThat(page.locator(".film"))
                    .hasAttribute("data-frame", String.valueOf(episode.frames().size() - 1));
            assertThat(page.locator(".track").first()).containsText("observation.state");
            visit.picture("episode-without-video");
        }
    }
}
