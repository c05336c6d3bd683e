package dev.orrery.studio;

import dev.orrery.data.lerobot.Feature;
import dev.orrery.data.lerobot.LeRobotDataset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// One episode as the film player wants it: cameras by name, numbers by track, no pictures.
final class Film {

    private static final int MOST_NUMBERS = 400_000, MOST_DIMENSIONS = 64;
    private static final String SUCCESS = "next.success";
    private static final List<String> FIRST = List.of("observation.state", "action");

    /// @param name of the feature
    /// @param labels one a dimension
    /// @param values one row a dimension, one number a frame, null where it is not finite
    record Track(String name, List<String> labels, List<List<Double>> values) {}

    private record Camera(String name, int width, int height) {}

    private Film() {}

    /// @throws Refusal if there is no such episode
    static Map<String, Object> of(LeRobotDataset set, int place) {
        if (place >= set.episodes().size()) {
            throw Refusal.missing(
                    "there is no episode %d; the data set has %d"
                            .formatted(place, set.episodes().size()));
        }
        var episode = set.episodes().get(place);
        var film = new LinkedHashMap<String, Object>();
        film.put("length", episode.length());
        film.put("fps", set.fps());
        film.put("instruction", DataPages.task(episode));
        film.put(
                "cameras",
                set.info().cameras().stream()
                        .map(c -> new Camera(c.name(), c.width(), c.height()))
                        .toList());
        film.put("success", success(set, place, episode.length()));
        film.put("tracks", tracks(set, place, episode.length()));
        return film;
    }

    private static @org.jspecify.annotations.Nullable Boolean success(
            LeRobotDataset set, int place, int length) {
        if (!set.features().containsKey(SUCCESS)) {
            return null;
        }
        for (float value : set.floats(place, SUCCESS, 0, length)) {
            if (value > 0) {
                return true;
            }
        }
        return false;
    }

    private static List<Track> tracks(LeRobotDataset set, int place, int length) {
        var tracks = new ArrayList<Track>();
        int room = MOST_NUMBERS;
        var numbers =
                set.features().values().stream()
                        .filter(f -> f.dtype().isNumber())
                        .filter(f -> !Feature.AUTOMATIC.contains(f.name()))
                        .sorted(Comparator.comparingInt(Film::rank))
                        .toList();
        for (var feature : numbers) {
            int dimensions =
                    Math.min(
                            Math.min(feature.elements(), MOST_DIMENSIONS),
                            room / Math.max(1, length));
            if (dimensions > 0) {
                tracks.add(track(set, place, length, feature, dimensions));
                room -= dimensions * length;
            }
        }
        return tracks;
    }

    private static int rank(Feature feature) {
        int first = FIRST.indexOf(feature.name());
        return first >= 0 ? first : FIRST.size();
    }

    private static Track track(
            LeRobotDataset set, int place, int length, Feature feature, int dimensions) {
        var all = set.floats(place, feature.name(), 0, length);
        int wide = feature.elements();
        var values = new ArrayList<List<Double>>();
        for (int d = 0; d < dimensions; d++) {
            var row = new ArrayList<Double>(length);
            for (int t = 0; t < length; t++) {
                row.add(Json.number(Math.round(all[t * wide + d] * 1e5) / 1e5));
            }
            values.add(row);
        }
        return new Track(feature.name(), labels(feature).subList(0, dimensions), values);
    }

    /// A name for each dimension: the data set's own, or its number.
    static List<String> labels(Feature feature) {
        var names = feature.dimensions();
        int wide = feature.elements();
        return names.size() == wide
                ? names
                : IntStream.range(0, wide)
                        .mapToObj(i -> wide == 1 ? "value" : String.valueOf(i))
                        .toList();
    }
}
