package dev.orrery.checkpoint;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// Named arrays as `numpy.savez` writes them: a zip file of `.npy` files.
///
/// Little-endian numbers in C order are read; two-byte records without a name (`|V2`) are BF16, as
/// JAX's types are saved. Arrays are copied, however large, in pieces.
///
/// Source: the NPY format, versions 1 to 3.
public final class NumpyArchive {

    private static final String ENDING = ".npy";
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final Pattern TYPE = Pattern.compile("'descr':\\s*'([^']*)'");
    private static final Pattern ORDER = Pattern.compile("'fortran_order':\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\(([0-9, ]*)\\)");
    private static final int PIECE = 1 << 20, LONGEST_HEADER = 1 << 20;

    private NumpyArchive() {}

    /// Reads all arrays, by name without `.npy`, in the order of the file.
    ///
    /// @throws CheckpointException for a missing or malformed file
    public static Map<String, Tensor> read(Path file) {
        var arrays = new LinkedHashMap<String, Tensor>();
        try (var zip = new ZipFile(file.toFile())) {
            for (var entry : zip.stream().filter(e -> e.getName().endsWith(ENDING)).toList()) {
                var name = entry.getName();
                try (var in = zip.getInputStream(entry)) {
                    arrays.put(
                            name.substring(0, name.length() - ENDING.length()),
                            array(file, entry, in));
                }
            }
        } catch (IOException e) {
            throw new CheckpointException(
                    file,
                    "",
                    "is no readable NumPy archive (" + e.getMessage() + ")",
                    "save it with numpy.savez",
                    e);
        }
        return arrays;
    }

    private static Tensor array(Path file, ZipEntry entry, InputStream in) throws IOException {
        var header = header(file, entry, in);
        if (find(ORDER, header, file, entry).equals("True"))
            throw wrong(file, entry, "is in Fortran order; save numpy.ascontiguousarray of it");
        var type = type(file, entry, find(TYPE, header, file, entry));
        long[] shape = shape(file, entry, find(SHAPE, header, file, entry));
        long numbers = numbers(file, entry, shape);
        if (entry.getSize() >= 0 && numbers > entry.getSize())
            throw wrong(
                    file, entry, "is cut off: its header promises %d numbers".formatted(numbers));
        var array = Tensor.zeros(type, shape);
        if (numbers > 0) fill(file, entry, in, array.segment());
        return array;
    }

    private static void fill(Path file, ZipEntry entry, InputStream in, MemorySegment into)
            throws IOException {
        var piece = new byte[PIECE];
        for (long at = 0; at < into.byteSize(); ) {
            int length = (int) Math.min(piece.length, into.byteSize() - at);
            if (in.readNBytes(piece, 0, length) < length)
                throw wrong(
                        file,
                        entry,
                        "is cut off: %d bytes are missing".formatted(into.byteSize() - at));
            MemorySegment.copy(MemorySegment.ofArray(piece), 0, into, at, length);
            at += length;
        }
    }

    private static String header(Path file, ZipEntry entry, InputStream in) throws IOException {
        var start = in.readNBytes(MAGIC.length + 2);
        if (start.length < MAGIC.length + 2
                || !java.util.Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length))
            throw wrong(file, entry, "is no NPY array");
        int bytes = start[MAGIC.length] == 1 ? 2 : 4;
        long length = 0;
        var size = in.readNBytes(bytes);
        for (int i = size.length - 1; i >= 0; i--) length = length << 8 | size[i] & 0xff;
        if (size.length < bytes || length < 0 || length > LONGEST_HEADER)
            throw wrong(file, entry, "has a header of %d bytes".formatted(length));
        return new String(in.readNBytes((int) length), StandardCharsets.UTF_8);
    }

    private static String find(Pattern what, String header, Path file, ZipEntry entry) {
        var match = what.matcher(header);
        if (!match.find())
            throw wrong(file, entry, "has a header that is not understood: " + header);
        return match.group(1);
    }

    private static DType type(Path file, ZipEntry entry, String name) {
        return switch (name) {
            case "<f4" -> DType.F32;
            case "<f8" -> DType.F64;
            case "<f2" -> DType.F16;
            case "|V2", "<V2", "bfloat16" -> DType.BF16;
            case "<i8" -> DType.I64;
            case "<i4" -> DType.I32;
            case "<i2" -> DType.I16;
            case "|i1" -> DType.I8;
            case "|u1" -> DType.U8;
            case "|b1" -> DType.BOOL;
            default ->
                    throw wrong(
                            file,
                            entry,
                            "holds numbers of type '%s'; save them as float32".formatted(name));
        };
    }

    private static long[] shape(Path file, ZipEntry entry, String text) {
        try {
            return java.util.Arrays.stream(text.split(","))
                    .map(String::strip)
                    .filter(s -> !s.isEmpty())
                    .mapToLong(Long::parseLong)
                    .toArray();
        } catch (NumberFormatException _) {
            throw wrong(file, entry, "has the shape (%s)".formatted(text));
        }
    }

    private static long numbers(Path file, ZipEntry entry, long[] shape) {
        try {
            return LongStream.of(shape).reduce(1, Math::multiplyExact);
        } catch (ArithmeticException _) {
            throw wrong(file, entry, "promises more numbers than there can be");
        }
    }

    private static CheckpointException wrong(Path file, ZipEntry entry, String problem) {
        return new CheckpointException(file, entry.getName(), problem, "write the archive anew");
    }
}
