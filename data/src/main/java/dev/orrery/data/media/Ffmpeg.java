package dev.orrery.data.media;

import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_FATAL;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import dev.orrery.data.DatasetException;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.javacpp.BytePointer;

/// Loads FFmpeg once and turns its numbers into errors.
final class Ffmpeg {

    private static final boolean LOADED = load();

    private Ffmpeg() {}

    private static boolean load() {
        try {
            av_log_set_level(AV_LOG_FATAL);
            return avcodec.avcodec_version() > 0;
        } catch (UnsatisfiedLinkError | NoClassDefFoundError _) {
            return false;
        }
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
                throw DatasetException.at(file, "%s failed: %s".formatted(doing, text.getString()));
            }
        }
        return result;
    }
}
