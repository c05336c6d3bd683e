package dev.orrery.cli;

import dev.orrery.run.Machine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// A measured speed beside what it should be.
///
/// @param name what was measured
/// @param unit of the value and the budget
/// @param value what was found
/// @param budget what it should be at least, or at most
/// @param atMost whether the budget is an upper bound
/// @param python what a Python program of the same kind reaches, where one was found
record Figure(
        String name,
        String unit,
        double value,
        double budget,
        boolean atMost,
        OptionalDouble python) {

    /// More is better.
    static Figure atLeast(String name, String unit, double value, double budget) {
        return new Figure(name, unit, value, budget, false, OptionalDouble.empty());
    }

    /// Less is better.
    static Figure atMost(String name, String unit, double value, double budget) {
        return new Figure(name, unit, value, budget, true, OptionalDouble.empty());
    }

    /// The same beside what Python reaches.
    Figure beside(OptionalDouble other) {
        return new Figure(name, unit, value, budget, atMost, other);
    }

    boolean met() {
        return atMost ? value <= budget : value >= budget;
    }

    /// Prints figures with the machine; the exit code says whether all budgets are met.
    static int show(Console console, List<Figure> figures) {
        var machine = Machine.current();
        var items = new ArrayList<Map<String, Object>>();
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("ITEM", "FOUND", "BUDGET", "PYTHON", "UNIT", ""));
        for (var f : figures) {
            var item = new LinkedHashMap<String, Object>();
            item.put("name", f.name());
            item.put("unit", f.unit());
            item.put("value", f.value());
            item.put(f.atMost() ? "at_most" : "at_least", f.budget());
            item.put("met", f.met());
            f.python().ifPresent(python -> item.put("python", python));
            items.add(item);
            rows.add(
                    List.of(
                            f.name(),
                            number(f.value()),
                            (f.atMost() ? "<= " : ">= ") + number(f.budget()),
                            f.python().isPresent() ? number(f.python().getAsDouble()) : "-",
                            f.unit(),
                            f.met() ? "" : "missed"));
        }
        var json = new LinkedHashMap<String, Object>();
        json.put("items", items);
        json.put("machine", machine);
        console.result(
                json,
                "%s%n%n1 thread, %s, Java %s"
                        .formatted(Console.table(rows), machine.cpu(), machine.java()));
        return figures.stream().allMatch(Figure::met) ? Main.DONE : Main.MISSED;
    }

    private static String number(double value) {
        return value >= 100 ? "%.0f".formatted(value) : "%.2f".formatted(value);
    }
}
