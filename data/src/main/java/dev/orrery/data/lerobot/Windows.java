package dev.orrery.data.lerobot;

import dev.orrery.env.Image;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Frames together with others at given times before and after them.
///
/// Times outside the episode are answered by its first or last frame and marked as padding.
public final class Windows {

    private final LeRobotDataset data;
    private final SequencedMap<String, int[]> steps = new LinkedHashMap<>();

    /// A window around one frame.
    ///
    /// @param numbers by feature, T times its elements
    /// @param images by camera, T pictures
    /// @param pad by feature, whether each time lies outside the episode
    /// @param task what was to be done at the frame itself
    public record Window(
            Map<String, float[]> numbers,
            Map<String, List<Image>> images,
            Map<String, boolean[]> pad,
            String task) {}

    /// Windows around several frames.
    ///
    /// @param numbers by feature, row-major `(B, T, elements)`
    /// @param images by camera, B lists of T pictures
    /// @param pad by feature, row-major `(B, T)`
    /// @param tasks one a frame
    public record Batch(
            Map<String, float[]> numbers,
            Map<String, List<List<Image>>> images,
            Map<String, boolean[]> pad,
            List<String> tasks) {}

    private Windows(LeRobotDataset data) {
        this.data = data;
    }

    /// Windows over a data set.
    ///
    /// @param deltas seconds relative to the frame, by feature; features left out are not read
    /// @throws IllegalArgumentException if a feature is unknown or of text, or a time is no
    ///   multiple of a frame's to within the tolerance
    public static Windows of(LeRobotDataset data, Map<String, double[]> deltas, double tolerance) {
        var windows = new Windows(data);
        deltas.forEach((name, times) -> {
            var feature = data.feature(name);
            if (!feature.dtype().isNumber() && !feature.dtype().isPicture()) {
                throw new IllegalArgumentException(
                        "feature '%s' is %s; windows are of numbers and pictures"
                                .formatted(name, feature.dtype().label()));
            }
            var steps = new int[times.length];
            for (int t = 0; t < times.length; t++) {
                steps[t] = (int) Math.round(times[t] * data.fps());
                if (Math.abs(times[t] - (double) steps[t] / data.fps()) > tolerance) {
                    throw new IllegalArgumentException(
                            "'%s': %g s is no multiple of 1/%d s; the nearest is %g s"
                                    .formatted(
                                            name,
                                            times[t],
                                            data.fps(),
                                            (double) steps[t] / data.fps()));
                }
            }
            windows.steps.put(name, steps);
        });
        return windows;
    }

    /// The window around one frame of the whole data set.
    public Window at(long number) {
        var batch = batch(number);
        var images = new LinkedHashMap<String, List<Image>>();
        batch.images().forEach((name, lists) -> images.put(name, lists.getFirst()));
        return new Window(batch.numbers(), images, batch.pad(), batch.tasks().getFirst());
    }

    /// The windows around several frames.
    public Batch batch(long... numbers) {
        var out = new LinkedHashMap<String, float[]>();
        var images = new LinkedHashMap<String, List<List<Image>>>();
        var pad = new LinkedHashMap<String, boolean[]>();
        for (var entry : steps.entrySet()) {
            var feature = data.feature(entry.getKey());
            var flags = new boolean[numbers.length * entry.getValue().length];
            pad.put(feature.name(), flags);
            if (feature.dtype().isPicture())
                images.put(feature.name(), pictures(feature, entry.getValue(), numbers, flags));
            else out.put(feature.name(), floats(feature, entry.getValue(), numbers, flags));
        }
        var tasks = Arrays.stream(numbers).mapToObj(number -> data.frame(number).task()).toList();
        return new Batch(out, images, pad, tasks);
    }

    private float[] floats(Feature feature, int[] steps, long[] numbers, boolean[] pad) {
        int n = feature.elements();
        var out = new float[numbers.length * steps.length * n];
        for (int b = 0; b < numbers.length; b++) {
            int place = data.episodeOf(numbers[b]);
            int here = (int) (numbers[b] - data.firstFrame(place));
            int last = data.episode(place).length() - 1;
            int low = Math.clamp(here + Arrays.stream(steps).min().orElse(0), 0, last);
            int high = Math.clamp(here + Arrays.stream(steps).max().orElse(0), 0, last);
            var values = data.floats(place, feature.name(), low, high - low + 1);
            for (int t = 0; t < steps.length; t++) {
                int at = Math.clamp(here + steps[t], 0, last);
                pad[b * steps.length + t] = at != here + steps[t];
                System.arraycopy(values, (at - low) * n, out, (b * steps.length + t) * n, n);
            }
        }
        return out;
    }

    private List<List<Image>> pictures(
            Feature feature, int[] steps, long[] numbers, boolean[] pad) {
        var out = new ArrayList<List<Image>>();
        for (int b = 0; b < numbers.length; b++) {
            int place = data.episodeOf(numbers[b]);
            int here = (int) (numbers[b] - data.firstFrame(place));
            int last = data.episode(place).length() - 1;
            var images = new ArrayList<Image>();
            for (int t = 0; t < steps.length; t++) {
                int at = Math.clamp(here + steps[t], 0, last);
                pad[b * steps.length + t] = at != here + steps[t];
                images.add(data.image(place, feature.name(), at));
            }
            out.add(images);
        }
        return out;
    }
}
