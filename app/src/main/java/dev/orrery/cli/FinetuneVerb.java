package dev.orrery.cli;

import dev.orrery.catalog.Catalog;
import dev.orrery.catalog.FinetuneRun;
import dev.orrery.policy.finetune.Finetune;
import dev.orrery.policy.finetune.FinetuneConfig;
import dev.orrery.policy.finetune.FinetuneConfig.Adapted;
import dev.orrery.policy.finetune.FinetuneConfig.Method;
import dev.orrery.policy.finetune.FinetuneConfig.Source;
import dev.orrery.policy.finetune.FinetuneConfig.Training;
import dev.orrery.policy.finetune.Preflight;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "finetune",
        description = {
            "Adapt a published pi0, pi0.5, pi0-FAST or OpenVLA to a LeRobot data set: checks",
            "first, then trains an adapter (LoRA, DoRA, DeLoRA) and keeps it in PEFT's format",
            "in the run's folder."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "docs/howto/finetune.md goes through it."})
final class FinetuneVerb implements Callable<Integer> {

    /// What DeLoRA's updates may come to, and how much faster than others it learns.
    private static final double BOUND = 15, DELORA_RATE = 10;

    @Mixin private Console console;

    @Parameters(
            paramLabel = "CHECKPOINT",
            arity = "0..1",
            description = "The policy's folder, from LeRobot, openpi, OpenVLA or orrery.")
    private Optional<Path> checkpoint = Optional.empty();

    @Option(names = "--data", paramLabel = "DIR", description = "The LeRobot data set.")
    private Optional<Path> data = Optional.empty();

    @Option(
            names = "--camera",
            paramLabel = "INPUT=CAMERA",
            description =
                    "Feed an input of the network from a camera of the data, such as"
                            + " base_0_rgb=front.")
    private List<String> cameras = new ArrayList<>();

    @Option(
            names = "--relative",
            paramLabel = "N",
            split = ",",
            description =
                    "Runs of relative and (negative) absolute actions, such as 6,-1; the folder's"
                            + " own if not given.")
    private List<Integer> relative = new ArrayList<>();

    @Option(
            names = "--statistics",
            paramLabel = "WHOSE",
            description =
                    "Normalise by the statistics of the data or of the checkpoint; default"
                            + " ${DEFAULT-VALUE}.",
            defaultValue = "data")
    private String statistics;

    @Option(
            names = "--constant",
            paramLabel = "state:N|action:N",
            description = "A dimension that is known not to move.")
    private List<String> constant = new ArrayList<>();

    @Option(
            names = "--method",
            paramLabel = "NAME",
            description = "lora, dora or delora; default ${DEFAULT-VALUE}.",
            defaultValue = "lora")
    private String method;

    @Option(names = "--rank", paramLabel = "N", description = "Rank; default 16, 32 for OpenVLA.")
    private Optional<Integer> rank = Optional.empty();

    @Option(
            names = "--strength",
            paramLabel = "X",
            description = "Alpha (or DeLoRA's lambda); default the rank, 16 for OpenVLA (15).")
    private Optional<Double> strength = Optional.empty();

    @Option(
            names = "--targets",
            paramLabel = "REGEX",
            description =
                    "Layers to adapt, by their whole path, or all-linear; default queries and values"
                            + " of the expert, for pi0-FAST of the language model, for OpenVLA"
                            + " all-linear.")
    private Optional<String> targets = Optional.empty();

