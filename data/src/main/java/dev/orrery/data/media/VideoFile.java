package dev.orrery.data.media;

import static org.bytedeco.ffmpeg.global.avcodec.*;
import static org.bytedeco.ffmpeg.global.avformat.*;
import static org.bytedeco.ffmpeg.global.avutil.*;
import static org.bytedeco.ffmpeg.global.swscale.*;

import dev.orrery.data.DatasetException;
import dev.orrery.env.Image;
import java.io.Closeable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;

/// An open video whose frames are read by number.
///
/// Frames are numbered from 0 in the order in which they are shown. Reading forward decodes each
/// frame once; a jump goes back to the key frame before. Calls are taken one at a time.
public final class VideoFile implements Closeable {

    private final Path path;
    private final AVFormatContext format;
    private final AVStream stream;
    private final AVCodecContext decoder;
    private final AVPacket packet = av_packet_alloc();
    private final AVFrame frame = av_frame_alloc();
    private final AVFrame rgb = av_frame_alloc();
    private final long[] times;
    private final double fps;
    private SwsContext scaler = new SwsContext(null);
    private int scalerFormat = -1;
    private int next;
    private boolean draining, closed;

    private VideoFile(Path path, AVFormatContext format) {
        this.path = path;
        this.format = format;
        Ffmpeg.check(
                avformat_find_stream_info(format, (AVDictionary) null),
                path,
                "reading the streams");
        int index =
                Ffmpeg.check(
                        av_find_best_stream(
                                format,
                                AVMEDIA_TYPE_VIDEO,
                                -1,
                                -1,
                                (org.bytedeco.ffmpeg.avcodec.AVCodec) null,
                                0),
                        path,
                        "finding a video stream");
        this.stream = format.streams(index);
        for (int i = 0; i < format.nb_streams(); i++) {
            if (i != index) format.streams(i).discard(AVDISCARD_ALL);
        }
        var codec = avcodec_find_decoder(stream.codecpar().codec_id());
        if (codec == null) {
            throw DatasetException.at(path, "this FFmpeg cannot decode " + codecName());
        }
        this.decoder = avcodec_alloc_context3(codec);
        Ffmpeg.check(
                avcodec_parameters_to_context(decoder, stream.codecpar()),
                path,
                "setting up " + codecName());
        decoder.thread_count(1);
        Ffmpeg.check(
                avcodec_open2(decoder, codec, (AVDictionary) null), path, "opening " + codecName());
        this.fps = rate(stream.avg_frame_rate(), stream.r_frame_rate());
        this.times = index();
    }

    /// Opens a video.
    ///
    /// @throws DatasetException if it is missing, damaged or in a format that cannot be decoded
    public static VideoFile open(Path path) {
        Ffmpeg.need(path);
        if (!Files.isRegularFile(path)) throw DatasetException.at(path, "there is no such video");
        var format = new AVFormatContext(null);
        Ffmpeg.check(
                avformat_open_input(
                        format, path.toString(), (AVInputFormat) null, (AVDictionary) null),
                path,
                "opening the video");
        try {
            return new VideoFile(path, format);
        } catch (RuntimeException e) {
            avformat_close_input(format);
            throw e;
        }
    }

    private static double rate(AVRational average, AVRational real) {
        var rate = average.num() > 0 && average.den() > 0 ? average : real;
        return rate.den() == 0 ? 0 : (double) rate.num() / rate.den();
    }

    /// The times of all frames, in units of the stream, sorted.
    private long[] index() {
        long[] found = new long[256];
        int count = 0;
        while (av_read_frame(format, packet) >= 0) {
            boolean shown =
                    packet.stream_index() == stream.index()
                            && (packet.flags() & AV_PKT_FLAG_DISCARD) == 0;
            if (shown) {
                if (count == found.length) found = Arrays.copyOf(found, count * 2);
                found[count++] = packet.pts() == AV_NOPTS_VALUE ? packet.dts() : packet.pts();
            }
            av_packet_unref(packet);
        }
        found = Arrays.copyOf(found, count);
        Arrays.sort(found);
        seek(0, found);
        return found;
    }

    private void seek(int number, long[] times) {
        if (times.length > 0) {
            Ffmpeg.check(
                    av_seek_frame(format, stream.index(), times[number], AVSEEK_FLAG_BACKWARD),
                    path,
                    "jumping to frame " + number);
        }
        avcodec_flush_buffers(decoder);
        draining = false;
        next = -1;
    }

    /// The number of frames.
    public int frames() {
        return times.length;
    }

    /// Rows H of each frame.
    public int height() {
        return stream.codecpar().height();
    }

    /// Columns W of each frame.
    public int width() {
        return stream.codecpar().width();
    }

    /// Frames a second, as the file states them.
    public double fps() {
        return fps;
    }

    /// The name of the codec: `av1`, `h264`, `hevc`…
    public String codecName() {
        return avcodec_get_name(stream.codecpar().codec_id()).getString();
    }

    /// The name of the pixel format: `yuv420p`…
    public String pixelFormat() {
        var name = av_get_pix_fmt_name(stream.codecpar().format());
        return name == null ? "unknown" : name.getString();
    }

