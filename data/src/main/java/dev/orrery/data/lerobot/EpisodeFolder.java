package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import dev.orrery.env.Episode;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Camera;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// Episodes of environments as data sets, and back.
///
/// Cameras become `observation.images.CAMERA`, the state `observation.state`, the action `action`,
/// what came of each step `next.success`, and the instruction the task. Seeds and rewards are not
/// kept: a frame read back has reward 1 where it succeeds, else 0.
public final class EpisodeFolder {

    /// The prefix of camera features.
    public static final String IMAGES = "observation.images.";

    /// How demonstrations of the tabletop are labelled.
    public static final String TABLETOP = "orrery_tabletop";

    /// Frames a second of the tabletop.
    public static final int TABLETOP_FPS = 10;

    private static final String STATE = "observation.state",
            ACTION = "action",
            SUCCESS = "next.success";

    private EpisodeFolder() {}

    /// The features that an episode has.
    ///
    /// @param pictures [Dtype#IMAGE] or [Dtype#VIDEO]
    /// @throws IllegalArgumentException if it has no steps
    public static List<Feature> features(Episode<float[]> episode, Dtype pictures) {
        if (episode.frames().isEmpty())
            throw new IllegalArgumentException("the episode has no steps");
        var first = episode.frames().getFirst();
        var out = new ArrayList<Feature>();
        first.observation()
                .images()
                .forEach((camera, image) ->
                        out.add(
                                Feature.picture(
                                        IMAGES + camera, pictures, image.height(), image.width())));
        if (first.observation().state().length > 0) {
            out.add(
                    Feature.numbers(
                            STATE,
                            Dtype.FLOAT32,
                            List.of(first.observation().state().length),
                            List.of()));
        }
        out.add(Feature.numbers(ACTION, Dtype.FLOAT32, List.of(first.action().length), List.of()));
        out.add(Feature.numbers(SUCCESS, Dtype.BOOL, List.of(1), List.of()));
        return out;
    }

    /// Adds an episode and saves it.
    ///
    /// @return its number in the data set
    /// @throws IllegalArgumentException if its cameras, state or actions do not fit the features
    public static int add(LeRobotWriter writer, Episode<float[]> episode) {
        for (var frame : episode.frames()) {
            var values = new HashMap<String, Value>();
            frame.observation()
                    .images()
                    .forEach((camera, image) -> values.put(IMAGES + camera, Value.of(image)));
            if (frame.observation().state().length > 0)
                values.put(STATE, Value.of(frame.observation().state()));
            values.put(ACTION, Value.of(frame.action()));
            values.put(SUCCESS, Value.of(frame.success()));
            var task = frame.observation().text();
            writer.add(task.isBlank() ? "unspecified" : task, values);
        }
        return writer.saveEpisode();
    }

    /// Writes tabletop episodes as a new data set with PNG pictures, whole or not at all.
    public static void write(Path root, Iterable<Episode<float[]>> episodes) {
        var all = episodes.iterator();
        if (!all.hasNext()) throw new IllegalArgumentException("there are no episodes to write");
        var first = all.next();
        var writer = LeRobotWriter.create(root, settings(first));
        try {
            add(writer, first);
            while (all.hasNext()) add(writer, all.next());
            writer.close();
        } catch (RuntimeException e) {
            writer.discard();
            throw e;
        }
    }

    private static LeRobotWriter.Settings settings(Episode<float[]> episode) {
        return LeRobotWriter.Settings.v3(TABLETOP_FPS, TABLETOP, tabletop(episode, Dtype.IMAGE));
    }

    /// The features of a tabletop episode, with the names of its dimensions and its cameras.
    ///
    /// @param pictures [Dtype#IMAGE] or [Dtype#VIDEO]
    public static List<Feature> tabletop(Episode<float[]> episode, Dtype pictures) {
        return features(episode, pictures).stream()
                .map(EpisodeFolder::named)
                .map(feature ->
                        camera(feature.name()).map(spec -> spec.on(feature)).orElse(feature))
                .toList();
    }

    /// How the tabletop's cameras look, by feature.
    private static Optional<CameraSpec> camera(String feature) {
        return switch (feature) {
            case IMAGES + Camera.OVERHEAD -> Optional.of(spec("table", Camera.overhead(1)));
            case IMAGES + Camera.WRIST -> Optional.of(spec("gripper", Camera.wrist(0, 0, 1)));
            default -> Optional.empty();
        };
    }

