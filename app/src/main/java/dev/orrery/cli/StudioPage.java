package dev.orrery.cli;

import dev.orrery.studio.Dreaming;
import dev.orrery.studio.RunDreams;
import dev.orrery.studio.RunPolicies;
import dev.orrery.studio.Studio;
import dev.orrery.studio.StudioOptions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// The page of one run: a studio over the folder that the run lies in, served until the process
/// ends.
///
/// @param run the run's folder, absolute
/// @param port the port to listen on, 0 for any free one
record StudioPage(Path run, int port) {

    /// Serves the page and opens it in the desktop's browser.
    ///
    /// @param address where in the studio the run is shown
    /// @param invitation the words before the address, such as `Play at`
    /// @param say told address, port and run, and the sentence
    /// @throws IllegalArgumentException if the port is in use
    void serve(
            Function<Studio, String> address,
            String invitation,
            BiConsumer<Map<String, Object>, String> say)
            throws InterruptedException {
        try (var studio = Studio.start(options(port))) {
            serve(studio, address, invitation, say);
        }
    }

    /// As [#serve], but on any free port where the wanted one is in use: for a run that has just
    /// been trained, as nobody wants to train again.
    void serveAnywhere(
            Function<Studio, String> address,
            String invitation,
            Console console,
            BiConsumer<Map<String, Object>, String> say)
            throws InterruptedException {
        try (var studio = start(console)) {
            serve(studio, address, invitation, say);
        }
    }

    private Studio start(Console console) {
        try {
            return Studio.start(options(port));
        } catch (IllegalArgumentException _) {
            console.warn("port %d is in use; the page gets another".formatted(port));
            return Studio.start(options(0));
        }
    }

    private StudioOptions options(int at) {
        var runs = Optional.ofNullable(run.getParent()).orElse(run);
        return new StudioOptions(
                at,
                runs,
                RunOptions.runs().resolveSibling("datasets"),
                new RunPolicies(runs),
                Dreaming.of(new RunDreams(runs)));
    }

    private void serve(
            Studio studio,
            Function<Studio, String> address,
            String invitation,
            BiConsumer<Map<String, Object>, String> say)
            throws InterruptedException {
        var page = address.apply(studio);
        var view = new LinkedHashMap<String, Object>();
        view.put("address", page);
        view.put("port", studio.port());
        view.put("run", run.toString());
        say.accept(view, "%s %s (this machine only; Ctrl-C ends it)".formatted(invitation, page));
        Desktop.open(page);
        new CountDownLatch(1).await();
    }

    /// The run's name in the studio.
    String id() {
        return run.getFileName().toString();
    }
}
