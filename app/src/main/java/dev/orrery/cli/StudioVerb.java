package dev.orrery.cli;

import dev.orrery.studio.Dreaming;
import dev.orrery.studio.RunDreams;
import dev.orrery.studio.RunPolicies;
import dev.orrery.studio.Studio;
import dev.orrery.studio.StudioOptions;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "studio",
        description =
                "Open the studio in a browser: runs, episodes, data sets, live tabletop, dreams.",
        mixinStandardHelpOptions = true)
final class StudioVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Port on this machine, 0 for any free one; default ${DEFAULT-VALUE}.",
            defaultValue = "" + StudioOptions.PORT)
    private int port;

    @Option(names = "--runs", paramLabel = "DIR", description = "Folder of runs; default runs.")
    private Optional<Path> runs = Optional.empty();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Folder of data sets; demonstrations are saved there; default datasets.")
    private Optional<Path> data = Optional.empty();

    @Override
    public Integer call() throws InterruptedException {
        var runFolder = runs.orElseGet(RunOptions::runs);
        var dataFolder = data.orElseGet(() -> RunOptions.runs().resolveSibling("datasets"));
        var options =
                new StudioOptions(
                        port,
                        runFolder,
                        dataFolder,
                        new RunPolicies(runFolder),
                        Dreaming.of(new RunDreams(runFolder)));
        try (var studio = Studio.start(options)) {
            console.result(
                    Map.of("address", studio.address(), "port", studio.port()),
                    "Studio: %s (this machine only; Ctrl-C ends it)".formatted(studio.address()));
            new CountDownLatch(1).await();
        }
        return Main.DONE;
    }
}
