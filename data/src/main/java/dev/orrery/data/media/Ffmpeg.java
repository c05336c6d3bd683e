package dev.orrery.data.media;

import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_FATAL;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import dev.orrery.data.DatasetException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.javacpp.BytePointer;

/// Loads FFmpeg once and turns its numbers into errors.
final class Ffmpeg {

    private static final String ERRORS_ONLY = "1";
    private static final boolean LOADED = load();

    private Ffmpeg() {}

    private static boolean load() {
        try {
            quietEncoder();
            av_log_set_level(AV_LOG_FATAL);
            return avcodec.avcodec_version() > 0;
        } catch (UnsatisfiedLinkError | NoClassDefFoundError _) {
            return false;
        }
    }

    /// The AV1 encoder says twenty lines for each video, whatever FFmpeg is told; it only listens
    /// to the environment. A level that the user has set stays.
    @SuppressWarnings("restricted")
    private static void quietEncoder() {
        var linker = Linker.nativeLinker();
        var setenv = linker.defaultLookup().find("setenv");
        if (setenv.isEmpty()) return;
        var call =
                linker.downcallHandle(
                        setenv.get(),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.ADDRESS,
                                ValueLayout.ADDRESS,
                                ValueLayout.JAVA_INT));
        try (var arena = Arena.ofConfined()) {
            int _ =
                    (int)
                            call.invokeExact(
                                    arena.allocateFrom("SVT_LOG"),
                                    arena.allocateFrom(ERRORS_ONLY),
                                    0);
        } catch (Throwable e) {
            throw new IllegalStateException("the environment cannot be set", e);
        }
    }

    static boolean there() {
        return LOADED;
    }

    /// Makes sure that the natives are there.
    ///
    /// @throws DatasetException if this installation has no FFmpeg for this machine
    static void need(Path file) {
        if (!LOADED) {
            throw DatasetException.at(
                    file,
                    "videos need the FFmpeg natives, which are not installed for this machine; use"
                            + " image features instead");
        }
    }

    static int check(int result, Path file, String doing) {
        if (result < 0) {
            try (var text = new BytePointer(256)) {
                av_strerror(result, text, 256);
                var bytes = new byte[256];
                text.get(bytes);
                int end = 0;
                while (end < bytes.length && bytes[end] != 0) end++;
                var said = new String(bytes, 0, end, StandardCharsets.UTF_8);
                throw DatasetException.at(file, "%s failed: %s".formatted(doing, said));
            }
        }
        return result;
    }
}
