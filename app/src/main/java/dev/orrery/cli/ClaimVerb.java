package dev.orrery.cli;

import dev.orrery.catalog.Catalog;
import dev.orrery.run.ClaimPage;
import dev.orrery.run.ClaimRun;
import dev.orrery.run.Published;
import dev.orrery.run.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "claim",
        description = "Measure what a system must show, and say whether it does.",
        mixinStandardHelpOptions = true)
final class ClaimVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Parameters(paramLabel = "SYSTEM", description = "A system; see: orrery list")
    private String system;

    @Option(names = "--only", paramLabel = "ID", split = ",", description = "Only these trials.")
    private List<String> only = new ArrayList<>();

    @Option(
            names = "--seed",
            paramLabel = "N",
            split = ",",
            description = "Only these of the trials' seeds.")
    private List<Long> seeds = new ArrayList<>();

    @Option(
            names = "--arm",
            paramLabel = "NAME",
            split = ",",
            description = "Only these arms; a trial is judged when all of its arms are measured.")
    private List<String> arms = new ArrayList<>();

    @Option(names = "--rehearse", description = "With tiny budgets, to see that it runs.")
    private boolean rehearse;

    @Option(
            names = "--run-dir",
            paramLabel = "DIR",
            description = "Where results are kept; what is there already is not measured again.")
    private Optional<Path> folder = Optional.empty();

    @Option(
            names = "--docs",
            paramLabel = "DIR",
            description = "Where claims.md and its figures go; docs here if there is one.")
    private Optional<Path> docs = Optional.empty();

    @Option(
            names = "--continue",
            description =
                    "Count what the docs' claims folder holds as measured, and measure the rest:"
                            + " more seeds, say.")
    private boolean goOn;

    @Override
    public Integer call() {
        var claim =
                Catalog.ready(system)
                        .claim()
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "%s has no claim yet".formatted(system)));
        var into =
                folder.orElse(
                        RunOptions.runs().resolve((rehearse ? "rehearsal-" : "claim-") + system));
        var page = docs.or(() -> Optional.of(Path.of("docs")).filter(Files::isDirectory));
        var published =
                goOn && !rehearse && page.isPresent()
                        ? Published.read(page.get(), system)
                        : Published.none();
        var run =
                new ClaimRun(
                        claim,
                        into,
                        rehearse,
                        new ClaimRun.Part(only, arms, seeds),
                        published,
                        new TerminalProgress());
        var outcomes = run.measure();
        if (!rehearse && page.isPresent()) {
            ClaimPage.merge(page.get(), claim, outcomes);
        }
        console.result(
                outcomes,
                outcomes.isEmpty()
                        ? "measured; no trial has all of its arms yet"
                        : ClaimPage.table(outcomes));
        boolean missed =
                outcomes.stream().anyMatch(o -> o.verdict().outcome() == Verdict.Outcome.MISSED);
        return missed && !rehearse ? Main.MISSED : Main.DONE;
    }
}
