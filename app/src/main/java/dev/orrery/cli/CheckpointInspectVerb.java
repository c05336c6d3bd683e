package dev.orrery.cli;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.checkpoint.SafetensorsHeader;
import dev.orrery.checkpoint.StoredTensor;
import dev.orrery.checkpoint.Weights;
import dev.orrery.system.internvlam1.InternVlaM1Folder;
import dev.orrery.system.openvla.OpenVlaPublished;
import dev.orrery.system.pi0.Pi0Published;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Reads headers only, so it answers at once for files of any size.
@Command(
        name = "inspect",
        description = {
            "List what a checkpoint holds, after checking that it is well formed.",
            "Data are compared with their checksums where the file has them, as those of runs do."
        },
        mixinStandardHelpOptions = true)
final class CheckpointInspectVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Parameters(
            paramLabel = "FILE",
            description = {
                "A file of weights (safetensors, or what torch.save wrote), a shard index,",
                "or a folder that holds one, or what Orbax wrote."
            })
    private Path path;

    private record FileView(
            String file,
            Map<String, String> metadata,
            List<TensorView> tensors,
            long bytes,
            boolean checked) {}

    private record TensorView(String name, String type, long[] shape, long bytes) {}

    @Override
    public Integer call() {
        var headers = headers();
        if (console.json()) {
            console.result(headers.stream().map(CheckpointInspectVerb::view).toList(), "");
        } else {
            headers.forEach(this::show);
            if (Files.isDirectory(path)) {
                Pi0Published.describe(path)
                        .or(() -> OpenVlaPublished.describe(path))
                        .or(() -> new InternVlaM1Folder(path).describe())
                        .ifPresent(about ->
                                about.forEach((k, v) -> console.print("%-11s %s".formatted(k, v))));
            }
        }
        return Main.DONE;
    }

    /// Of a folder without a model, every safetensors file in it.
    private List<SafetensorsHeader> headers() {
        if (!Files.isDirectory(path) || Weights.isAt(path)) return Weights.inspect(path);
        try (var files = Files.list(path)) {
            var found =
                    files.filter(f -> f.toString().endsWith(".safetensors"))
                            .sorted()
                            .map(SafetensorsHeader::read)
                            .toList();
            return found.isEmpty() ? Weights.inspect(path) : found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void show(SafetensorsHeader header) {
        boolean checked = Safetensors.check(header);
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("TENSOR", "TYPE", "SHAPE", "BYTES"));
        for (var tensor : header.tensors()) {
            rows.add(
                    List.of(
                            tensor.name(),
                            tensor.type().toString(),
                            Arrays.toString(shape(tensor)),
                            "%,d".formatted(tensor.bytes())));
        }
        console.print(Console.table(rows));
        header.metadata()
                .forEach((key, value) -> {
                    if (!key.equals(Safetensors.CHECKSUMS))
                        console.print("%s = %s".formatted(key, value));
                });
        console.print(
                "%s: %d tensors, %,d numbers, %,d bytes%s"
                        .formatted(
                                header.file(),
                                header.tensors().size(),
                                header.tensors().stream().mapToLong(StoredTensor::elements).sum(),
                                header.bytes(),
                                checked ? ", as their checksums say" : ""));
    }

    private static FileView view(SafetensorsHeader header) {
        return new FileView(
                header.file().toString(),
                header.metadata(),
                header.tensors().stream()
                        .map(t ->
                                new TensorView(t.name(), t.type().toString(), shape(t), t.bytes()))
                        .toList(),
                header.bytes(),
                Safetensors.check(header));
    }

    private static long[] shape(StoredTensor tensor) {
        return tensor.shape().stream().mapToLong(Long::longValue).toArray();
    }
}
