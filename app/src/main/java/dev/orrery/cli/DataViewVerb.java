package dev.orrery.cli;

import dev.orrery.data.lerobot.LeRobotDataset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "view",
        description = "Print the numbers of an episode, frame by frame; 'viz' draws its pictures.",
        mixinStandardHelpOptions = true)
final class DataViewVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Parameters(paramLabel = "DIR", description = "The data set's folder.")
    private Path folder;

    @Option(names = "--episode", defaultValue = "0", description = "Which one (${DEFAULT-VALUE}).")
    private int episode;

    @Override
    public Integer call() {
        try (var data = LeRobotDataset.open(folder)) {
            var names =
                    data.features().values().stream()
                            .filter(f -> f.dtype().isNumber() && f.elements() <= 16)
                            .map(f -> f.name())
                            .filter(n ->
                                    !n.equals("index")
                                            && !n.equals("episode_index")
                                            && !n.equals("task_index"))
                            .toList();
            data.frame(episode, 0);
            int length = data.episodes().get(episode).length();
            var json = new ArrayList<Map<String, Object>>();
            var rows = new ArrayList<List<String>>();
            rows.add(names);
            for (int i = 0; i < length; i++) {
                var frame = data.frame(episode, i);
                var values = new LinkedHashMap<String, Object>();
                var row = new ArrayList<String>();
                for (var name : names) {
                    var numbers = frame.doubles(name);
                    values.put(name, numbers);
                    var text = new StringBuilder();
                    for (var v : numbers)
                        text.append(text.isEmpty() ? "" : " ").append("%.4g".formatted(v));
                    row.add(text.toString());
                }
                values.put("task", frame.task());
                json.add(values);
                rows.add(row);
            }
            console.result(
                    json,
                    "%s%n%s".formatted(data.episodes().get(episode).tasks(), Console.table(rows)));
        }
        return Main.DONE;
    }
}
