package dev.orrery.policy.finetune;

import dev.orrery.data.lerobot.Feature;
import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.env.Image;
import dev.orrery.env.Nearest;
import dev.orrery.env.Observation;
import dev.orrery.policy.ActionChunks;
import dev.orrery.policy.CameraMap;
import dev.orrery.policy.DeltaActions;
import dev.orrery.policy.Statistics;
import dev.orrery.tensor.Seed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// A LeRobot data set of any robot as observations with the actions that follow them:
/// `observation.state`, `action`, the task and the cameras that a [CameraMap] names.
public final class LeRobotFrames implements AutoCloseable {

    private static final String STATE = "observation.state",
            ACTION = "action",
            IMAGES = "observation.images.";
    private static final int MOST_ROWS = 200_000;

    private final LeRobotDataset data;
    private final CameraMap cameras;
    private final List<float[][]> states;
    private final List<float[][]> actions;
    private final ActionChunks chunks;

    private LeRobotFrames(LeRobotDataset data, CameraMap cameras, int horizon) {
        this.data = data;
        this.cameras = cameras;
        states = rows(data, STATE);
        actions = rows(data, ACTION);
        chunks = ActionChunks.of(actions, horizon);
    }

    /// Opens a data set.
    ///
    /// @param wanted `INPUT=CAMERA`; by name, or the only camera to the first input, if empty
    /// @throws IllegalArgumentException if it lacks a feature, a camera or frames; the message says
    ///   what there is
    public static LeRobotFrames open(
            Path root, List<String> inputs, List<String> wanted, int horizon) {
        var data = LeRobotDataset.open(root);
        try {
            for (var name : List.of(STATE, ACTION)) {
                if (!data.features().containsKey(name)) {
                    throw new IllegalArgumentException(
                            "%s has no '%s'; %s"
                                    .formatted(
                                            root,
                                            name,
                                            Nearest.hint(name, data.features().keySet())));
                }
            }
            if (data.frames() == 0) {
                throw new IllegalArgumentException(root + " has no frames to learn from");
            }
            return new LeRobotFrames(data, map(data, inputs, wanted), horizon);
        } catch (RuntimeException e) {
            data.close();
            throw e;
        }
    }

    /// Opens the data that a network is adapted to.
    ///
    /// @param network is closed if the data cannot be opened
    public static LeRobotFrames open(
            FinetuneConfig config, List<String> inputs, int horizon, Runnable network) {
        try {
            return open(Path.of(config.data()), inputs, config.cameras(), horizon);
        } catch (RuntimeException e) {
            network.run();
            throw e;
        }
    }

    private static CameraMap map(LeRobotDataset data, List<String> inputs, List<String> wanted) {
        var found = new ArrayList<String>();
        for (var camera : data.info().cameras().stream().map(Feature::name).toList()) {
            found.add(camera.startsWith(IMAGES) ? camera.substring(IMAGES.length()) : camera);
        }
        var sources = new LinkedHashMap<String, String>();
        for (var pair : wanted) {
            int at = pair.indexOf('=');
            var input = at < 0 ? pair : pair.substring(0, at);
            var camera = at < 0 ? "" : pair.substring(at + 1);
            if (!inputs.contains(input)) {
                throw new IllegalArgumentException(
                        "--camera %s: the network has no input '%s'; %s"
                                .formatted(pair, input, Nearest.hint(input, inputs)));
            }
            if (!found.contains(camera)) {
                throw new IllegalArgumentException(
                        "--camera %s: the data has no camera '%s'; %s"
                                .formatted(pair, camera, Nearest.hint(camera, found)));
            }
            sources.put(input, camera);
        }
        if (wanted.isEmpty()) {
            inputs.stream().filter(found::contains).forEach(i -> sources.put(i, i));
            if (sources.isEmpty() && found.size() == 1) {
                sources.put(inputs.getFirst(), found.getFirst());
            }
        }
        if (sources.isEmpty()) {
            throw new IllegalArgumentException(
                    "no camera of the data feeds the network: the network has %s, the data %s; say which with --camera %s=%s"
                            .formatted(
                                    inputs,
                                    found,
                                    inputs.getFirst(),
                                    found.isEmpty() ? "CAMERA" : found.getFirst()));
        }
        return new CameraMap(inputs, sources);
    }

