package dev.orrery.checkpoint;

import dev.orrery.checkpoint.TorchPickle.Opaque;
import dev.orrery.checkpoint.TorchPickle.Storage;
import dev.orrery.checkpoint.TorchPickle.Strided;
import dev.orrery.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/// The tensors in a file that `torch.save` wrote: a zip file with a pickle and, uncompressed, the
/// numbers.
///
/// Nothing in it is run. Tensors in dictionaries and lists are named by their keys, joined by dots;
/// a dictionary `state_dict` around everything is left out. Numbers are mapped as those of
/// safetensors files are.
///
/// Source: PyTorch's serialization notes, the format since version 1.6.
final class TorchFile {

    private static final String PICKLE = "data.pkl";
    private static final List<String> WRAPPERS = List.of("state_dict.", "model_state_dict.");
    private static final int LONGEST_PICKLE = 512 << 20, DEEPEST = 64;
    private static final String AGAIN = "fetch or save the file again, it is damaged";

    /// @param tensors by name, in the order of the pickle
    /// @param data of every storage that they need, by its key
    private record Content(Map<String, Strided> tensors, Map<String, StoredTensor> data) {}

    private final Path file;

    private TorchFile(Path file) {
        this.file = file;
    }

    /// Reads all tensors.
    ///
    /// @throws CheckpointException for a missing or malformed file, or one without tensors
    static Map<String, Tensor> read(Path file) {
        return new TorchFile(file).tensors();
    }

    /// What the file holds.
    static SafetensorsHeader inspect(Path file) {
        var found = new TorchFile(file).content();
        var tensors = new ArrayList<StoredTensor>();
        found.tensors.forEach((name, tensor) -> {
            var data = found.data.get(tensor.storage().key());
            long bytes = numbers(tensor) * tensor.type().bytes();
            long begin = data.begin() + tensor.offset() * tensor.type().bytes();
            var shape = LongStream.of(tensor.shape()).boxed().toList();
            tensors.add(new StoredTensor(name, tensor.type(), shape, file, begin, begin + bytes));
        });
        return new SafetensorsHeader(file, Map.of(), tensors);
    }

    private Map<String, Tensor> tensors() {
        var found = content();
        var data =
                found.data.values().stream()
                        .sorted(Comparator.comparingLong(StoredTensor::begin))
                        .toList();
        var mapped = MappedFile.open(new SafetensorsHeader(file, Map.of(), data));
        var flat = new LinkedHashMap<String, Tensor>();
        data.forEach(storage -> flat.put(storage.name(), mapped.tensor(storage)));
        var tensors = new LinkedHashMap<String, Tensor>();
        found.tensors.forEach((name, tensor) ->
                tensors.put(name, tensor(name, flat.get(tensor.storage().key()), tensor)));
        return tensors;
    }

    private Tensor tensor(String name, Tensor flat, Strided wanted) {
        long numbers = numbers(wanted), rest = flat.numel() - wanted.offset();
        if (numbers == 0) return flat.narrow(0, 0, 0).view(wanted.shape());
        if (wanted.offset() < 0 || reach(name, wanted) > rest)
            throw wrong(name, "reaches beyond its %d numbers".formatted(flat.numel()), AGAIN);
        if (isContiguous(wanted))
            return flat.narrow(0, wanted.offset(), numbers).view(wanted.shape());
        return flat.narrow(0, wanted.offset(), rest).asStrided(wanted.shape(), wanted.strides());
    }

    private static long numbers(Strided tensor) {
        return LongStream.of(tensor.shape()).reduce(1, Math::multiplyExact);
    }

    /// Numbers from the first to the last.
    private long reach(String name, Strided tensor) {
        long reach = 1;
        for (int axis = 0; axis < tensor.shape().length; axis++) {
            if (tensor.strides()[axis] < 0)
                throw wrong(name, "has a stride of %d".formatted(tensor.strides()[axis]), AGAIN);
            reach += Math.multiplyExact(tensor.shape()[axis] - 1, tensor.strides()[axis]);
        }
        return reach;
    }

    private static boolean isContiguous(Strided tensor) {
        long step = 1;
        for (int axis = tensor.shape().length - 1; axis >= 0; axis--) {
            if (tensor.shape()[axis] > 1 && tensor.strides()[axis] != step) return false;
            step *= tensor.shape()[axis];
        }
        return true;
    }

    private Content content() {
        if (!Files.isRegularFile(file))
            throw new CheckpointException(file, "", "does not exist", "check the path");
        try (var zip = ZipFile.builder().setPath(file).get()) {
            return content(zip);
        } catch (IOException e) {
            throw new CheckpointException(
                    file,
                    "",
                    "is no zip file, as torch.save has written them since PyTorch 1.6 (%s)"
                            .formatted(e.getMessage()),
                    "open it with torch.load and save it again",
                    e);
        }
    }

