package dev.orrery.cli;

import dev.orrery.catalog.Catalog;
import dev.orrery.run.Recipe;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "generate",
        description = "Let the model that a run saved make something.",
        mixinStandardHelpOptions = true)
final class GenerateVerb implements Callable<Integer> {

    @Mixin private Console console;
    @Mixin private RunChoice choice;

    @Parameters(index = "0", paramLabel = "SYSTEM", description = "A system; see: orrery list")
    private String system;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "PROMPT",
            defaultValue = "",
            description = "What to make; of genie the keys of a film, such as: 'right*12, jump*3'")
    private String prompt;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where to; RUN/generated if not given.")
    private Optional<Path> out = Optional.empty();

    @Override
    public Integer call() {
        return switch (Catalog.ready(system).recipe()) {
            case Recipe.Generates<?> recipe -> generate(recipe);
            case Recipe<?> _ ->
                    throw new IllegalArgumentException("%s generates nothing".formatted(system));
        };
    }

    private <C extends Record> int generate(Recipe.Generates<C> recipe) {
        try (var run = choice.reopen(recipe)) {
            var to = Place.folder("--out", out.orElse(run.folder().resolve("generated")));
            var report = recipe.generate(RunOptions.config(recipe, run), run, prompt, to);
            run.progress().end();
            TrainVerb.print(console, run, report);
            return Main.DONE;
        }
    }
}
