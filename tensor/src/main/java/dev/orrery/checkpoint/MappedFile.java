package dev.orrery.checkpoint;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.NavigableMap;
import java.util.TreeMap;

/// The bytes of a weights file in memory, and tensors made of them.
///
/// Where the process may write the file, its pages are mapped copy-on-write: changing a tensor in
/// place changes the process's own copy, never the file. Elsewhere pages could only be mapped
/// read-only, where an in-place change would end the process, so tensors are copied out.
///
/// A file is mapped in pieces of whole tensors, since systems refuse one copy-on-write mapping that
/// is larger than all their memory, though nothing of it may ever be changed.
final class MappedFile {

    private static final long PIECE = 1L << 30;

    private final NavigableMap<Long, MemorySegment> pieces;
    private final boolean shared;

    private MappedFile(NavigableMap<Long, MemorySegment> pieces, boolean shared) {
        this.pieces = pieces;
        this.shared = shared;
    }

    static MappedFile open(SafetensorsHeader header) {
        var file = header.file();
        boolean writable = Files.isWritable(file);
        try (var channel = writable ? open(file, true) : open(file, false)) {
            var mode = writable ? MapMode.PRIVATE : MapMode.READ_ONLY;
            var pieces = new TreeMap<Long, MemorySegment>();
            var tensors = header.tensors();
            for (int first = 0; first < tensors.size(); ) {
                long begin = tensors.get(first).begin(), end = tensors.get(first).end();
                int next = first + 1;
                while (next < tensors.size() && tensors.get(next).end() - begin <= PIECE) {
                    end = tensors.get(next++).end();
                }
                pieces.put(begin, channel.map(mode, begin, end - begin, Arena.ofAuto()));
                first = next;
            }
            return new MappedFile(pieces, writable);
        } catch (IOException e) {
            throw new CheckpointException(
                    file, "", "cannot be mapped (" + e + ")", "check its permissions", e);
        }
    }

    private static FileChannel open(Path file, boolean writable) throws IOException {
        return writable
                ? FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)
                : FileChannel.open(file, StandardOpenOption.READ);
    }

    /// The bytes of one tensor.
    MemorySegment data(StoredTensor entry) {
        var piece = pieces.floorEntry(entry.begin());
        return piece.getValue().asSlice(entry.begin() - piece.getKey(), entry.bytes());
    }

    /// Compares the data with the checksums of the header, if it has any.
    void check(SafetensorsHeader header) {
        Checksums.check(header, this);
    }

    /// The tensor of a stored entry; types that tensors do not have become the next wider one.
    Tensor tensor(StoredTensor entry) {
        var data = data(entry);
        long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
        return switch (entry.type()) {
            case BOOL -> plain(data, DType.BOOL, shape);
            case U8 -> plain(data, DType.U8, shape);
            case I8 -> plain(data, DType.I8, shape);
            case I16 -> plain(data, DType.I16, shape);
            case I32 -> plain(data, DType.I32, shape);
            case I64 -> plain(data, DType.I64, shape);
            case F16 -> plain(data, DType.F16, shape);
            case BF16 -> plain(data, DType.BF16, shape);
            case F32 -> plain(data, DType.F32, shape);
            case F64 -> plain(data, DType.F64, shape);
            case U16, U32, U64, F8_E4M3, F8_E5M2 -> Widened.tensor(entry, data);
        };
    }

    private Tensor plain(MemorySegment data, DType dtype, long[] shape) {
        boolean usable = shared && data.byteSize() > 0 && data.address() % dtype.bytes() == 0;
        return usable ? Tensor.mapped(data, dtype, shape) : Tensor.of(data, dtype, shape);
    }
}
