package dev.orrery.checkpoint;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;

/// Checksums of the tensors of a file, kept in its metadata.
///
/// The format has none of its own, so that a flipped bit in the numbers would go unseen. Under
/// [#KEY] stand eight hexadecimal digits for each tensor, in the order of their data: CRC-32C over
/// name, type, shape and bytes. Files without that key are taken as they are.
final class Checksums {

    /// The key of the metadata.
    static final String KEY = "orrery.crc32c";

    private static final int DIGITS = 8;

    private Checksums() {}

    /// The metadata value for tensors that will be written in this order.
    static String of(List<WrittenTensor> order) {
        var out = new StringBuilder();
        for (var tensor : order) {
            var crc = begin(tensor.name(), tensor.type(), shape(tensor.tensor().shape()));
            tensor.data(crc::update);
            out.append("%08x".formatted(crc.getValue()));
        }
        return out.toString();
    }

    /// Whether a file has checksums.
    static boolean has(SafetensorsHeader header) {
        return header.metadata().containsKey(KEY);
    }

    /// Compares the data of a file with its checksums, if it has any.
    ///
    /// @param file its data
    /// @throws CheckpointException naming the first tensor that differs
    static void check(SafetensorsHeader header, MappedFile file) {
        if (!has(header)) return;
        var sums = header.metadata().get(KEY);
        if (sums.length() != DIGITS * header.tensors().size() || !sums.matches("[0-9a-f]*"))
            throw damaged(header, KEY, "does not hold a checksum for each tensor");
        for (int i = 0; i < header.tensors().size(); i++) {
            var tensor = header.tensors().get(i);
            var crc = begin(tensor.name(), tensor.type(), tensor.shape().toString());
            WrittenTensor.pieces(file.data(tensor), crc::update);
            var found = "%08x".formatted(crc.getValue());
            var wanted = sums.substring(DIGITS * i, DIGITS * (i + 1));
            if (!found.equals(wanted))
                throw damaged(
                        header,
                        tensor.name(),
                        "has checksum %s where %s was written".formatted(found, wanted));
        }
    }

    private static CheckpointException damaged(SafetensorsHeader header, String key, String what) {
        return new CheckpointException(
                header.file(), key, what, "the file has changed since; use another copy of it");
    }

    private static String shape(long[] shape) {
        return java.util.Arrays.toString(shape);
    }

    private static CRC32C begin(String name, StoredType type, String shape) {
        var crc = new CRC32C();
        crc.update((name + '\0' + type + shape).getBytes(StandardCharsets.UTF_8));
        return crc;
    }
}
