package dev.orrery.run;

import dev.orrery.env.WholeFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The numbers of a run: `metrics.jsonl`, one object a logged step with `step`, `time` (seconds
/// since the run began) and the values, and the same in a TensorBoard event file.
public final class Metrics implements AutoCloseable {

    static final String FILE = "metrics.jsonl";

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /// One line of the log.
    ///
    /// @param step the step it belongs to
    /// @param seconds time since the run began
    /// @param values name to value
    public record Entry(long step, double seconds, Map<String, Double> values) {}

    private final double start;
    private final BufferedWriter lines;
    private final EventFile events;

    /// Opens the log of a folder and forgets what was logged from `fromStep` on, as a resumed run
    /// will log it again.
    Metrics(Path folder, long fromStep) throws IOException {
        var kept = read(folder).stream().filter(e -> e.step() < fromStep).toList();
        double spent = kept.isEmpty() ? 0 : kept.getLast().seconds();
        start = now() - spent;
        rewrite(folder, kept);
        lines = Files.newBufferedWriter(folder.resolve(FILE), StandardOpenOption.APPEND);
        deleteEvents(folder);
        events = new EventFile(folder, start);
        for (var entry : kept) {
            scalars(entry);
        }
        events.flush();
    }

    void log(long step, Map<String, Double> values) throws IOException {
        var entry = new Entry(step, now() - start, values);
        lines.write(line(entry));
        lines.flush();
        scalars(entry);
    }

    void flush() throws IOException {
        events.flush();
    }

    double seconds() {
        return now() - start;
    }

    @Override
    public void close() throws IOException {
        try (lines) {
            events.close();
        }
    }

    /// Reads the log of a run folder, also while it is being written; a torn last line is left out.
    ///
    /// @throws RunException if another line is damaged
    public static List<Entry> read(Path folder) throws IOException {
        var file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return List.of();
        }
        var text = Files.readAllLines(file);
        var entries = new ArrayList<Entry>(text.size());
        for (int i = 0; i < text.size(); i++) {
            try {
                entries.add(entry(MAPPER.readTree(text.get(i))));
            } catch (JacksonException e) {
                if (i < text.size() - 1) {
                    throw new RunException(
                            "%s line %d is damaged: %s"
                                    .formatted(file, i + 1, e.getOriginalMessage()),
                            e);
                }
            }
        }
        return entries;
    }

    private static Entry entry(JsonNode node) {
        var values = new LinkedHashMap<String, Double>();
        node.properties()
                .forEach(p -> {
                    if (!p.getKey().equals("step") && !p.getKey().equals("time")) {
                        values.put(p.getKey(), p.getValue().asDouble());
                    }
                });
        return new Entry(node.path("step").asLong(), node.path("time").asDouble(), values);
    }

    private static String line(Entry entry) {
        var node = MAPPER.createObjectNode();
        node.put("step", entry.step());
        node.put("time", Math.round(entry.seconds() * 1000) / 1000.0);
        entry.values().forEach(node::put);
        return MAPPER.writeValueAsString(node) + "\n";
    }

    private static void rewrite(Path folder, List<Entry> kept) throws IOException {
        var whole = new StringBuilder();
        kept.forEach(e -> whole.append(line(e)));
        WholeFile.write(folder.resolve(FILE), whole.toString());
    }

    private static void deleteEvents(Path folder) throws IOException {
        try (var old = Files.newDirectoryStream(folder, EventFile.PREFIX + "*")) {
            for (var file : old) {
                Files.delete(file);
            }
        }
    }

    private void scalars(Entry entry) throws IOException {
        for (var value : entry.values().entrySet()) {
            events.scalar(start + entry.seconds(), entry.step(), value.getKey(), value.getValue());
        }
    }

    private static double now() {
        return System.currentTimeMillis() / 1000.0;
    }
}