    private static List<float[][]> rows(LeRobotDataset data, String name) {
        int width = data.feature(name).elements();
        var all = new ArrayList<float[][]>();
        for (int e = 0; e < data.episodes().size(); e++) {
            int length = data.episodes().get(e).length();
            var flat = data.floats(e, name, 0, length);
            var episode = new float[length][width];
            for (int t = 0; t < length; t++) {
                System.arraycopy(flat, t * width, episode[t], 0, width);
            }
            all.add(episode);
        }
        return all;
    }

    public CameraMap cameras() {
        return cameras;
    }

    /// The data's cameras that no input takes.
    public List<String> unused() {
        return data.info().cameras().stream()
                .map(f -> f.name().substring(f.name().startsWith(IMAGES) ? IMAGES.length() : 0))
                .filter(camera -> !cameras.sources().containsValue(camera))
                .toList();
    }

    public int episodes() {
        return states.size();
    }

    /// Frames, each of which starts a window.
    public int size() {
        return chunks.size();
    }

    public int fps() {
        return data.fps();
    }

    public List<String> tasks() {
        return List.copyOf(data.tasks().values());
    }

    /// Tells all of them.
    ///
    /// @throws IllegalArgumentException naming the task that `tell` refuses
    public void tell(Consumer<String> tell) {
        for (var task : tasks()) {
            try {
                tell.accept(task);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "task '%s' of the data cannot be told: %s".formatted(task, e.getMessage()),
                        e);
            }
        }
    }

    public int stateDims() {
        return data.feature(STATE).elements();
    }

    public int actionDims() {
        return data.feature(ACTION).elements();
    }

    public Statistics stateStatistics() {
        return Statistics.of(states.stream().flatMap(java.util.Arrays::stream).toList());
    }

    /// The actions of all frames, as the data has them.
    public List<float[]> actionRows() {
        return actions.stream().flatMap(java.util.Arrays::stream).toList();
    }

    /// Of actions as the network learns them: relative ones for all steps of a window.
    public Statistics actionStatistics(Optional<DeltaActions> relative) {
        if (relative.isEmpty()) {
            return Statistics.of(actionRows());
        }
        var rows = new ArrayList<float[]>();
        int every = Math.max(1, chunks.size() / MOST_ROWS * 50);
        for (int i = 0; i < chunks.size(); i += every) {
            var place = chunks.place(i);
            var window = chunks.window(place);
            for (int h = 0; h < window.actions().length; h++) {
                if (!window.padding()[h]) {
                    rows.add(relative.get().encode(window.actions()[h], state(place)));
                }
            }
        }
        return Statistics.of(rows);
    }

    private float[] state(ActionChunks.Place place) {
        return states.get(place.episode())[place.frame()];
    }

    /// What was seen at a frame, and the window of actions from there on.
    public record Sample(Observation seen, ActionChunks.Window window) {}

    /// Frames drawn at random.
    public List<Sample> draw(int count, Seed seed) {
        var samples = new ArrayList<Sample>();
        for (long pick : seed.integers(chunks.size(), count).toLongs()) {
            var place = chunks.place((int) pick);
            samples.add(new Sample(observation(place), chunks.window(place)));
        }
        return samples;
    }

    /// Frames from all over the data, without their pictures.
    ///
    /// @param most how many at most
    public List<Sample> withoutPictures(int most) {
        var samples = new ArrayList<Sample>();
        for (int i = 0; i < chunks.size(); i += Math.ceilDiv(chunks.size(), most)) {
            var place = chunks.place(i);
            var seen = new Observation(new LinkedHashMap<>(), state(place), task(place));
            samples.add(new Sample(seen, chunks.window(place)));
        }
        return samples;
    }

    private String task(ActionChunks.Place place) {
        return data.frame(place.episode(), place.frame()).task();
    }

    private Observation observation(ActionChunks.Place place) {
        var images = new LinkedHashMap<String, Image>();
        for (Map.Entry<String, String> source : cameras.sources().entrySet()) {
            var camera = source.getValue();
            var name = data.features().containsKey(IMAGES + camera) ? IMAGES + camera : camera;
            images.put(camera, data.image(place.episode(), name, place.frame()));
        }
        return new Observation(images, state(place), task(place));
    }

    @Override
    public void close() {
        data.close();
    }
}