    /// Whether the file also holds sound.
    public boolean hasAudio() {
        for (int i = 0; i < format.nb_streams(); i++) {
            if (format.streams(i).codecpar().codec_type() == AVMEDIA_TYPE_AUDIO) return true;
        }
        return false;
    }

    /// When a frame is shown, in seconds from the start of the video.
    public double seconds(int number) {
        var base = stream.time_base();
        return (double) times[number] * base.num() / base.den();
    }

    /// The frame shown at a time.
    ///
    /// @param seconds from the start of the video
    /// @param tolerance how far the nearest frame may be, in seconds
    /// @throws DatasetException if none is that near; the message names the nearest
    public int frameAt(double seconds, double tolerance) {
        int best = Math.clamp(Math.round(seconds * fps), 0, Math.max(0, frames() - 1));
        if (best + 1 < frames() && distance(best + 1, seconds) < distance(best, seconds)) best++;
        if (best > 0 && distance(best - 1, seconds) < distance(best, seconds)) best--;
        if (frames() == 0 || distance(best, seconds) > tolerance) {
            throw DatasetException.at(
                    path,
                    "has no frame at %.6f s (± %g s); the nearest of %d is at %.6f s"
                            .formatted(
                                    seconds,
                                    tolerance,
                                    frames(),
                                    frames() == 0 ? Double.NaN : seconds(best)));
        }
        return best;
    }

    private double distance(int number, double seconds) {
        return Math.abs(seconds(number) - seconds);
    }

    /// Decodes one frame.
    ///
    /// @throws IllegalArgumentException if there is no such frame
    /// @throws DatasetException if it cannot be decoded
    public synchronized Image frame(int number) {
        if (closed) throw new IllegalStateException(path + ": the video is closed");
        if (number < 0 || number >= frames()) {
            throw new IllegalArgumentException(
                    "%s has frames 0 to %d, not %d".formatted(path, frames() - 1, number));
        }
        if (next < 0 || number < next || number > next + 16) seek(number, times);
        while (true) {
            if (!decode()) {
                next = -1;
                throw DatasetException.at(path, "frame %d cannot be decoded".formatted(number));
            }
            long time = frame.best_effort_timestamp();
            int place = Arrays.binarySearch(times, time);
            next = (place >= 0 ? place : -place - 1) + 1;
            if (time >= times[number]) return convert();
        }
    }

    private boolean decode() {
        while (true) {
            int got = avcodec_receive_frame(decoder, frame);
            if (got == 0) return true;
            if (got == AVERROR_EOF || draining) return false;
            if (got != AVERROR_EAGAIN()) Ffmpeg.check(got, path, "decoding");
            feed();
        }
    }

    private void feed() {
        while (av_read_frame(format, packet) >= 0) {
            try {
                if (packet.stream_index() != stream.index()) continue;
                int sent = avcodec_send_packet(decoder, packet);
                if (sent == AVERROR_INVALIDDATA()) continue;
                Ffmpeg.check(sent, path, "decoding");
                return;
            } finally {
                av_packet_unref(packet);
            }
        }
        draining = true;
        avcodec_send_packet(decoder, (AVPacket) null);
    }

    private Image convert() {
        int w = frame.width(), h = frame.height();
        if (scaler.isNull()
                || scalerFormat != frame.format()
                || rgb.width() != w
                || rgb.height() != h) {
            rescale(w, h);
        }
        sws_scale(scaler, frame.data(), frame.linesize(), 0, h, rgb.data(), rgb.linesize());
        var out = new byte[w * h * 3];
        int stride = rgb.linesize(0);
        var data = new BytePointer(rgb.data(0)).capacity((long) stride * h);
        for (int y = 0; y < h; y++) data.position((long) y * stride).get(out, y * w * 3, w * 3);
        return new Image(h, w, out);
    }

    private void rescale(int w, int h) {
        if ((long) w * h > 1L << 26)
            throw DatasetException.at(path, "frames of %d x %d are too large".formatted(h, w));
        if (!scaler.isNull()) sws_freeContext(scaler);
        scaler =
                sws_getContext(
                        w,
                        h,
                        frame.format(),
                        w,
                        h,
                        AV_PIX_FMT_RGB24,
                        SWS_BILINEAR,
                        null,
                        null,
                        (DoublePointer) null);
        if (scaler == null)
            throw DatasetException.at(path, "its pixel format cannot be turned into RGB");
        scalerFormat = frame.format();
        av_frame_unref(rgb);
        rgb.format(AV_PIX_FMT_RGB24);
        rgb.width(w);
        rgb.height(h);
        Ffmpeg.check(av_frame_get_buffer(rgb, 0), path, "allocating a frame");
    }

    @Override
    public synchronized void close() {
        if (closed) return;
        closed = true;
        if (!scaler.isNull()) sws_freeContext(scaler);
        av_frame_free(frame);
        av_frame_free(rgb);
        av_packet_free(packet);
        avcodec_free_context(decoder);
        avformat_close_input(format);
    }
}
