package dev.orrery.serve;

import dev.orrery.data.wire.ObservationKeys;
import dev.orrery.data.wire.Value;
import dev.orrery.data.wire.Value.Fields;
import dev.orrery.data.wire.Value.Items;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Arm;
import dev.orrery.env.tabletop.Exam;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Grammar;
import dev.orrery.env.tabletop.Outcome;
import dev.orrery.env.tabletop.Reading;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Suite;
import dev.orrery.env.tabletop.SuitePage;
import dev.orrery.env.tabletop.SuiteReport;
import dev.orrery.env.tabletop.Tabletop;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BiConsumer;

/// The tabletop for policies that live elsewhere: an environment with Gymnasium's meanings, and the
/// fixed test sets with one attempt an episode.
///
/// Every caller has a table of its own. A question is `{"op": "reset" | "step" | "report", …}`; the
/// page `docs/formats/tabletop-server.md` lists the entries.
public final class TabletopService implements Service {

    /// Version of the questions and answers.
    private static final int PROTOCOL = 1;

    private final Robot robot;
    private final Arm arm;
    private final Optional<Path> out;
    private final BiConsumer<Path, Object> writer;
    private final ServerFigures figures = new ServerFigures();

    private TabletopService(Arm arm, Optional<Path> out, BiConsumer<Path, Object> writer) {
        this.arm = arm;
        this.out = out;
        this.writer = writer;
        robot = Robot.tabletop(arm);
    }

    /// @param arm what callers act with
    /// @param out where reports are kept, one folder a caller and split; nowhere if empty
    /// @param writer writes a value as JSON
    public static TabletopService of(Arm arm, Optional<Path> out, BiConsumer<Path, Object> writer) {
        return new TabletopService(arm, out, writer);
    }

    @Override
    public Fields metadata() {
        var splits = Fields.empty();
        for (var split : Split.values()) {
            splits =
                    splits.with(
                            split.name(),
                            Fields.empty()
                                    .with("episodes", split.starts().size())
                                    .with("sha256", split.hash())
                                    .with("summary", split.summary()));
        }
        return robot.describe()
                .with("environment", "orrery_tabletop")
                .with("protocol", PROTOCOL)
                .with("families", Robot.texts(Family.CORE.stream().map(Family::toString).toList()))
                .with("splits", splits)
                .with("suite_sha256", Suite.hash());
    }

    @Override
    public ServerFigures figures() {
        return figures;
    }

    @Override
    public Conversation open(long number) {
        return new Seat(number);
    }

    private final class Seat implements Conversation {
        private final long number;
        private final ObservationKeys keys = robot.keys();
        private final Tabletop table = new Tabletop(Family.CORE, arm);
        private Optional<Exam> exam = Optional.empty();
        private boolean examined;
        private int steps;

        Seat(long number) {
            this.number = number;
        }

        @Override
        public Fields answer(Fields question) {
            var op = question.text("op");
            return switch (op) {
                case "reset" -> reset(question);
                case "step" -> step(question);
                case "report" -> report(question);
                default ->
                        throw new IllegalArgumentException(
                                "op '%s' is not one of reset, step, report".formatted(op));
            };
        }

        private Fields reset(Fields question) {
            steps = 0;
            examined = question.has("split");
            if (examined) {
                only(question, "op", "split", "episode");
                var wanted = split(question.text("split"));
                if (exam.isEmpty() || exam.get().split() != wanted) {
                    exam.ifPresent(Exam::abandon);
                    exam = Optional.of(new Exam(wanted, arm));
                }
                var paper = exam.get();
                var seen =
                        question.has("episode")
                                ? paper.begin(Math.toIntExact(question.whole("episode")))
                                : paper.next();
                return observed(seen, paper.table())
                        .with("episode", paper.episode())
                        .with("left", paper.left());
            }
            exam.ifPresent(Exam::abandon);
            only(question, "op", "seed", "instruction");
            long seed = question.whole("seed");
            var seen =
                    question.has("instruction")
                            ? instruct(question.text("instruction"), seed)
                            : table.reset(seed);
            return observed(seen, table);
        }

