package dev.orrery.env.tabletop;

import dev.orrery.env.Interval;
import dev.orrery.env.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// A [SuiteReport] as one page to read: rates with their intervals, kinds of failure, films.
///
/// The page is one file without scripts or links to elsewhere; it is light or dark as the reader's
/// system is.
public final class SuitePage {

    private static final List<Outcome> FAILURES =
            Arrays.stream(Outcome.values())
                    .filter(o -> o != Outcome.SUCCESS && o != Outcome.UNFINISHED)
                    .toList();

    private final SuiteReport report;
    private final List<Start> starts;
    private final List<SuiteFilms.Shot> shots;

    private SuitePage(SuiteReport report, List<Start> starts, List<SuiteFilms.Shot> shots) {
        this.report = report;
        this.starts = starts;
        this.shots = shots;
    }

    /// Writes the page, whole or not at all.
    ///
    /// @param starts the episodes of the report, in its order
    /// @param shots films of some of them
    public static void write(
            Path file, SuiteReport report, List<Start> starts, List<SuiteFilms.Shot> shots) {
        try {
            WholeFile.write(file, html(report, starts, shots));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The page.
    ///
    /// @throws IllegalArgumentException if report and starts do not belong together
    public static String html(SuiteReport report, List<Start> starts, List<SuiteFilms.Shot> shots) {
        if (starts.size() != report.results().size()) {
            throw new IllegalArgumentException(
                    "a report of %d episodes with %d starts"
                            .formatted(report.results().size(), starts.size()));
        }
        return new SuitePage(report, List.copyOf(starts), List.copyOf(shots)).html();
    }

    private String html() {
        var title = "%s on %s".formatted(report.subject().policy(), report.split());
        return template()
                .replace("{{title}}", text(title))
                .replace("{{summary}}", text(report.split().summary()))
                .replace("{{rate}}", percent(report.overall().rate()))
                .replace("{{interval}}", interval(report.overall()))
                .replace("{{count}}", count(report.overall()))
                .replace("{{floors}}", floors())
                .replace("{{families}}", families())
                .replace("{{failures}}", failures())
                .replace("{{films}}", films())
                .replace("{{episodes}}", episodes())
                .replace("{{facts}}", facts());
    }

    private static String template() {
        try (var in = SuitePage.class.getResourceAsStream("evaluation.html")) {
            if (in == null) {
                throw new IllegalStateException("evaluation.html is missing from the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(String raw) {
        return raw.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("{{", "{&#123;");
    }

    private static String percent(double share) {
        return "%.1f %%".formatted(100 * share);
    }

    private static String interval(Interval i) {
        return "%.1f to %.1f %%".formatted(100 * i.low(), 100 * i.high());
    }

    private static String count(Interval i) {
        return "%d of %d".formatted(i.successes(), i.trials());
    }

    private String floors() {
        return Floors.all().stream()
                .filter(f -> f.split() == report.split())
                .map(f ->
                        "<li>%s: %s (%s)</li>"
                                .formatted(
                                        switch (f.rule()) {
                                            case RANDOM -> "random actions";
                                            case WRONG_BLOCK -> "right motion, wrong block";
                                        },
                                        percent(f.success().rate()),
                                        interval(f.success())))
                .collect(Collectors.joining("\n"));
    }

    private String families() {
        var rows = new StringBuilder();
        for (var score : report.families()) {
            rows.append("<tr><th scope=\"row\">%s</th>".formatted(score.family()));
            cells(rows, score.success());
            rows.append(
                    "<td class=\"n\">%s</td>"
                            .formatted(score.medianSteps() == 0 ? "–" : score.medianSteps()));
            rows.append("<td>%s</td></tr>\n".formatted(worst(score.outcomes())));
        }
        rows.append("<tr class=\"all\"><th scope=\"row\">all</th>");
        cells(rows, report.overall());
        return rows.append("<td></td><td>%s</td></tr>".formatted(worst(outcomes()))).toString();
    }

    private static void cells(StringBuilder rows, Interval success) {
        rows.append(
                "<td class=\"n\">%s</td><td class=\"n\">%s</td><td>%s</td>"
                        .formatted(count(success), percent(success.rate()), bar(success)));
    }

    /// The interval as a bar, the rate as a mark in it.
    private static String bar(Interval i) {
        return """
        <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="95 %% interval %s">\
        <rect class="track" width="100" height="10"/>\
        <rect class="span" x="%.2f" y="2" width="%.2f" height="6"/>\
        <rect class="mark" x="%.2f" width="1" height="10"/></svg><span class="between">%s</span>\
        """
                .formatted(
                        interval(i),
                        100 * i.low(),
                        Math.max(.5, 100 * (i.high() - i.low())),
                        Math.min(99, 100 * i.rate()),
                        interval(i));
    }

    private Map<Outcome, Integer> outcomes() {
        var all = new EnumMap<Outcome, Integer>(Outcome.class);
        report.results().forEach(r -> all.merge(r.outcome(), 1, Integer::sum));
        return all;
    }

    private static String worst(Map<Outcome, Integer> outcomes) {
        return FAILURES.stream()
                .filter(outcomes::containsKey)
                .sorted((a, b) -> outcomes.get(b) - outcomes.get(a))
                .map(o -> "%s %d".formatted(o.words(), outcomes.get(o)))
                .collect(Collectors.joining(", "));
    }

    private String failures() {
        var found = outcomes();
        int all = report.overall().trials() - report.overall().successes();
        if (all == 0) {
            return "<tr><td colspan=\"3\">none</td></tr>";
        }
        return FAILURES.stream()
                .filter(found::containsKey)
                .map(o ->
                        "<tr><th scope=\"row\">%s</th><td class=\"n\">%d</td><td class=\"n\">%s</td><td>%s</td></tr>"
                                .formatted(
                                        o.words(),
                                        found.get(o),
                                        percent((double) found.get(o) / all),
                                        meaning(o)))
                .collect(Collectors.joining("\n"));
    }

    private static String meaning(Outcome outcome) {
        return switch (outcome) {
            case NEVER_REACHED -> "the gripper never came near what the task names";
            case WRONG_BLOCK -> "a block that the task does not name was grasped or moved";
            case DROPPED -> "the right block was let go where it should not be";
            case OVERSHOOT -> "the goal held for a moment and was lost again";
            case TIME_OUT -> "it was on its way when the time ran out";
            case NOT_FINITE -> "an action was not a number";
            case SUCCESS, UNFINISHED -> "";
        };
    }

    private String films() {
        var page = new StringBuilder();
        for (var score : report.families()) {
            var own =
                    shots.stream()
                            .filter(s -> s.start().task().family() == score.family())
                            .toList();
            if (!own.isEmpty()) {
                page.append(
                        "<details%s><summary>%s <span>%s</span></summary><div class=\"films\">\n"
                                .formatted(
                                        page.isEmpty() ? " open" : "", score.family(), films(own)));
                own.forEach(shot -> page.append(figure(shot)));
                page.append("</div></details>\n");
            }
        }
        return page.isEmpty() ? "<p>There are no films.</p>" : page.toString();
    }

    private static String films(List<SuiteFilms.Shot> shots) {
        return shots.size() == 1 ? "1 film" : shots.size() + " films";
    }

    private static String figure(SuiteFilms.Shot shot) {
        boolean success = shot.outcome() == Outcome.SUCCESS;
        return """
        <figure><img src="data:image/gif;base64,%s" width="112" height="112" alt="film of episode %d: %s">\
        <figcaption>%s<br><b class="%s">%s</b> after %d steps · episode %d</figcaption></figure>
        """
                .formatted(
                        Base64.getEncoder().encodeToString(shot.gif()),
                        shot.episode(),
                        text(shot.start().phrase()),
                        text(shot.start().phrase()),
                        success ? "good" : "bad",
                        shot.outcome().words(),
                        shot.steps(),
                        shot.episode());
    }

    private String episodes() {
        var rows = new StringBuilder();
        for (int k = 0; k < starts.size(); k++) {
            var result = report.results().get(k);
            rows.append(
                    "<tr><td class=\"n\">%d</td><td>%s</td><td>%s</td><td class=\"n\">%d</td><td class=\"%s\">%s</td><td class=\"n\">%d</td></tr>\n"
                            .formatted(
                                    k,
                                    result.family(),
                                    text(starts.get(k).phrase()),
                                    result.seed(),
                                    result.success() ? "good" : "bad",
                                    result.outcome().words(),
                                    result.steps()));
        }
        return rows.toString();
    }

    private String facts() {
        var subject = report.subject();
        return fact("policy", subject.policy())
                + fact(
                        "weights (SHA-256)",
                        subject.policyHash().isEmpty() ? "–" : subject.policyHash())
                + fact("actions executed of each chunk", String.valueOf(subject.executed()))
                + fact("seed of the policy's noise", String.valueOf(subject.seed()))
                + fact("split %s (SHA-256)".formatted(report.split()), report.splitHash())
                + fact("suite (SHA-256)", report.suiteHash());
    }

    private static String fact(String name, String value) {
        return "<dt>%s</dt><dd>%s</dd>\n".formatted(text(name), text(value));
    }
}