    private Content content(ZipFile zip) throws IOException {
        var all = new LinkedHashMap<String, ZipArchiveEntry>();
        zip.getEntries().asIterator().forEachRemaining(e -> all.put(e.getName(), e));
        var folder =
                all.keySet().stream()
                        .filter(name -> name.equals(PICKLE) || name.endsWith("/" + PICKLE))
                        .min(Comparator.comparingInt(String::length))
                        .map(name -> name.substring(0, name.length() - PICKLE.length()))
                        .orElseThrow(
                                () -> wrong("", "holds no " + PICKLE, "name a file of torch.save"));
        var order = all.get(folder + "byteorder");
        if (order != null
                && !new String(bytes(zip, order), StandardCharsets.UTF_8).equals("little"))
            throw wrong("byteorder", "is not little", "save it on another machine");
        var tensors = named(unpickled(bytes(zip, all.get(folder + PICKLE))));
        var data = new LinkedHashMap<String, StoredTensor>();
        for (var tensor : tensors.entrySet()) {
            var storage = tensor.getValue().storage();
            var entry = all.get(folder + "data/" + storage.key());
            var place = place(tensor.getKey(), tensor.getValue(), entry);
            var before = data.putIfAbsent(storage.key(), place);
            if (before != null && before.type() != place.type())
                throw wrong(tensor.getKey(), "shares numbers with another type", AGAIN);
        }
        return new Content(tensors, data);
    }

    private byte[] bytes(ZipFile zip, ZipArchiveEntry entry) throws IOException {
        if (entry.getSize() > LONGEST_PICKLE)
            throw wrong(entry.getName(), "has %d bytes".formatted(entry.getSize()), AGAIN);
        try (var in = zip.getInputStream(entry)) {
            return in.readNBytes(LONGEST_PICKLE);
        }
    }

    private Object unpickled(byte[] bytes) {
        try {
            return TorchPickle.read(bytes);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(
                    file,
                    PICKLE,
                    "cannot be read (%s)".formatted(e.getMessage()),
                    "save the state_dict of the model alone, with torch.save",
                    e);
        }
    }

    private Map<String, Strided> named(Object root) {
        var all = new LinkedHashMap<String, Strided>();
        name("", root, all, 0);
        if (all.isEmpty())
            throw wrong(
                    "",
                    root instanceof Opaque(String name)
                            ? "holds a %s and no tensors that are read".formatted(name)
                            : "holds no tensors",
                    "save the state_dict of the model, with torch.save");
        for (var wrapper : WRAPPERS) {
            if (!all.keySet().stream().allMatch(name -> name.startsWith(wrapper))) continue;
            var inside = new LinkedHashMap<String, Strided>();
            all.forEach((name, tensor) -> inside.put(name.substring(wrapper.length()), tensor));
            return inside;
        }
        return all;
    }

    private void name(String name, Object value, Map<String, Strided> into, int depth) {
        if (depth > DEEPEST) throw wrong(name, "lies too deep", AGAIN);
        var prefix = name.isEmpty() ? "" : name + ".";
        switch (value) {
            case Strided tensor -> into.put(name, tensor);
            case Map<?, ?> map ->
                    map.forEach((key, inner) -> name(prefix + key, inner, into, depth + 1));
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++)
                    name(prefix + i, list.get(i), into, depth + 1);
            }
            default -> {}
        }
    }

    /// Where the numbers of a tensor's storage lie.
    private StoredTensor place(
            String name, Strided tensor, @org.jspecify.annotations.Nullable ZipArchiveEntry entry) {
        Storage storage = tensor.storage();
        if (entry == null)
            throw wrong(
                    name,
                    "has its numbers in data/%s, which is missing".formatted(storage.key()),
                    AGAIN);
        if (entry.getMethod() != ZipArchiveEntry.STORED)
            throw wrong(
                    name, "has compressed numbers", "save it with torch.save, which packs none");
        int size = tensor.type().bytes();
        long count = storage.type().isPresent() ? storage.count() : storage.count() / size;
        long begin = entry.getDataOffset();
        if (count < 0 || Math.multiplyExact(count, size) > entry.getSize() || begin < 0)
            throw wrong(
                    name,
                    "has %d bytes of its %d numbers".formatted(entry.getSize(), count),
                    AGAIN);
        return new StoredTensor(
                storage.key(), tensor.type(), List.of(count), file, begin, begin + count * size);
    }

    private CheckpointException wrong(String key, String problem, String fix) {
        return new CheckpointException(file, key, problem, fix);
    }
}
