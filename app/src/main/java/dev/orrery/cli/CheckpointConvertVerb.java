package dev.orrery.cli;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.checkpoint.Weights;
import dev.orrery.env.Nearest;
import dev.orrery.system.pi0.Pi0Convert;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "convert",
        description =
                "Write a checkpoint in another type, split or joined, or for another project.",
        mixinStandardHelpOptions = true)
final class CheckpointConvertVerb implements Callable<Integer> {

    private static final List<String> FLOATS = List.of("f32", "f16", "bf16", "f64");

    @Mixin private Console console;

    @Parameters(
            index = "0",
            paramLabel = "FROM",
            description = {
                "A file of weights (safetensors, or what torch.save wrote), a shard index,",
                "or a folder that holds one, or what Orbax wrote."
            })
    private Path from;

    @Parameters(
            index = "1",
            paramLabel = "TO",
            description = "A new file, or a new folder with --shard-size or --to.")
    private Path to;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "Type of all real numbers: f32, f16, bf16 or f64.")
    private Optional<String> type = Optional.empty();

    @Option(
            names = "--shard-size",
            paramLabel = "SIZE",
            description = "Split into files of at most this size, such as 2GB or 500MB.")
    private Optional<String> shardSize = Optional.empty();

    @Option(
            names = "--to",
            paramLabel = "LAYOUT",
            description =
                    "Write a pi0 or pi0.5 policy for lerobot, openpi or orrery: "
                            + "weights under its names, statistics and tokenizer where it looks for them. "
                            + "FROM may also be openpi's folder of a JAX checkpoint, or a NumPy archive (.npz) of its flat parameters.")
    private Optional<String> layout = Optional.empty();

    private record Converted(
            String from, String to, String layout, int tensors, List<String> warnings) {}

    private record Summary(String from, String to, int tensors) {}

    @Override
    public Integer call() throws IOException {
        if (Files.exists(to)) {
            throw new IllegalArgumentException(
                    "%s exists already; name a new file or folder".formatted(to));
        }
        var dtype = type.map(CheckpointConvertVerb::dtype);
        var size = shardSize.map(CheckpointConvertVerb::bytes);
        if (layout.isPresent()) {
            return convert(layout.get(), dtype);
        }
        try (var _ = TensorScope.open()) {
            // what is packed is converted as it is read, what is mapped as it is written
            boolean packed = Weights.isOrbax(from);
            var tensors =
                    Weights.read(
                            from,
                            (name, t) ->
                                    Map.of(name, packed ? t.to(written(t.dtype(), dtype)) : t));
            write(tensors, stored -> written(stored, dtype), size);
            var summary = new Summary(from.toString(), to.toString(), tensors.size());
            console.result(summary, "%s: %d tensors".formatted(to, tensors.size()));
        }
        return Main.DONE;
    }

    private int convert(String name, Optional<DType> dtype) {
        if (shardSize.isPresent()) {
            throw new IllegalArgumentException(
                    "--shard-size does not go with --to; convert first, then split the new file");
        }
        var result = Pi0Convert.run(from, to, Pi0Convert.Layout.named(name), dtype);
        result.warnings().forEach(console::warn);
        console.result(
                new Converted(
                        from.toString(), to.toString(), name, result.tensors(), result.warnings()),
                "%s: %d tensors, for %s".formatted(to, result.tensors(), name));
        return Main.DONE;
    }

    private void write(Map<String, Tensor> tensors, UnaryOperator<DType> types, Optional<Long> size)
            throws IOException {
        if (size.isEmpty()) {
            Safetensors.write(to, tensors, metadata(), types);
            return;
        }
        Files.createDirectories(to);
        try {
            Safetensors.writeShards(to, tensors, metadata(), types, size.get());
        } catch (CheckpointException e) {
            // nothing is left in it, and the same command may then be given again
            Files.deleteIfExists(to);
            throw e;
        }
    }

    private Map<String, String> metadata() {
        var all = new LinkedHashMap<String, String>();
        Weights.inspect(from).forEach(header -> all.putAll(header.metadata()));
        return all;
    }

    /// What a type becomes.
    private static DType written(DType stored, Optional<DType> wanted) {
        return switch (stored) {
            case F32, F64, F16, BF16 -> wanted.orElse(stored);
            case I8, I16, I32, I64, U8, BOOL -> stored;
        };
    }

    private static DType dtype(String name) {
        var folded = name.toLowerCase(Locale.ROOT);
        if (!FLOATS.contains(folded)) {
            throw new IllegalArgumentException(
                    "--dtype %s is not a type of real numbers; %s"
                            .formatted(name, Nearest.hint(folded, FLOATS)));
        }
        return Arrays.stream(DType.values())
                .filter(d -> d.name().equalsIgnoreCase(folded))
                .findFirst()
                .orElseThrow();
    }

    private static long bytes(String size) {
        var match = Pattern.compile("(\\d+)([KMG]?)B?").matcher(size.toUpperCase(Locale.ROOT));
        if (!match.matches()) {
            throw new IllegalArgumentException(
                    "--shard-size %s: write a number with KB, MB or GB, such as 2GB"
                            .formatted(size));
        }
        long unit =
                switch (match.group(2)) {
                    case "K" -> 1000;
                    case "M" -> 1_000_000;
                    case "G" -> 1_000_000_000;
                    default -> 1;
                };
        return Math.multiplyExact(Long.parseLong(match.group(1)), unit);
    }
}
