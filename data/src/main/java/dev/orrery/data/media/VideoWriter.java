package dev.orrery.data.media;

import static org.bytedeco.ffmpeg.global.avcodec.*;
import static org.bytedeco.ffmpeg.global.avformat.*;
import static org.bytedeco.ffmpeg.global.avutil.*;
import static org.bytedeco.ffmpeg.global.swscale.*;

import dev.orrery.data.DatasetException;
import dev.orrery.env.Image;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;

/// Writes frames to an mp4 file, 4:2:0 at 8 bits.
///
/// The file is complete once closed. Instances are for one thread.
public final class VideoWriter implements Closeable {

    private static final String SVT_AV1 = "libsvtav1";

    /// SVT-AV1 takes frames of 24 columns and fewer, and then waits for itself when it is to finish
    /// (found by trying: 16, 18 and 24 hang, 30 and 32 do not, whatever the height).
    private static final int SVT_AV1_WIDTH = 32;

    private final Path path;
    private final int height, width;
    private final AVFormatContext format = new AVFormatContext(null);
    private final AVCodecContext encoder;
    private final AVStream stream;
    private final AVPacket packet = av_packet_alloc();
    private final AVFrame rgb, yuv;
    private final SwsContext scaler;
    private int frames;
    private boolean closed;

    private VideoWriter(Path path, int height, int width, int fps, VideoEncoding encoding) {
        this.path = path;
        this.height = height;
        this.width = width;
        if (height % 2 != 0 || width % 2 != 0) {
            throw new IllegalArgumentException(
                    "video frames of %d x %d: 4:2:0 needs even sizes; crop, or use image features"
                            .formatted(height, width));
        }
        var codec = encoder(path, encoding);
        if (codec.name().getString().equals(SVT_AV1) && width < SVT_AV1_WIDTH) {
            throw new IllegalArgumentException(
                    "video frames of %d x %d: the encoder of AV1 never comes to an end below a width of %d; use h264, or image features"
                            .formatted(height, width, SVT_AV1_WIDTH));
        }
        Ffmpeg.check(
                avformat_alloc_output_context2(
                        format, (AVOutputFormat) null, "mp4", path.toString()),
                path,
                "preparing mp4");
        encoder = avcodec_alloc_context3(codec);
        encoder.width(width)
                .height(height)
                .pix_fmt(AV_PIX_FMT_YUV420P)
                .gop_size(encoding.group())
                .max_b_frames(0);
        encoder.time_base(av_make_q(1, fps)).framerate(av_make_q(fps, 1)).thread_count(1);
        if ((format.oformat().flags() & AVFMT_GLOBALHEADER) != 0) {
            encoder.flags(encoder.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
        }
        open(codec, encoding, fps);
        stream = avformat_new_stream(format, codec);
        Ffmpeg.check(
                avcodec_parameters_from_context(stream.codecpar(), encoder),
                path,
                "describing the stream");
        stream.time_base(av_make_q(1, fps * 1024)).avg_frame_rate(av_make_q(fps, 1));
        writeHeader(path, format);
        rgb = frame(AV_PIX_FMT_RGB24);
        yuv = frame(AV_PIX_FMT_YUV420P);
        scaler =
                sws_getContext(
                        width,
                        height,
                        AV_PIX_FMT_RGB24,
                        width,
                        height,
                        AV_PIX_FMT_YUV420P,
                        SWS_BICUBIC,
                        null,
                        null,
                        (DoublePointer) null);
    }

    /// Whether this installation has the natives that write videos.
    public static boolean available() {
        return Ffmpeg.there();
    }

    /// Begins a video.
    ///
    /// @throws IllegalArgumentException if height or width is odd, or too small for the encoder
    /// @throws DatasetException if this FFmpeg has no encoder for the codec, or the file cannot be
    ///   written
    public static VideoWriter open(
            Path path, int height, int width, int fps, VideoEncoding encoding) {
        Ffmpeg.need(path);
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw DatasetException.at(path, "its folder cannot be created", e);
        }
        return new VideoWriter(path, height, width, fps, encoding);
    }

