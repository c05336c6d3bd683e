package dev.orrery.run;

import dev.orrery.env.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Writes what claims came to: a section a system in `claims.md`, with a figure and a file of all
/// measurements a trial.
public final class ClaimPage {

    private static final String HEAD =
            """
            # Claims

            What each system was measured to do. Arms, seeds, metrics and thresholds are written in the
            code before a result is seen; `orrery claim SYSTEM` measures them again and rewrites its
            section here.
            """;

    private ClaimPage() {}

    /// Puts the results of a claim into `docs/claims.md`: its trials replace earlier ones of the
    /// same name, everything else stays.
    public static void merge(Path docs, Claim claim, List<TrialResult> results) {
        try {
            var file = docs.resolve("claims.md");
            var page = Files.exists(file) ? Files.readString(file) : HEAD;
            page =
                    put(
                            page,
                            claim.system(),
                            "## %s%n%n%s%n".formatted(claim.system(), claim.statement()));
            for (var result : results) {
                var figure = "claims/%s-%s.png".formatted(claim.system(), result.id());
                Figure.draw(result, docs.resolve(figure));
                page = put(page, claim.system() + "/" + result.id(), section(result, figure));
                Published.write(docs, claim.system(), result);
            }
            WholeFile.write(file, page);
        } catch (IOException e) {
            throw Run.failed(docs, e);
        }
    }

    /// The results as a table for the terminal.
    public static String table(List<TrialResult> results) {
        return results.stream()
                .map(r ->
                        "%s  %s%s%n    %s%n    passes: %s%n    seen:   %s"
                                .formatted(
                                        r.id(),
                                        r.verdict().outcome(),
                                        r.complete() ? "" : " (not all seeds)",
                                        r.statement(),
                                        r.threshold(),
                                        r.verdict().reason()))
                .collect(Collectors.joining("\n"));
    }

    /// Replaces the block between two markers, or appends it: after the system's other blocks, or
    /// at the end.
    private static String put(String page, String key, String block) {
        var begin = "<!-- begin %s -->".formatted(key);
        var end = "<!-- end %s -->".formatted(key);
        var text = begin + "\n" + block.strip() + "\n" + end + "\n";
        int from = page.indexOf(begin);
        if (from >= 0) {
            int to = page.indexOf(end, from) + end.length() + 1;
            return page.substring(0, from) + text + page.substring(Math.min(to, page.length()));
        }
        var system = key.replaceFirst("/.*", "");
        int last =
                Math.max(
                        page.lastIndexOf("<!-- end " + system + " -->"),
                        page.lastIndexOf("<!-- end " + system + "/"));
        if (last >= 0) {
            int line = page.indexOf('\n', last) + 1;
            return page.substring(0, line) + "\n" + text + page.substring(line);
        }
        return page.stripTrailing() + "\n\n" + text;
    }

    private static String section(TrialResult result, String figure) {
        var text = new StringBuilder();
        text.append("### %s: %s%n%n".formatted(result.id(), result.statement()));
        text.append(
                "- Passes: %s%n- Verdict: **%s**%s: %s%n- Metric: %s, mean ± standard deviation over seeds %s%n"
                        .formatted(
                                result.threshold(),
                                result.verdict()
                                        .outcome()
                                        .name()
                                        .toLowerCase(java.util.Locale.ROOT),
                                result.complete() ? "" : " (not all seeds measured)",
                                result.verdict().reason(),
                                result.metric(),
                                result.seeds()));
        text.append("- Measured on: %s%n%n".formatted(machines(result)));
        text.append("| arm | measure | mean | each seed |\n|---|---|---|---|\n");
        for (var arm : result.arms()) {
            rows(result, arm, text);
        }
        text.append("%n![%s %s](%s)%n".formatted(result.id(), result.metric(), figure));
        return text.toString();
    }

    private static void rows(TrialResult result, String arm, StringBuilder text) {
        var results = result.results();
        for (var name : results.metrics(arm)) {
            var each =
                    java.util.Arrays.stream(results.values(arm, name))
                            .mapToObj("%.4g"::formatted)
                            .collect(Collectors.joining(", "));
            text.append(
                    "| %s | %s | %.4g ± %.2g | %s |%n"
                            .formatted(
                                    arm,
                                    name,
                                    results.mean(arm, name),
                                    results.deviation(arm, name),
                                    each));
        }
        partial(results, arm)
                .ifPresent(names ->
                        text.append("| %s | not of every seed: %s | | |%n".formatted(arm, names)));
    }

    /// The metrics that some seeds of an arm have and others lack; the measurements are published
    /// with all of them.
    private static Optional<String> partial(Results results, String arm) {
        var common = results.metrics(arm);
        var names =
                results.of(arm).stream()
                        .flatMap(m -> m.report().metrics().keySet().stream())
                        .distinct()
                        .filter(name -> !common.contains(name))
                        .collect(Collectors.joining(", "));
        return names.isEmpty() ? Optional.empty() : Optional.of(names);
    }

    private static String machines(TrialResult result) {
        var all = new TreeSet<String>();
        for (var m : result.results().measurements()) {
            var machine = m.machine();
            all.add(
                    "%s, %d cores, %s, Java %s, commit %s"
                            .formatted(
                                    machine.cpu(),
                                    machine.cores(),
                                    machine.os(),
                                    machine.java(),
                                    machine.commit()));
        }
        return String.join("; ", all);
    }
}
