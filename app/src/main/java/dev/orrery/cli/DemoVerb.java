package dev.orrery.cli;

import dev.orrery.catalog.Catalog;
import dev.orrery.run.ConfigBinder;
import dev.orrery.run.Recipe;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.studio.RunPolicies;
import dev.orrery.studio.StudioOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = "Record demonstrations, train a policy on them, and play with it in a page.",
        mixinStandardHelpOptions = true)
final class DemoVerb implements Callable<Integer> {

    private static final String SYSTEM = "pi0", HEADLINE = "success_rate", SMOKE = "smoke";
    private static final double MINUTES = 5, SMOKE_MINUTES = 1.75;
    private static final int MOST_MINUTES = 1440;

    @Mixin private Console console;

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            defaultValue = "demo",
            description = "A preset of pi0; default ${DEFAULT-VALUE}, or smoke for a quick look.")
    private String preset;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of everything random.")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--run-dir",
            paramLabel = "DIR",
            description = "Folder of the run; one that was broken off goes on. Default runs/demo.")
    private Optional<Path> folder = Optional.empty();

    @Option(names = "--headless", description = "Open no page; end with the success rate.")
    private boolean headless;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "" + StudioOptions.PORT,
            description = "Port of the page, 0 for any free one; default ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description =
                    "How long training may take; a slow machine takes fewer steps, a quick one"
                            + " ends sooner. Default 5, or 1.75 for smoke.")
    private Optional<Double> minutes = Optional.empty();

    @Override
    public Integer call() throws InterruptedException {
        var into = folder.orElseGet(() -> RunOptions.runs().resolve("demo"));
        var report = obtain(Catalog.ready(SYSTEM).recipe(), into);
        report(into, report);
        if (!headless) {
            play(into);
        }
        return Main.DONE;
    }

    /// The numbers of the run in a folder: those it ended with, or those of going on with it, or of
    /// a new one.
    private <C extends Record> Report obtain(Recipe<C> recipe, Path into) {
        if (!Files.exists(into.resolve(RunInfo.FILE))) {
            Place.folder("--run-dir", into);
            var request = new ConfigBinder.Request(Optional.of(preset), List.of(), List.of());
            var config = fit(recipe, ConfigBinder.resolve(recipe, request).config());
            var info = RunInfo.now(SYSTEM, preset, seed.orElse(0L), config);
            try (var run = Run.create(into, info, new TerminalProgress())) {
                return train(recipe, config, run);
            }
        }
        requireSame(RunInfo.read(into), into);
        try (var run = Run.reopen(into, new TerminalProgress())) {
            var done = into.resolve("report.json");
            if (Files.exists(done)) {
                run.progress().note("trained already in %s; opening it".formatted(into));
                return stored(done);
            }
            return train(recipe, RunOptions.config(recipe, run), run);
        }
    }

    /// What can be trained in the time that there is.
    private <C extends Record> C fit(Recipe<C> recipe, C config) {
        double wanted = minutes.orElse(preset.equals(SMOKE) ? SMOKE_MINUTES : MINUTES);
        if (!(wanted > 0 && wanted <= MOST_MINUTES)) {
            throw new IllegalArgumentException(
                    "--minutes %s: training takes more than 0 and at most %d minutes"
                            .formatted(wanted, MOST_MINUTES));
        }
        if (!(recipe instanceof Recipe.FitsTime<C> fits)) {
            return config;
        }
        var progress = new TerminalProgress();
        var fitted = fits.fit(config, Duration.ofSeconds(Math.round(60 * wanted)), progress);
        progress.end();
        return fitted;
    }

    private static <C extends Record> Report train(Recipe<C> recipe, C config, Run run) {
        try (var _ = Interrupt.stops(run)) {
            run.progress()
                    .note(
                            "demo in %s, seed %d: 1 record demonstrations, 2 train, 3 evaluate"
                                    .formatted(run.folder(), run.seed()));
            var report = recipe.run(config, run);
            run.finish(report);
            run.progress().end();
            return report;
        }
    }

    private void requireSame(RunInfo info, Path into) {
        boolean same =
                info.system().equals(SYSTEM)
                        && info.preset().equals(preset)
                        && seed.map(s -> s == info.seed()).orElse(true);
        if (!same) {
            throw new IllegalArgumentException(
                    "%s holds a run of %s, preset %s, seed %d; choose another --run-dir"
                            .formatted(into, info.system(), info.preset(), info.seed()));
        }
    }

    private static Report stored(Path file) {
        var report = Report.empty();
        for (var entry : ConfigBinder.readObject(file).properties()) {
            report = report.with(entry.getKey(), entry.getValue().asDouble());
        }
        return report;
    }

    private void report(Path into, Report report) {
        var view = new LinkedHashMap<String, Object>();
        view.put("run", into.toString());
        view.put("metrics", report.metrics());
        view.put(HEADLINE, report.get(HEADLINE));
        var rows =
                report.metrics().entrySet().stream()
                        .filter(e -> !e.getKey().equals(HEADLINE))
                        .map(e -> List.of(e.getKey(), "%.4g".formatted(e.getValue())))
                        .toList();
        console.result(
                view,
                "%s%nsuccess rate: %.4f".formatted(Console.table(rows), report.get(HEADLINE)));
    }

    private void play(Path into) throws InterruptedException {
        var run = into.toAbsolutePath().normalize();
        var policies = new RunPolicies(Optional.ofNullable(run.getParent()).orElse(run));
        new StudioPage(run, port)
                .serveAnywhere(
                        studio -> policies.best(run).map(studio::address).orElse(studio.address()),
                        "Play at",
                        console,
                        (_, line) -> console.print(line));
    }
}
