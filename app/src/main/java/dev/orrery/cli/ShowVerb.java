package dev.orrery.cli;

import dev.orrery.catalog.Catalog;
import dev.orrery.catalog.Entry.Ready;
import dev.orrery.run.ConfigBinder;
import dev.orrery.run.Recipe;
import dev.orrery.run.Trial;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "show",
        description = "Show a system: its presets, its configuration and its claim.",
        mixinStandardHelpOptions = true)
final class ShowVerb implements Callable<Integer> {

    @Mixin private Console console;
    @Mixin private ConfigOptions options;

    @Parameters(paramLabel = "SYSTEM", description = "A system; see: orrery list")
    private String system;

    @Override
    public Integer call() {
        var entry = Catalog.ready(system);
        var resolved = options.resolve(entry.recipe());
        var view = new LinkedHashMap<String, Object>();
        view.put("name", entry.name());
        view.put("summary", entry.summary());
        view.put("verbs", verbs(entry));
        view.put("presets", entry.recipe().presets().keySet());
        view.put("preset", resolved.preset());
        view.put("config", ConfigBinder.tree(resolved.config()));
        entry.claim()
                .ifPresent(c -> view.put("claim", c.trials().stream().map(this::view).toList()));
        console.result(view, text(entry, resolved));
        return Main.DONE;
    }

    private static String text(Ready entry, ConfigBinder.Resolved<?> resolved) {
        var text = new StringBuilder("%s: %s%n".formatted(entry.name(), entry.summary()));
        text.append("verbs    %s%n".formatted(verbs(entry)));
        text.append(
                "presets  %s%n".formatted(String.join(", ", entry.recipe().presets().keySet())));
        text.append("%nconfiguration of preset %s:%n".formatted(resolved.preset()));
        text.append(ConfigBinder.json(resolved.config()));
        entry.claim()
                .ifPresent(claim -> {
                    text.append("%n%nclaim: %s%n".formatted(claim.statement()));
                    for (var trial : claim.trials()) {
                        text.append(
                                "  %s  %s%n      passes: %s%n"
                                        .formatted(
                                                trial.id(), trial.statement(), trial.threshold()));
                    }
                });
        return text.toString().stripTrailing();
    }

    private Map<String, Object> view(Trial trial) {
        var view = new LinkedHashMap<String, Object>();
        view.put("id", trial.id());
        view.put("statement", trial.statement());
        view.put("arms", trial.arms());
        view.put("seeds", trial.seeds());
        view.put("metric", trial.metric());
        view.put("threshold", trial.threshold());
        return view;
    }

    private static String verbs(Ready entry) {
        var verbs = new StringBuilder("train");
        if (entry.recipe() instanceof Recipe.Evaluates<?>) {
            verbs.append(", eval");
        }
        if (entry.recipe() instanceof Recipe.Generates<?>) {
            verbs.append(", generate");
        }
        if (entry.claim().isPresent()) {
            verbs.append(", claim");
        }
        return verbs.toString();
    }
}