        private Observation instruct(String text, long seed) {
            return switch (Grammar.parse(text)) {
                case Reading.Understood(var task) -> table.reset(task, seed, text);
                case Reading.Unclear(var why, _) -> throw new IllegalArgumentException(why);
            };
        }

        private Fields step(Fields question) {
            only(question, "op", "action");
            var action = ObservationKeys.numbers("action", question.get("action"));
            var at = examined ? exam.orElseThrow().table() : table;
            var step = examined ? exam.orElseThrow().step(action) : table.step(action);
            steps++;
            return observed(step.observation(), at)
                    .with("reward", step.reward())
                    .with("terminated", step.terminated())
                    .with("truncated", step.truncated());
        }

        private Fields observed(Observation seen, Tabletop at) {
            var info =
                    Fields.empty()
                            .with("task", at.task().code())
                            .with("family", at.task().family().toString())
                            .with("steps", steps)
                            .with("success", at.success());
            if (at.outcome() != Outcome.UNFINISHED) {
                info = info.with("outcome", at.outcome().words());
            }
            return Fields.empty().with("observation", keys.write(seen)).with("info", info);
        }

        private Fields report(Fields question) {
            only(question, "op", "policy", "policy_hash", "executed", "seed");
            var paper =
                    exam.orElseThrow(() ->
                            new IllegalArgumentException(
                                    "there is nothing to report; reset with a split and play its episodes"));
            var report =
                    paper.report(
                            new Suite.Subject(
                                    question.has("policy") ? question.text("policy") : "unnamed",
                                    question.has("policy_hash") ? question.text("policy_hash") : "",
                                    question.has("executed")
                                            ? Math.toIntExact(question.whole("executed"))
                                            : 1,
                                    question.has("seed") ? question.whole("seed") : 0));
            return described(report, paper.left())
                    .with("saved", out.map(folder -> save(folder, report, paper)).orElse(""));
        }

        private String save(Path folder, SuiteReport report, Exam paper) {
            var into = folder.resolve("caller-%d-%s".formatted(number, report.split()));
            writer.accept(into.resolve("evaluation.json"), report);
            SuitePage.write(into.resolve("evaluation.html"), report, paper.played(), paper.films());
            return into.toString();
        }
    }

    private static Split split(String name) {
        for (var split : Split.values()) {
            if (split.name().equals(name)) {
                return split;
            }
        }
        throw new IllegalArgumentException(
                "split '%s' does not exist; splits are %s"
                        .formatted(name, java.util.List.of(Split.values())));
    }

    private static void only(Fields question, String... known) {
        var extra = new java.util.LinkedHashSet<>(question.entries().keySet());
        extra.removeAll(java.util.Set.of(known));
        if (!extra.isEmpty()) {
            throw new IllegalArgumentException(
                    "nobody reads %s; %s takes %s"
                            .formatted(
                                    extra, question.text("op"), java.util.Arrays.toString(known)));
        }
    }

    private static Fields described(SuiteReport report, int left) {
        var families =
                report.families().stream()
                        .<Value>map(score -> {
                            var outcomes = Fields.empty();
                            for (var entry : score.outcomes().entrySet()) {
                                outcomes = outcomes.with(entry.getKey().words(), entry.getValue());
                            }
                            return rate(score.success())
                                    .with("family", score.family().toString())
                                    .with("outcomes", outcomes);
                        })
                        .toList();
        return rate(report.overall())
                .with("split", report.split().name())
                .with("split_sha256", report.splitHash())
                .with("suite_sha256", report.suiteHash())
                .with("complete", left == 0)
                .with("families", new Items(families));
    }

    private static Fields rate(dev.orrery.env.Interval i) {
        return Fields.empty()
                .with("successes", i.successes())
                .with("trials", i.trials())
                .with("rate", i.rate())
                .with("low", i.low())
                .with("high", i.high());
    }
}
