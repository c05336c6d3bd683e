package dev.orrery.data.media;

/// How frames become a video.
///
/// @param codec which format
/// @param quality constant rate factor, smaller is better: 0 to 63 for AV1, to 51 for the others
/// @param group frames from one key frame to the next; 2 makes random access fast
/// @param preset speed of AV1, 0 (slow) to 13 (fast); others ignore it
public record VideoEncoding(Codec codec, int quality, int group, int preset) {

    /// Formats that can be written.
    public enum Codec {
        AV1("av1", "libsvtav1", "libaom-av1"),
        H264("h264", "libx264", "libopenh264");

        private final String label;
        private final String[] encoders;

        Codec(String label, String... encoders) {
            this.label = label;
            this.encoders = encoders;
        }

        /// The name in `info.json`.
        public String label() {
            return label;
        }

        String[] encoders() {
            return encoders.clone();
        }
    }

    public VideoEncoding {
        if (quality < 0 || quality > 63 || group < 1 || preset < 0 || preset > 13) {
            throw new IllegalArgumentException(
                    "video quality %d (0 to 63), group %d (from 1), preset %d (0 to 13)"
                            .formatted(quality, group, preset));
        }
    }

    /// AV1 as LeRobot writes it: quality 30, a key frame every second frame.
    public static VideoEncoding av1() {
        return new VideoEncoding(Codec.AV1, 30, 2, 12);
    }

    /// H.264, which everything plays.
    public static VideoEncoding h264() {
        return new VideoEncoding(Codec.H264, 23, 2, 12);
    }
}
