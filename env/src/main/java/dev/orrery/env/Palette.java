package dev.orrery.env;

import java.awt.image.IndexColorModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The colours of an animated GIF: at most 255 that serve all its pictures, and one that leaves a
/// pixel as it was.
///
/// Colours are found by median cut over a histogram of six bits a channel; without dithering, so
/// that what stands still in a film stays equal from picture to picture.
final class Palette {

    /// The index that leaves a pixel as it was.
    static final int AS_BEFORE = 255;

    private static final int MOST = 255, BITS = 6, SIDE = 1 << BITS;

    /// Colours that look alike: how many pixels have them, and the sums of their channels.
    private static final class Bucket {
        final int place;
        long count;
        final long[] sums = new long[3];

        Bucket(int place) {
            this.place = place;
        }

        int channel(int c) {
            return place >> (2 - c) * BITS & SIDE - 1;
        }
    }

    private final byte[][] channels = new byte[3][256];
    private final int[] index = new int[SIDE * SIDE * SIDE];

    private Palette(List<List<Bucket>> boxes) {
        for (int i = 0; i < boxes.size(); i++) {
            var box = boxes.get(i);
            long count = box.stream().mapToLong(b -> b.count).sum();
            for (int c = 0; c < 3; c++) {
                int channel = c;
                long sum = box.stream().mapToLong(b -> b.sums[channel]).sum();
                channels[c][i] = (byte) ((sum + count / 2) / count);
            }
            for (var bucket : box) {
                index[bucket.place] = i;
            }
        }
    }

    /// Colours that serve these pictures.
    static Palette of(List<Image> pictures) {
        var buckets = new Bucket[SIDE * SIDE * SIDE];
        for (var picture : pictures) {
            var rgb = picture.rgb();
            for (int i = 0; i < rgb.length; i += 3) {
                int place = place(rgb, i);
                var bucket = buckets[place];
                if (bucket == null) {
                    bucket = buckets[place] = new Bucket(place);
                }
                bucket.count++;
                for (int c = 0; c < 3; c++) {
                    bucket.sums[c] += rgb[i + c] & 0xff;
                }
            }
        }
        var boxes = new ArrayList<List<Bucket>>();
        boxes.add(Arrays.stream(buckets).filter(b -> b != null).toList());
        while (boxes.size() < MOST) {
            int widest = widest(boxes);
            if (boxes.get(widest).size() < 2) {
                break;
            }
            split(boxes, widest);
        }
        return new Palette(boxes);
    }

    private static int place(byte[] rgb, int at) {
        int place = 0;
        for (int c = 0; c < 3; c++) {
            place = place << BITS | (rgb[at + c] & 0xff) >> 8 - BITS;
        }
        return place;
    }

    /// The box whose pixels would gain most from another colour.
    private static int widest(List<List<Bucket>> boxes) {
        int best = 0;
        double most = -1;
        for (int i = 0; i < boxes.size(); i++) {
            var box = boxes.get(i);
            int span = span(box, axis(box));
            double gain = span * span * Math.sqrt(box.stream().mapToLong(b -> b.count).sum());
            if (box.size() > 1 && gain > most) {
                most = gain;
                best = i;
            }
        }
        return best;
    }

    private static int span(List<Bucket> box, int c) {
        var range = box.stream().mapToInt(b -> b.channel(c)).summaryStatistics();
        return range.getMax() - range.getMin();
    }

    private static int axis(List<Bucket> box) {
        int axis = 0;
        for (int c = 1; c < 3; c++) {
            axis = span(box, c) > span(box, axis) ? c : axis;
        }
        return axis;
    }

    /// Cuts a box in two where half of its pixels are on either side.
    private static void split(List<List<Bucket>> boxes, int which) {
        var box = new ArrayList<>(boxes.get(which));
        int axis = axis(box);
        box.sort(java.util.Comparator.comparingInt(b -> b.channel(axis)));
        long half = box.stream().mapToLong(b -> b.count).sum() / 2, seen = 0;
        int cut = 0;
        while (cut < box.size() - 1 && (cut == 0 || seen < half)) {
            seen += box.get(cut++).count;
        }
        boxes.set(which, List.copyOf(box.subList(0, cut)));
        boxes.add(List.copyOf(box.subList(cut, box.size())));
    }

    /// The picture's pixels as indices, row by row.
    byte[] indices(Image picture) {
        var rgb = picture.rgb();
        var indices = new byte[rgb.length / 3];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = (byte) index[place(rgb, 3 * i)];
        }
        return indices;
    }

    IndexColorModel model() {
        return new IndexColorModel(8, 256, channels[0], channels[1], channels[2], AS_BEFORE);
    }
}