    private static CameraSpec spec(String frame, Camera camera) {
        return CameraSpec.downwards(frame, camera.left(), camera.top(), camera.side());
    }

    /// Refuses a data set whose `overhead` or `wrist` is another camera than the tabletop's: a
    /// policy that learns from one camera fails with another, silently. Cameras of which the data
    /// set says nothing pass.
    ///
    /// @throws IllegalArgumentException saying what differs
    public static void checkCameras(LeRobotDataset data) {
        for (var feature : data.info().cameras()) {
            var stored = CameraSpec.of(feature);
            var ours = camera(feature.name());
            if (stored.isEmpty() || ours.isEmpty()) continue;
            var differences = stored.get().differences(ours.get(), "the data set", "the tabletop");
            if (!differences.isEmpty()) {
                throw new IllegalArgumentException(
                        "%s: '%s' is another camera than the tabletop's: %s; record anew, or rename it with 'orrery data rename'"
                                .formatted(
                                        data.root(),
                                        feature.name(),
                                        String.join(", ", differences)));
            }
        }
    }

    /// The feature with the tabletop's names for its dimensions, where those are four.
    private static Feature named(Feature feature) {
        var names =
                switch (feature.name()) {
                    case STATE -> List.of("x", "y", "z", "gap");
                    case ACTION -> List.of("dx", "dy", "dz", "grip");
                    default -> List.<String>of();
                };
        return feature.elements() == names.size()
                ? Feature.numbers(feature.name(), feature.dtype(), feature.shape(), names)
                : feature;
    }

    /// Adds one tabletop episode to a data set, which is begun if it is not there.
    ///
    /// @return the episode's number
    public static int append(Path root, Episode<float[]> episode) {
        boolean there = Files.exists(root.resolve("meta/info.json"));
        if (there) {
            try (var data = LeRobotDataset.open(root)) {
                checkCameras(data);
            }
        }
        try (var writer =
                there
                        ? LeRobotWriter.append(root)
                        : LeRobotWriter.create(root, settings(episode))) {
            return add(writer, episode);
        }
    }

    /// Reads an episode back; the seed is its number.
    ///
    /// @throws DatasetException if the data set has no action or cannot be read
    public static Episode<float[]> read(LeRobotDataset data, int place) {
        int length = data.episode(place).length();
        var actions = data.floats(place, ACTION, 0, length);
        int width = data.feature(ACTION).elements();
        boolean stateful = data.features().containsKey(STATE);
        var states = stateful ? data.floats(place, STATE, 0, length) : new float[0];
        int stateWidth = stateful ? data.feature(STATE).elements() : 0;
        var success =
                data.features().containsKey(SUCCESS)
                        ? data.longs(place, SUCCESS, 0, length)
                        : new long[length];
        var tasks = data.longs(place, "task_index", 0, length);
        var frames = new ArrayList<Episode.Frame<float[]>>();
        for (int i = 0; i < length; i++) {
            var images = new LinkedHashMap<String, Image>();
            for (var camera : data.info().cameras()) {
                images.put(
                        camera.name().replaceFirst("^" + IMAGES.replace(".", "\\."), ""),
                        data.image(place, camera.name(), i));
            }
            var state = java.util.Arrays.copyOfRange(states, i * stateWidth, (i + 1) * stateWidth);
            var action = java.util.Arrays.copyOfRange(actions, i * width, (i + 1) * width);
            boolean done = success[i] != 0;
            frames.add(
                    new Episode.Frame<>(
                            new Observation(images, state, data.task((int) tasks[i])),
                            action,
                            done ? 1 : 0,
                            i == length - 1,
                            done));
        }
        return new Episode<>(place, frames, length > 0 && success[length - 1] != 0);
    }

    /// Reads all episodes.
    public static List<Episode<float[]>> readAll(Path root) {
        try (var data = LeRobotDataset.open(root)) {
            var out = new ArrayList<Episode<float[]>>();
            for (int i = 0; i < data.episodes().size(); i++) out.add(read(data, i));
            return out;
        }
    }
}
