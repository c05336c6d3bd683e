package dev.orrery.data.lerobot;

import dev.orrery.data.lerobot.Finding.Severity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Collects findings; of each kind only the first are kept, the others counted.
final class Findings {

    private static final int KEPT = 20;

    private final Path root;
    private final List<Finding> list = new ArrayList<>();
    private final Map<String, Integer> counts = new LinkedHashMap<>();
    private final Map<String, Severity> worst = new LinkedHashMap<>();

    Findings(Path root) {
        this.root = root;
    }

    /// Where a finding is.
    ///
    /// @param file a path, below the root or not, or the root itself for none
    record At(Path file, int episode, int frame) {}

    At file(Path file) {
        return new At(file, -1, -1);
    }

    At nowhere() {
        return file(root);
    }

    void error(String kind, At at, String what, String fix) {
        add(kind, Severity.ERROR, at, what, fix);
    }

    void warning(String kind, At at, String what, String fix) {
        add(kind, Severity.WARNING, at, what, fix);
    }

    private void add(String kind, Severity severity, At at, String what, String fix) {
        worst.merge(kind, severity, (a, b) -> a.compareTo(b) >= 0 ? a : b);
        if (counts.merge(kind, 1, Integer::sum) > KEPT) return;
        list.add(new Finding(severity, relative(at.file()), at.episode(), at.frame(), what, fix));
    }

    private String relative(Path file) {
        return file.startsWith(root)
                ? root.relativize(file).toString().replace('\\', '/')
                : file.toString();
    }

    List<Finding> toList() {
        var out = new ArrayList<>(list);
        counts.forEach((kind, count) -> {
            if (count > KEPT) {
                out.add(
                        new Finding(
                                worst.get(kind),
                                "",
                                -1,
                                -1,
                                "%d more of the kind '%s'".formatted(count - KEPT, kind),
                                ""));
            }
        });
        return out;
    }
}
