package dev.orrery.cli;

import dev.orrery.bench.Measurement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// What was measured, in turn with a Python peer where there was one.
final class PeerTable {

    private PeerTable() {}

    /// For machines.
    static List<Map<String, Object>> json(List<Measurement> measurements) {
        var items = new ArrayList<Map<String, Object>>();
        for (var m : measurements) {
            var item = new LinkedHashMap<String, Object>();
            item.put("name", m.name());
            item.put("unit", m.unit());
            item.put("orrery", m.orrery());
            m.python().ifPresent(value -> item.put("python", value));
            m.ratio().ifPresent(value -> item.put("ratio", value));
            m.processorRatio().ifPresent(value -> item.put("processor_ratio", value));
            items.add(item);
        }
        return items;
    }

    /// To read.
    static String text(List<Measurement> measurements) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("ITEM", "UNIT", "ORRERY", "PYTHON", "RATIO", "PROCESSOR"));
        for (var m : measurements)
            rows.add(
                    List.of(
                            m.name(),
                            m.unit(),
                            number(OptionalDouble.of(m.orrery())),
                            number(m.python()),
                            number(m.ratio()),
                            number(m.processorRatio())));
        return Console.table(rows);
    }

    private static String number(OptionalDouble value) {
        if (value.isEmpty()) return "-";
        double size = Math.abs(value.getAsDouble());
        return (size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f").formatted(value.getAsDouble());
    }
}
