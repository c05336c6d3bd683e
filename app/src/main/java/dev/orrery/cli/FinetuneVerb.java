package dev.orrery.cli;

import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.system.pi0.Pi0Finetune;
import dev.orrery.system.pi0.Pi0FinetuneConfig;
import dev.orrery.system.pi0.Pi0FinetuneConfig.Adapted;
import dev.orrery.system.pi0.Pi0FinetuneConfig.Method;
import dev.orrery.system.pi0.Pi0FinetuneConfig.Source;
import dev.orrery.system.pi0.Pi0FinetuneConfig.Training;
import dev.orrery.system.pi0.Pi0Preflight;
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
            "Adapt a published pi0 or pi0.5 to a LeRobot data set: checks first, then trains an",
            "adapter (LoRA, DoRA, DeLoRA) and keeps it in PEFT's format in the run's folder."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "docs/howto/finetune.md goes through it."})
final class FinetuneVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Parameters(
            paramLabel = "CHECKPOINT",
            arity = "0..1",
            description = "The policy's folder, from LeRobot, openpi or orrery.")
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

    @Option(
            names = "--rank",
            paramLabel = "N",
            defaultValue = "16",
            description = "Rank; default ${DEFAULT-VALUE}.")
    private int rank;

    @Option(
            names = "--strength",
            paramLabel = "X",
            description = "Alpha (or DeLoRA's lambda); default the rank (15).")
    private Optional<Double> strength = Optional.empty();

    @Option(
            names = "--targets",
            paramLabel = "REGEX",
            description =
                    "Layers to adapt, by their whole path; default queries and values of the"
                            + " expert.")
    private Optional<String> targets = Optional.empty();

    @Option(
            names = "--save",
            paramLabel = "MODULE",
            split = ",",
            description = "Modules to train whole; default those that meet states and actions.")
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
            defaultValue = "8",
            description = "Observations a step; default ${DEFAULT-VALUE}.")
    private int batch;

    @Option(
            names = "--draws",
            paramLabel = "N",
            defaultValue = "4",
            description = "Noise and time draws an observation; default ${DEFAULT-VALUE}.")
    private int draws;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            description = "Peak rate; default 2.5e-4, ten times that for DeLoRA.")
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
                    "Crop, turn and tint pictures at random, those of a wrist only tint, as openpi"
                            + " does.")
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
        if (resume) return resume();
        var config = config();
        try (var finetune = Pi0Finetune.open(config, seed)) {
            var checked = finetune.preflight();
            checked.lines()
                    .forEach((subject, line) -> console.say("%-11s %s".formatted(subject, line)));
            if (dry) {
                console.result(checked.view(), "ready; leave out --dry-run to train");
                return Main.DONE;
            }
            var info = RunInfo.now(Pi0Finetune.NAME, "custom", seed, config);
            var options = folder.orElseGet(() -> new RunOptions().folder(Pi0Finetune.NAME));
            try (var run = Run.create(options, info, new TerminalProgress())) {
                return train(finetune, run, Optional.of(checked));
            }
        }
    }

    private int resume() {
        if (folder.isEmpty() || checkpoint.isPresent() || data.isPresent()) {
            throw new IllegalArgumentException(
                    "--resume goes on with the run in --run-dir, which knows its checkpoint and"
                            + " data; give --run-dir and leave those out");
        }
        var info = RunInfo.read(folder.get());
        if (!info.system().equals(Pi0Finetune.NAME)) {
            throw new IllegalArgumentException(
                    "%s is a run of %s; go on with it by orrery train %s --resume"
                            .formatted(folder.get(), info.system(), info.system()));
        }
        var config = Pi0FinetuneConfig.stored(info.config());
        try (var run = Run.reopen(folder.get(), new TerminalProgress());
                var finetune = Pi0Finetune.open(config, run.seed())) {
            return train(finetune, run, Optional.empty());
        }
    }

    private int train(Pi0Finetune finetune, Run run, Optional<Pi0Preflight> checked) {
        try (var _ = Interrupt.stops(run)) {
            run.progress().note("run: %s (seed %d)".formatted(run.folder(), run.seed()));
            checked.ifPresent(c -> run.write("preflight.json", c.view()));
            var report = finetune.train(run);
            run.finish(report);
            run.progress().end();
            var view = new LinkedHashMap<String, Object>();
            var adapter = run.folder().resolve(Pi0Finetune.ADAPTER);
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

    private Pi0FinetuneConfig config() {
        if (checkpoint.isEmpty() || data.isEmpty()) {
            throw new IllegalArgumentException(
                    "name a checkpoint's folder and --data, a LeRobot data set's: orrery finetune"
                            + " pi0_base --data my-robot");
        }
        var usual = Pi0FinetuneConfig.usual(checkpoint.get(), data.get());
        var how = choice(Method.class, "--method", method);
        return new Pi0FinetuneConfig(
                usual.checkpoint(),
                usual.data(),
                cameras,
                relative,
                choice(Source.class, "--statistics", statistics),
                constant,
                new Adapted(
                        how,
                        rank,
                        strength.orElse(how == Method.DELORA ? 15.0 : rank),
                        targets.orElse(Pi0FinetuneConfig.EXPERT_ATTENTION),
                        saved),
                new Training(
                        steps,
                        batch,
                        draws,
                        rate.orElse(how == Method.DELORA ? 2.5e-3 : 2.5e-4),
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
