package dev.orrery.cli;

import dev.orrery.env.tabletop.Arm;
import dev.orrery.run.ConfigBinder;
import dev.orrery.serve.TabletopService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "serve",
        description = {
            "Serve the tabletop as an environment: reset, step, and exams on the fixed splits.",
            "Observations have the names that openpi's clients use, so that they can be handed on."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "docs/formats/tabletop-server.md has the protocol and a Python client."})
final class TabletopServeVerb implements Callable<Integer> {

    @Mixin private Console console;
    @Mixin private Listening listening;

    @Option(
            names = "--dof",
            paramLabel = "N",
            description = "Degrees of freedom of the arm, 4 or 7; default ${DEFAULT-VALUE}.",
            defaultValue = "4")
    private int dof;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Keep reports of exams here, as JSON and as pages with films.")
    private Optional<Path> out = Optional.empty();

    @Override
    public Integer call() throws IOException, InterruptedException {
        var service = TabletopService.of(arm(), out, TabletopServeVerb::write);
        return Listening.serve(service, listening.options(), console, "Tabletop");
    }

    private Arm arm() {
        return switch (dof) {
            case 4 -> Arm.FOUR;
            case 7 -> Arm.SEVEN;
            default ->
                    throw new IllegalArgumentException(
                            "--dof %d: the arm has 4 or 7".formatted(dof));
        };
    }

    private static void write(Path file, Object value) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, ConfigBinder.json(value) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
