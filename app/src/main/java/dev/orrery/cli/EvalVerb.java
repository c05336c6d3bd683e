package dev.orrery.cli;

import dev.orrery.catalog.Catalog;
import dev.orrery.run.Recipe;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "eval",
        description = "Measure the model that a run saved.",
        mixinStandardHelpOptions = true)
final class EvalVerb implements Callable<Integer> {

    @Mixin private Console console;
    @Mixin private RunChoice choice;

    @Parameters(paramLabel = "SYSTEM", description = "A system; see: orrery list")
    private String system;

    @Override
    public Integer call() {
        return switch (Catalog.ready(system).recipe()) {
            case Recipe.Evaluates<?> recipe -> evaluate(recipe);
            case Recipe<?> _ ->
                    throw new IllegalArgumentException(
                            "%s measures only while training; see its report.json"
                                    .formatted(system));
        };
    }

    private <C extends Record> int evaluate(Recipe.Evaluates<C> recipe) {
        try (var run = choice.reopen(recipe);
                var _ = Interrupt.stops(run)) {
            var report = recipe.evaluate(RunOptions.config(recipe, run), run);
            run.write("eval.json", report.metrics());
            run.progress().end();
            TrainVerb.print(console, run, report);
            return Main.DONE;
        }
    }
}
