package dev.orrery.serve;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// What a server has done, counted since its start, in the text format that Prometheus reads.
///
/// Source: Prometheus, text-based exposition format 0.0.4.
public final class ServerFigures {

    /// The type of the text.
    static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    /// How a question came in.
    enum Protocol {
        WEBSOCKET,
        ACT
    }

    /// What became of a question.
    enum Outcome {
        ANSWERED,
        /// Understood and declined, such as too late.
        REFUSED,
        /// Wrong, or something broke.
        FAILED
    }

    private record Kind(Protocol protocol, Outcome outcome) {}

    /// Counts by upper bounds, as Prometheus keeps them.
    private static final class Histogram {
        private final double[] bounds;
        private final long[] counts;
        private double sum;
        private long total;

        Histogram(double... bounds) {
            this.bounds = bounds;
            counts = new long[bounds.length];
        }

        synchronized void add(double value) {
            for (int i = 0; i < bounds.length; i++) {
                counts[i] += value <= bounds[i] ? 1 : 0;
            }
            sum += value;
            total++;
        }

        synchronized void write(String name, String help, StringBuilder out) {
            head(name, "histogram", help, out);
            for (int i = 0; i < bounds.length; i++) {
                out.append("%s_bucket{le=\"%s\"} %d\n".formatted(name, bounds[i], counts[i]));
            }
            out.append("%s_bucket{le=\"+Inf\"} %d\n".formatted(name, total));
            out.append("%s_sum %s\n%s_count %d\n".formatted(name, sum, name, total));
        }
    }

    private final Map<Kind, LongAdder> questions = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> refusals = new ConcurrentHashMap<>();
    private final AtomicInteger sessions = new AtomicInteger();
    private final Histogram answers = new Histogram(.005, .01, .02, .05, .1, .2, .5, 1, 2, 5),
            passes = new Histogram(.005, .01, .02, .05, .1, .2, .5, 1, 2, 5),
            sizes = new Histogram(1, 2, 4, 8, 16, 32);

    /// A question was dealt with.
    ///
    /// @param nanos from when it was there whole until its answer was ready
    void asked(Protocol protocol, Outcome outcome, long nanos) {
        questions.computeIfAbsent(new Kind(protocol, outcome), _ -> new LongAdder()).increment();
        if (outcome == Outcome.ANSWERED) {
            answers.add(nanos / 1e9);
        }
    }

    /// Something was refused, by name.
    void refused(String reason) {
        refusals.computeIfAbsent(reason, _ -> new LongAdder()).increment();
    }

    /// A pass through the network answered so many questions.
    void passed(int robots, long nanos) {
        sizes.add(robots);
        passes.add(nanos / 1e9);
    }

    /// A connection began (1) or ended (-1).
    void sessions(int change) {
        sessions.addAndGet(change);
    }

    /// All of it.
    String text() {
        var out = new StringBuilder();
        head("orrery_questions_total", "counter", "Questions dealt with.", out);
        for (var protocol : Protocol.values()) {
            for (var outcome : Outcome.values()) {
                var count = questions.get(new Kind(protocol, outcome));
                out.append(
                        "orrery_questions_total{protocol=\"%s\",outcome=\"%s\"} %d\n"
                                .formatted(
                                        lower(protocol),
                                        lower(outcome),
                                        count == null ? 0 : count.sum()));
            }
        }
        head("orrery_refusals_total", "counter", "Questions and callers declined, by name.", out);
        new TreeMap<>(refusals)
                .forEach((reason, count) ->
                        out.append(
                                "orrery_refusals_total{reason=\"%s\"} %d\n"
                                        .formatted(reason, count.sum())));
        head("orrery_sessions", "gauge", "Connections that are open.", out);
        out.append("orrery_sessions %d\n".formatted(sessions.get()));
        answers.write("orrery_answer_seconds", "From question to answer.", out);
        passes.write("orrery_pass_seconds", "Passes through the network.", out);
        sizes.write("orrery_pass_robots", "Questions answered by one pass.", out);
        return out.toString();
    }

    private static String lower(Enum<?> name) {
        return name.name().toLowerCase(java.util.Locale.ROOT);
    }

    private static void head(String name, String type, String help, StringBuilder out) {
        out.append("# HELP %s %s\n# TYPE %s %s\n".formatted(name, help, name, type));
    }
}
