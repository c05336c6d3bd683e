package dev.orrery.data.media;

import static org.bytedeco.ffmpeg.global.avcodec.*;
import static org.bytedeco.ffmpeg.global.avformat.*;
import static org.bytedeco.ffmpeg.global.avutil.*;

import dev.orrery.data.DatasetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;

/// Puts stretches of videos together without decoding them.
///
/// A stretch must begin at a key frame, as every episode of a LeRobot data set does; frames are
/// spaced evenly anew, so times do not drift however many are joined.
public final class VideoCopy {

    private static final int TICKS = 1024;

    /// Frames of a video, from one number up to another, exclusive.
    public record Piece(Path file, int from, int to) {}

    private final Path out;
    private final int fps;
    private final AVFormatContext format = new AVFormatContext(null);
    private AVStream stream = new AVStream(null);
    private byte[] header = {};
    private int done;

    private VideoCopy(Path out, int fps) {
        this.out = out;
        this.fps = fps;
    }

    /// Whether a stretch can be copied: whether its first frame is a key frame, and so is the one
    /// after its last, if there is one.
    public static boolean canCopy(Piece piece) {
        try (var source = new Source(piece.file())) {
            return source.isKey(piece.from())
                    && (piece.to() == source.times.length || source.isKey(piece.to()));
        }
    }