    private static AVCodec encoder(Path path, VideoEncoding encoding) {
        for (var name : encoding.codec().encoders()) {
            var codec = avcodec_find_encoder_by_name(name);
            if (codec != null) return codec;
        }
        throw DatasetException.at(
                path,
                "this FFmpeg has none of the encoders %s for %s; use another codec"
                        .formatted(
                                Arrays.toString(encoding.codec().encoders()),
                                encoding.codec().label()));
    }

    private void open(AVCodec codec, VideoEncoding encoding, int fps) {
        var options = new AVDictionary(null);
        switch (codec.name().getString()) {
            case SVT_AV1 -> {
                encoder.bit_rate(0);
                av_dict_set(options, "preset", "" + encoding.preset(), 0);
                av_dict_set(options, "crf", "" + encoding.quality(), 0);
            }
            case "libopenh264" -> {
                encoder.qmin(Math.max(0, encoding.quality() - 8)).qmax(encoding.quality());
                encoder.bit_rate((long) width * height * fps * 4);
            }
            default -> {
                encoder.bit_rate(0);
                av_dict_set(options, "crf", "" + encoding.quality(), 0);
                av_dict_set(options, "cpu-used", "8", 0);
            }
        }
        int opened = avcodec_open2(encoder, codec, options);
        av_dict_free(options);
        Ffmpeg.check(
                opened,
                path,
                "opening the encoder %s for %d x %d"
                        .formatted(codec.name().getString(), height, width));
    }

    static void writeHeader(Path path, AVFormatContext format) {
        var io = new AVIOContext(null);
        Ffmpeg.check(avio_open(io, path.toString(), AVIO_FLAG_WRITE), path, "creating the video");
        format.pb(io);
        Ffmpeg.check(
                avformat_write_header(format, (AVDictionary) null),
                path,
                "writing the video's head");
    }

    private AVFrame frame(int pixels) {
        var frame = av_frame_alloc();
        frame.format(pixels).width(width).height(height);
        Ffmpeg.check(av_frame_get_buffer(frame, 0), path, "allocating a frame");
        return frame;
    }

    /// The number of frames added.
    public int frames() {
        return frames;
    }

    /// Adds the next frame.
    ///
    /// @throws IllegalArgumentException if its size differs from the video's
    public void add(Image image) {
        if (image.height() != height || image.width() != width) {
            throw new IllegalArgumentException(
                    "a frame of %d x %d in a video of %d x %d"
                            .formatted(image.height(), image.width(), height, width));
        }
        int stride = rgb.linesize(0);
        var data = new BytePointer(rgb.data(0)).capacity((long) stride * height);
        for (int y = 0; y < height; y++)
            data.position((long) y * stride).put(image.rgb(), y * width * 3, width * 3);
        Ffmpeg.check(av_frame_make_writable(yuv), path, "preparing a frame");
        sws_scale(scaler, rgb.data(), rgb.linesize(), 0, height, yuv.data(), yuv.linesize());
        yuv.pts(frames++);
        send(yuv);
    }

    private void send(AVFrame frame) {
        Ffmpeg.check(avcodec_send_frame(encoder, frame), path, "encoding");
        while (true) {
            int got = avcodec_receive_packet(encoder, packet);
            if (got == AVERROR_EAGAIN() || got == AVERROR_EOF) return;
            Ffmpeg.check(got, path, "encoding");
            packet.stream_index(0);
            packet.duration(1);
            AVRational from = encoder.time_base();
            av_packet_rescale_ts(packet, from, stream.time_base());
            Ffmpeg.check(av_interleaved_write_frame(format, packet), path, "writing the video");
        }
    }

    @Override
    public void close() {
        if (closed) return;
        closed = true;
        try {
            if (frames > 0) {
                send(new AVFrame(null));
                Ffmpeg.check(av_write_trailer(format), path, "finishing the video");
            }
        } finally {
            avio_closep(format.pb());
            av_packet_free(packet);
            av_frame_free(rgb);
            av_frame_free(yuv);
            sws_freeContext(scaler);
            avcodec_free_context(encoder);
            avformat_free_context(format);
        }
    }
}
