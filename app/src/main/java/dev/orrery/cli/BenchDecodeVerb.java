package dev.orrery.cli;

import dev.orrery.bench.DecodeSpeed;
import dev.orrery.bench.DecodeSpeed.Result;
import dev.orrery.bench.DecodeSpeed.Weights;
import dev.orrery.run.Machine;
import dev.orrery.tensor.Engine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "decode",
        description = {
            "Measure how fast a language model writes, beside what the memory's bandwidth allows:",
            "weights in F32, bf16 and int8, one text and sixteen at once. The model has"
                    + " Llama-3.2-1B's",
            "shape and made-up weights; F32 takes five gigabytes of memory.",
            "Nothing else should be busy meanwhile: a second process changes every figure."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Exit code 1 if a text alone uses less than 60 %% of the bandwidth, or sixteen"
                    + " together",
            "write less than 6 times as much."
        })
final class BenchDecodeVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            description = "Tokens that each text gets. Default: ${DEFAULT-VALUE}",
            defaultValue = "16")
    private int tokens;

    @Option(
            names = "--weights",
            paramLabel = "KIND",
            split = ",",
            description = "Some of ${COMPLETION-CANDIDATES}. Default: all.")
    private List<Weights> kinds = List.of(Weights.values());

    @Option(names = "--small", description = "A fortieth of the size.")
    private boolean small;

    @Override
    public Integer call() {
        if (tokens < 1) {
            throw new IllegalArgumentException(
                    "--tokens %d: measure at least one".formatted(tokens));
        }
        console.say("measuring the memory's bandwidth");
        double bandwidth = DecodeSpeed.bandwidth();
        var shape = small ? DecodeSpeed.small() : DecodeSpeed.billion();
        var results = new ArrayList<Result>();
        for (var kind : kinds) {
            console.say("measuring %s".formatted(kind.kernels().line()));
            results.add(DecodeSpeed.measure(shape, kind, bandwidth, tokens));
        }
        return show(bandwidth, results);
    }

    private int show(double bandwidth, List<Result> results) {
        boolean met = results.stream().allMatch(Result::met);
        var json = new LinkedHashMap<String, Object>();
        json.put("bandwidth_gb_s", bandwidth / 1e9);
        json.put("shape", small ? "small" : "llama-3.2-1b");
        json.put("results", results);
        json.put("least_share", DecodeSpeed.SHARE);
        json.put("least_gain", DecodeSpeed.GAIN);
        json.put("met", met);
        json.put("threads", Engine.threads());
        json.put("machine", Machine.current());
        console.result(
                json,
                "%s%n%nbandwidth %.1f GB/s with %d threads; asked: %.0f %% of it, %.0f times with %d texts: %s%n%s"
                        .formatted(
                                table(results),
                                bandwidth / 1e9,
                                Engine.threads(),
                                100 * DecodeSpeed.SHARE,
                                DecodeSpeed.GAIN,
                                DecodeSpeed.BATCH,
                                met ? "met" : "missed",
                                Machine.current().cpu()));
        return met ? Main.DONE : Main.MISSED;
    }

    private static String table(List<Result> results) {
        var lines = new ArrayList<List<String>>();
        lines.add(
                List.of(
                        "WEIGHTS",
                        "GB",
                        "PREDICTED",
                        "TOKENS/S",
                        "GB/S",
                        "SHARE",
                        "16 TEXTS",
                        "GAIN",
                        "KERNELS"));
        for (var r : results) {
            lines.add(
                    List.of(
                            r.weights().name().toLowerCase(Locale.ROOT),
                            "%.2f".formatted(r.bytes() / 1e9),
                            "%.1f".formatted(r.predicted()),
                            "%.1f".formatted(r.tokens()),
                            "%.1f".formatted(r.gigabytes()),
                            "%.0f %%".formatted(100 * r.share()),
                            "%.1f".formatted(r.batch()),
                            "%.1f".formatted(r.gain()),
                            r.kernels()));
        }
        return Console.table(lines);
    }
}