    /// Joins pieces into a new mp4.
    ///
    /// @throws DatasetException if a piece does not begin at a key frame, lacks frames, or is of
    ///   another format than the first; what was written is then deleted
    public static void join(List<Piece> pieces, Path out, int fps) {
        Ffmpeg.need(out);
        try {
            Files.createDirectories(out.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw DatasetException.at(out, "its folder cannot be created", e);
        }
        new VideoCopy(out, fps).run(pieces);
    }

    private void run(List<Piece> pieces) {
        Ffmpeg.check(
                avformat_alloc_output_context2(
                        format, (AVOutputFormat) null, "mp4", out.toString()),
                out,
                "preparing mp4");
        try {
            for (int i = 0; i < pieces.size(); ) i = copyFrom(pieces, i);
            Ffmpeg.check(av_write_trailer(format), out, "finishing the video");
        } catch (RuntimeException e) {
            discard();
            throw e;
        } finally {
            if (format.pb() != null) avio_closep(format.pb());
            avformat_free_context(format);
        }
    }

    /// Copies all pieces in a row that come from one file; where the next begin.
    private int copyFrom(List<Piece> pieces, int first) {
        var file = pieces.get(first).file();
        int i = first;
        try (var source = new Source(file)) {
            if (stream.isNull()) begin(source);
            else checkSame(source);
            for (; i < pieces.size() && pieces.get(i).file().equals(file); i++)
                copy(source, pieces.get(i));
        }
        return i;
    }

    private void discard() {
        try {
            Files.deleteIfExists(out);
        } catch (IOException _) {
            // The first failure is the one to report.
        }
    }

    private void begin(Source source) {
        stream = avformat_new_stream(format, (AVCodec) null);
        Ffmpeg.check(
                avcodec_parameters_copy(stream.codecpar(), source.stream.codecpar()),
                out,
                "describing the stream");
        stream.codecpar().codec_tag(0);
        stream.time_base(av_make_q(1, fps * TICKS)).avg_frame_rate(av_make_q(fps, 1));
        header = source.header();
        VideoWriter.writeHeader(out, format);
    }

    private void checkSame(Source source) {
        var a = stream.codecpar();
        var b = source.stream.codecpar();
        if (a.codec_id() != b.codec_id()
                || a.width() != b.width()
                || a.height() != b.height()
                || a.format() != b.format()
                || a.codec_id() != AV_CODEC_ID_AV1 && !Arrays.equals(header, source.header())) {
            throw DatasetException.at(
                    source.path,
                    "is encoded otherwise than the videos it is joined to; re-encode it");
        }
    }

    private void copy(Source source, Piece piece) {
        if (piece.to() > source.times.length || piece.from() < 0 || piece.from() >= piece.to()) {
            throw DatasetException.at(
                    piece.file(),
                    "has %d frames; %d to %d are asked for"
                            .formatted(source.times.length, piece.from(), piece.to()));
        }
        if (!source.isKey(piece.from())) {
            throw DatasetException.at(
                    piece.file(),
                    "frame %d is no key frame; re-encode the video".formatted(piece.from()));
        }
        var packets = source.packets(piece.from(), piece.to());
        try {
            int late = 0;
            for (int k = 0; k < packets.size(); k++)
                late = Math.max(late, k - (source.rank(packets.get(k)) - piece.from()));
            long tick = stream.time_base().den() / fps;
            for (int k = 0; k < packets.size(); k++) {
                var packet = packets.get(k);
                packet.pts((done + source.rank(packet) - piece.from()) * tick);
                packet.dts((done + k - late) * tick);
                packet.duration(tick);
                packet.stream_index(0);
                packet.pos(-1);
                Ffmpeg.check(av_write_frame(format, packet), out, "writing the video");
            }
            done += packets.size();
        } finally {
            packets.forEach(p -> av_packet_free(p));
        }
    }

    /// A video read as packets.
    private static final class Source implements AutoCloseable {

        final Path path;
        final AVFormatContext format = new AVFormatContext(null);
        final AVStream stream;
        final long[] times;
        private final Set<Long> keys = new HashSet<>();

        Source(Path path) {
            this.path = path;
            Ffmpeg.need(path);
            Ffmpeg.check(
                    avformat_open_input(
                            format, path.toString(), (AVInputFormat) null, (AVDictionary) null),
                    path,
                    "opening the video");
            Ffmpeg.check(
                    avformat_find_stream_info(format, (AVDictionary) null),
                    path,
                    "reading the streams");
            int index =
                    Ffmpeg.check(
                            av_find_best_stream(
                                    format, AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0),
                            path,
                            "finding a video stream");
            stream = format.streams(index);
            times = index();
        }

        private long[] index() {
            var found = new ArrayList<Long>();
            var packet = av_packet_alloc();
            while (av_read_frame(format, packet) >= 0) {
                if (wanted(packet)) {
                    found.add(packet.pts());
                    if ((packet.flags() & AV_PKT_FLAG_KEY) != 0) keys.add(packet.pts());
                }
                av_packet_unref(packet);
            }
            av_packet_free(packet);
            return found.stream().mapToLong(Long::longValue).sorted().toArray();
        }

        private boolean wanted(AVPacket packet) {
            return packet.stream_index() == stream.index()
                    && (packet.flags() & AV_PKT_FLAG_DISCARD) == 0;
        }

        boolean isKey(int frame) {
            return frame < times.length && keys.contains(times[frame]);
        }

        byte[] header() {
            var par = stream.codecpar();
            var out = new byte[Math.max(0, par.extradata_size())];
            if (out.length > 0) par.extradata().get(out);
            return out;
        }

        int rank(AVPacket packet) {
            return Arrays.binarySearch(times, packet.pts());
        }

        List<AVPacket> packets(int from, int to) {
            Ffmpeg.check(
                    av_seek_frame(format, stream.index(), times[from], AVSEEK_FLAG_BACKWARD),
                    path,
                    "jumping to frame " + from);
            var out = new ArrayList<AVPacket>();
            while (out.size() < to - from) {
                var packet = av_packet_alloc();
                if (av_read_frame(format, packet) < 0) {
                    av_packet_free(packet);
                    out.forEach(p -> av_packet_free(p));
                    throw DatasetException.at(path, "ends before frame " + to);
                }
                int rank = wanted(packet) ? rank(packet) : -1;
                if (rank >= from && rank < to) out.add(packet);
                else av_packet_free(packet);
            }
            return out;
        }

        @Override
        public void close() {
            avformat_close_input(format);
        }
    }
}