    @Option(
            names = "--save",
            paramLabel = "MODULE",
            split = ",",
            description =
                    "Modules to train whole; default those that meet states and actions, none for"
                            + " pi0-FAST and OpenVLA.")
    private List<String> saved = new ArrayList<>();

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "2000",
            description = "Steps; default ${DEFAULT-VALUE}.")
    private int steps;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Observations a step; default 8, 16 for OpenVLA.")
    private Optional<Integer> batch = Optional.empty();

    @Option(
            names = "--draws",
            paramLabel = "N",
            description =
                    "Noise and time draws an observation; default 4; pi0-FAST and OpenVLA have"
                            + " none.")
    private Optional<Integer> draws = Optional.empty();

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            description = "Peak rate; default 2.5e-4, 5e-4 for OpenVLA, ten times that for DeLoRA.")
    private Optional<Double> rate = Optional.empty();

    @Option(
            names = "--save-every",
            paramLabel = "N",
            defaultValue = "100",
            description = "Steps between saves; default ${DEFAULT-VALUE}.")
    private int saveEvery;

    @Option(
            names = "--augment",
            description =
                    "Change pictures at random as openpi does (those of a wrist only in colour), or,"
                            + " for OpenVLA, as its code does.")
    private boolean augment;

    @Option(
            names = "--average",
            paramLabel = "SHARE",
            defaultValue = "0",
            description =
                    "Keep averaged weights: each step keeps this share of them, such as 0.999;"
                            + " default 0, the last weights.")
    private double average;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of everything random.")
    private long seed;

    @Option(
            names = "--run-dir",
            paramLabel = "DIR",
            description = "Folder of the run; runs/finetune-TIME if not given.")
    private Optional<Path> folder = Optional.empty();

    @Option(names = "--resume", description = "Go on with the run in --run-dir.")
    private boolean resume;

    @Option(names = "--dry-run", description = "Check, estimate, and end.")
    private boolean dry;

    @Option(
            names = "--merged",
            paramLabel = "DIR",
            description = "Also write base and adapter as one policy, which orrery serve opens.")
    private Optional<Path> merged = Optional.empty();

    @Override
    public Integer call() {
        merged.ifPresent(FinetuneVerb::requireEmpty);
        if (resume) return resume();
        var config = config();
        try (var finetune = FinetuneRun.open(config, seed)) {
            var checked = FinetuneRun.preflight(finetune);
            checked.lines()
                    .forEach((subject, line) -> console.say("%-11s %s".formatted(subject, line)));
            if (dry) {
                console.result(checked.view(), "ready; leave out --dry-run to train");
                return Main.DONE;
            }
            var info = RunInfo.now(FinetuneRun.NAME, "custom", seed, config);
            var options = folder.orElseGet(() -> new RunOptions().folder(FinetuneRun.NAME));
            try (var run = Run.create(options, info, new TerminalProgress())) {
                return train(finetune, run, Optional.of(checked));
            }
        }
    }

    private static void requireEmpty(Path folder) {
        var found = folder.toFile().list();
        if (found == null ? Files.exists(folder) : found.length > 0) {
            throw new IllegalArgumentException(
                    "--merged %s holds something already; name a new folder".formatted(folder));
        }
    }

    private int resume() {
        if (folder.isEmpty() || checkpoint.isPresent() || data.isPresent()) {
            throw new IllegalArgumentException(
                    "--resume goes on with the run in --run-dir, which knows its checkpoint and"
                            + " data; give --run-dir and leave those out");
        }
        var info = RunInfo.read(folder.get());
        if (!info.system().equals(FinetuneRun.NAME)) {
            throw new IllegalArgumentException(
                    "%s is a run of %s; go on with it by orrery train %s --resume"
                            .formatted(folder.get(), info.system(), info.system()));
        }
        var config = FinetuneRun.stored(info.config());
        try (var run = Run.reopen(folder.get(), new TerminalProgress());
                var finetune = FinetuneRun.open(config, run.seed())) {
            return train(finetune, run, Optional.empty());
        }
    }

    private int train(Finetune finetune, Run run, Optional<Preflight> checked) {
        try (var _ = Interrupt.stops(run)) {
            run.progress().note("run: %s (seed %d)".formatted(run.folder(), run.seed()));
            checked.ifPresent(c -> run.write("preflight.json", c.view()));
            var report = FinetuneRun.train(finetune, run);
            run.finish(report);
            run.progress().end();
            var view = new LinkedHashMap<String, Object>();
            var adapter = run.folder().resolve(FinetuneRun.ADAPTER);
            view.put("run", run.folder().toString());
            view.put("adapter", adapter.toString());
            merged.ifPresent(to -> {
                finetune.merge(to);
                view.put("merged", to.toString());
            });
            view.put("metrics", report.metrics());
            console.result(
                    view,
                    "adapter: %s, loss %.4f%s"
                            .formatted(
                                    adapter,
                                    report.metrics().get("loss"),
                                    merged.map(m -> "; policy: " + m).orElse("")));
            return Main.DONE;
        }
    }

    private FinetuneConfig config() {
        if (checkpoint.isEmpty() || data.isEmpty()) {
            throw new IllegalArgumentException(
                    "name a checkpoint's folder and --data, a LeRobot data set's: orrery finetune"
                            + " pi0_base --data my-robot");
        }
        var usual = Catalog.finetunes(checkpoint.get()).usual(checkpoint.get(), data.get());
        var how = choice(Method.class, "--method", method);
        boolean bounded = how == Method.DELORA;
        var adapter = usual.adapter();
        var training = usual.training();
        return new FinetuneConfig(
                usual.checkpoint(),
                usual.data(),
                cameras,
                relative,
                choice(Source.class, "--statistics", statistics),
                constant,
                new Adapted(
                        how,
                        rank.orElse(adapter.rank()),
                        strength.orElseGet(() ->
                                bounded
                                        ? BOUND
                                        : rank.map(Integer::doubleValue)
                                                .orElse(adapter.strength())),
                        targets.orElse(adapter.targets()),
                        saved),
                new Training(
                        steps,
                        batch.orElse(training.batch()),
                        draws.orElse(training.draws()),
                        rate.orElse((bounded ? DELORA_RATE : 1) * training.learningRate()),
                        saveEvery,
                        augment,
                        average));
    }

    private static <E extends Enum<E>> E choice(Class<E> type, String option, String word) {
        for (var one : type.getEnumConstants()) {
            if (one.name().equalsIgnoreCase(word)) return one;
        }
        throw new IllegalArgumentException(
                "%s %s: choose one of %s"
                        .formatted(
                                option,
                                word,
                                java.util.Arrays.toString(type.getEnumConstants())
                                        .toLowerCase(java.util.Locale.ROOT)));
    }
}
