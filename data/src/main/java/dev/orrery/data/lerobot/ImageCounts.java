package dev.orrery.data.lerobot;

import dev.orrery.env.Image;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// Counts the pixel values of an episode's pictures, from which their statistics follow exactly.
///
/// As LeRobot does, only some frames count, `clip(n^0.75, 100, 10000)` of n spread evenly, and
/// large pictures are thinned to about 150 pixels.
final class ImageCounts {

    private static final int LEVELS = 256, THIN_FROM = 300, THIN_TO = 150;

    private final List<int[]> frames = new ArrayList<>();

    /// Counts one picture: three channels of 256 levels.
    void add(Image image) {
        int h = image.height(), w = image.width();
        int step = Math.max(h, w) < THIN_FROM ? 1 : (w > h ? w : h) / THIN_TO;
        var counts = new int[3 * LEVELS];
        var rgb = image.rgb();
        for (int y = 0; y < h; y += step) {
            for (int x = 0; x < w; x += step) {
                int at = (y * w + x) * 3;
                counts[rgb[at] & 0xff]++;
                counts[LEVELS + (rgb[at + 1] & 0xff)]++;
                counts[2 * LEVELS + (rgb[at + 2] & 0xff)]++;
            }
        }
        frames.add(counts);
    }

    void clear() {
        frames.clear();
    }

    /// The places, among n, of the frames that count.
    static int[] sample(int n) {
        int least = Math.min(n, 100);
        int samples = Math.max(least, Math.min((int) Math.pow(n, 0.75), 10_000));
        var out = new int[samples];
        for (int i = 0; i < samples; i++) {
            out[i] = samples == 1 ? 0 : (int) Math.rint((double) i * (n - 1) / (samples - 1));
        }
        return out;
    }

    /// The statistics, in [0, 1], over the sampled frames.
    FeatureStats stats() {
        return over(sample(frames.size()));
    }

    /// The statistics over all frames counted, for frames that are a sample already.
    FeatureStats statsOfAll() {
        return over(java.util.stream.IntStream.range(0, frames.size()).toArray());
    }

    private FeatureStats over(int[] sample) {
        var total = new long[3 * LEVELS];
        for (int frame : sample) {
            for (int i = 0; i < total.length; i++) total[i] += frames.get(frame)[i];
        }
        var min = new double[3];
        var max = new double[3];
        var mean = new double[3];
        var std = new double[3];
        var quantiles = new LinkedHashMap<String, double[]>();
        for (var q : EpisodeStats.QUANTILES.keySet()) quantiles.put(q, new double[3]);
        for (int c = 0; c < 3; c++) {
            long n = 0;
            double sum = 0, squares = 0;
            int first = -1, last = 0;
            for (int level = 0; level < LEVELS; level++) {
                long count = total[c * LEVELS + level];
                if (count == 0) continue;
                if (first < 0) first = level;
                last = level;
                n += count;
                sum += (double) count * level;
                squares += (double) count * level * level;
            }
            mean[c] = sum / n / 255;
            std[c] = Math.sqrt(Math.max(0, squares / n - (sum / n) * (sum / n))) / 255;
            min[c] = first / 255.0;
            max[c] = last / 255.0;
            for (var q : EpisodeStats.QUANTILES.entrySet()) {
                quantiles.get(q.getKey())[c] = level(total, c, q.getValue() * n) / 255.0;
            }
        }
        return new FeatureStats(min, max, mean, std, sample.length, quantiles);
    }

    private static int level(long[] total, int channel, double target) {
        long seen = 0;
        for (int level = 0; level < LEVELS; level++) {
            seen += total[channel * LEVELS + level];
            if (seen > 0 && seen >= target) return level;
        }
        return LEVELS - 1;
    }
}
