package dev.orrery.cli;

import dev.orrery.catalog.Catalog;
import dev.orrery.nn.Kernels;
import dev.orrery.run.Machine;
import dev.orrery.run.Recipe;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.EngineReport;
import dev.orrery.tensor.SelfCheck;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "doctor",
        description = {
            "Say what the tensor engine found on this machine and chose, and check that it works.",
            "Exits 1 if a check fails.",
            "With a system: check its trained model on what it was trained with (units, tokens,",
            "pictures), before one doubts the training: orrery doctor openvla."
        },
        mixinStandardHelpOptions = true)
final class DoctorVerb implements Callable<Integer> {

    @Mixin private Console console;
    @Mixin private RunChoice choice;

    @Parameters(
            arity = "0..1",
            paramLabel = "SYSTEM",
            description = "A system whose run is checked; the machine if not given.")
    private Optional<String> system = Optional.empty();

    @Override
    public Integer call() {
        return system.map(this::diagnose).orElseGet(this::examine);
    }

    private int diagnose(String name) {
        return switch (Catalog.ready(name).recipe()) {
            case Recipe.Diagnoses<?> recipe -> diagnose(recipe);
            case Recipe<?> _ ->
                    throw new IllegalArgumentException(
                            "%s has no checks of its own; orrery eval %s measures it"
                                    .formatted(name, name));
        };
    }

    private <C extends Record> int diagnose(Recipe.Diagnoses<C> recipe) {
        try (var run = choice.reopen(recipe)) {
            var report = recipe.diagnose(RunOptions.config(recipe, run), run);
            TrainVerb.print(console, run, report);
            return Main.DONE;
        }
    }

    private int examine() {
        var machine = Machine.current();
        var engine = EngineReport.current();
        var check = SelfCheck.run();
        var json = new LinkedHashMap<String, Object>();
        json.put("machine", machine);
        json.put("engine", engine);
        json.put("kernels", kernels());
        json.put("check", check);
        console.result(json, text(machine, engine, check));
        return check.passed() ? Main.DONE : Main.MISSED;
    }

    /// What multiplies weights, by how they are kept.
    private static List<Kernels> kernels() {
        return List.of(Kernels.of(DType.F32), Kernels.of(DType.BF16), Kernels.int8());
    }

    private static String text(Machine machine, EngineReport engine, SelfCheck check) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("system", machine.os()));
        rows.add(
                List.of(
                        "processor",
                        "%s, %d cores, %s"
                                .formatted(machine.cpu(), engine.cores(), engine.vectors())));
        rows.add(List.of("bf16", engine.bf16() ? "in hardware" : "emulated"));
        rows.add(
                List.of(
                        "GPU",
                        engine.gpus() == 0
                                ? "none in use (see the gpu build profile)"
                                : engine.gpus() + " CUDA devices"));
        rows.add(
                List.of(
                        "memory",
                        "%.1f GB, %.1f GB free, this process %.1f GB"
                                .formatted(
                                        engine.memoryBytes() / 1e9,
                                        engine.freeBytes() / 1e9,
                                        engine.residentBytes() / 1e9)));
        rows.add(
                List.of(
                        "threads",
                        "%d for every operation (ORRERY_THREADS), %d in %s"
                                .formatted(engine.threads(), engine.blasThreads(), engine.blas())));
        if (engine.blasThreads() > 1 && System.getenv("OPENBLAS_NUM_THREADS") != null) {
            rows.add(
                    List.of(
                            "hint",
                            "OPENBLAS_NUM_THREADS is set: OpenBLAS' threads wait in a loop, which can halve the speed of a training; unset it"));
        }
        if (engine.blasNarrow()) {
            rows.add(
                    List.of(
                            "hint",
                            "the kernels of OpenBLAS are narrower than the processor's %s; unset OPENBLAS_CORETYPE%s"
                                    .formatted(
                                            engine.vectors(),
                                            System.getenv("OPENBLAS_CORETYPE") == null
                                                    ? ", or set it to SkylakeX"
                                                    : "")));
        }
        for (var kernels : kernels()) {
            rows.add(List.of("%s products".formatted(kernels.weights()), kernels.products()));
        }
        rows.add(
                List.of(
                        "convolutions",
                        engine.convolves()
                                ? "oneDNN"
                                : "oneDNN for whole blocks of 16 channels; it gets others wrong on this processor, which are computed in F64"));
        rows.add(
                List.of(
                        "versions",
                        "orrery %s, %s"
                                .formatted(
                                        machine.version(),
                                        engine.versions().entrySet().stream()
                                                .sorted(java.util.Map.Entry.comparingByKey())
                                                .map(e -> e.getKey() + " " + e.getValue())
                                                .collect(Collectors.joining(", ")))));
        rows.add(
                List.of(
                        "speed",
                        "%.0f GFLOP/s f32, %.0f bf16, %.0f ns for an add of 16 floats"
                                .formatted(
                                        check.f32Gflops(), check.bf16Gflops(), check.addNanos())));
        rows.add(
                List.of(
                        "check",
                        "%s in %.1f s"
                                .formatted(
                                        check.passed()
                                                ? "passed"
                                                : "FAILED: " + String.join("; ", check.faults()),
                                        check.seconds())));
        return Console.table(rows);
    }
}
