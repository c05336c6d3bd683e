package dev.orrery.cli;

import dev.orrery.catalog.Catalog;
import dev.orrery.catalog.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "list",
        description = "List the systems and say which of them run.",
        mixinStandardHelpOptions = true)
final class ListVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Option(names = "--ready", description = "Only those that run.")
    private boolean ready;

    @Override
    public Integer call() {
        var entries =
                Catalog.entries().stream()
                        .filter(e -> !ready || status(e).equals("ready"))
                        .toList();
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("SYSTEM", "STATUS", "VERB", "WHAT"));
        entries.forEach(e -> rows.add(List.of(e.name(), status(e), e.group(), e.summary())));
        console.result(entries.stream().map(ListVerb::line).toList(), Console.table(rows));
        return Main.DONE;
    }

    private record Line(String name, String status, String group, String summary) {}

    private static Line line(Entry entry) {
        return new Line(entry.name(), status(entry), entry.group(), entry.summary());
    }

    private static String status(Entry entry) {
        return switch (entry) {
            case Entry.Ready _ -> "ready";
            case Entry.Planned _ -> "planned";
        };
    }
}
