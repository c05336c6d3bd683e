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

/// The bytes of a weights file in memory, and tensors made of them.
///
/// Where the process may write the file, its pages are mapped copy-on-write: changing a tensor in
/// place changes the process's own copy, never the file. Elsewhere pages could only be mapped
/// read-only, where an in-place change would end the process, so tensors are copied out.
final class MappedFile {

    private final MemorySegment bytes;
    private final boolean shared;

    private MappedFile(MemorySegment bytes, boolean shared) {
        this.bytes = bytes;
        this.shared = shared;
    }

    static MappedFile open(Path file) {
        boolean writable = Files.isWritable(file);
        try (var channel = writable ? open(file, true) : open(file, false)) {
            var mode = writable ? MapMode.PRIVATE : MapMode.READ_ONLY;
            return new MappedFile(channel.map(mode, 0, channel.size(), Arena.ofAuto()), writable);
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

    /// Compares the data with the checksums of the header, if it has any.
    void check(SafetensorsHeader header) {
        Checksums.check(header, bytes);
    }

    /// The tensor of a stored entry; types that tensors do not have become the next wider one.
    Tensor tensor(StoredTensor entry) {
        var data = bytes.asSlice(entry.begin(), entry.bytes());
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
            case U16 -> Widened.u16(data, shape);
            case U32 -> Widened.u32(data, shape);
            case U64 -> Widened.u64(entry, data, shape);
            case F8_E4M3 -> Widened.e4m3(data, shape);
            case F8_E5M2 -> Widened.e5m2(data, shape);
        };
    }

    private Tensor plain(MemorySegment data, DType dtype, long[] shape) {
        boolean usable = shared && data.byteSize() > 0 && data.address() % dtype.bytes() == 0;
        return usable ? Tensor.mapped(data, dtype, shape) : Tensor.of(data, dtype, shape);
    }
}
