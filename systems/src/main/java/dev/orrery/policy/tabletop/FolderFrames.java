package dev.orrery.policy.tabletop;

import dev.orrery.data.lerobot.EpisodeFolder;
import dev.orrery.data.lerobot.Feature;
import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.env.Image;
import dev.orrery.env.tabletop.Camera;
import dev.orrery.policy.ActionChunks.Place;
import dev.orrery.policy.Picture;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A LeRobot data set as training frames: `observation.state`, `action`, the task, and the cameras
/// `observation.images.overhead` and `observation.images.wrist`, of which one may be missing.
///
/// Pictures of other sizes are resized with black padding. What lies where is not known, so frames
/// come without labels.
public final class FolderFrames implements FrameSource {

    private static final String STATE = "observation.state", ACTION = "action";
    private static final String OVERHEAD = EpisodeFolder.IMAGES + Camera.OVERHEAD,
            WRIST = EpisodeFolder.IMAGES + Camera.WRIST;

    private final LeRobotDataset data;

    private FolderFrames(LeRobotDataset data) {
        this.data = data;
    }

    /// Opens a data set and checks that the network can take it.
    ///
    /// @param stateDims most values of a state
    /// @param actionDims most values of an action
    /// @throws IllegalArgumentException if features are missing or too wide; the message says how
    ///   to rename cameras
    /// @throws dev.orrery.data.DatasetException if it cannot be read
    public static FolderFrames open(Path root, int stateDims, int actionDims) {
        var data = LeRobotDataset.open(root);
        try {
            width(data, STATE, stateDims);
            width(data, ACTION, actionDims);
            cameras(data);
            EpisodeFolder.checkCameras(data);
            if (data.frames() == 0)
                throw new IllegalArgumentException(root + " has no frames to learn from");
            return new FolderFrames(data);
        } catch (RuntimeException e) {
            data.close();
            throw e;
        }
    }

    private static void width(LeRobotDataset data, String name, int most) {
        int found = data.feature(name).elements();
        if (found > most) {
            throw new IllegalArgumentException(
                    "%s: '%s' has %d dimensions, the network takes up to %d"
                            .formatted(data.root(), name, found, most));
        }
    }

    private static void cameras(LeRobotDataset data) {
        var found = data.info().cameras().stream().map(Feature::name).toList();
        var wanted = List.of(OVERHEAD, WRIST);
        if (found.stream().anyMatch(wanted::contains)) return;
        throw new IllegalArgumentException(
                "%s has the cameras %s, the network takes %s%s"
                        .formatted(
                                data.root(),
                                found,
                                wanted,
                                found.isEmpty()
                                        ? ""
                                        : "; rename one, such as: orrery data rename %s --feature %s=%s"
                                                .formatted(
                                                        data.root(), found.getFirst(), OVERHEAD)));
    }

    @Override
    public int episodes() {
        return data.episodes().size();
    }

    @Override
    public int length(int episode) {
        return data.episodes().get(episode).length();
    }

    @Override
    public float[] state(Place place) {
        return data.floats(place.episode(), STATE, place.frame(), 1);
    }

    @Override
    public float[] action(Place place) {
        return data.floats(place.episode(), ACTION, place.frame(), 1);
    }

    @Override
    public String instruction(Place place) {
        return data.frame(place.episode(), place.frame()).task();
    }

    @Override
    public boolean overhead(Place place, byte[] rgb, int at) {
        return picture(place, OVERHEAD, Camera.OVERHEAD_PIXELS, rgb, at);
    }

    @Override
    public boolean wrist(Place place, byte[] rgb, int at) {
        return picture(place, WRIST, Camera.WRIST_PIXELS, rgb, at);
    }

    private boolean picture(Place place, String camera, int side, byte[] rgb, int at) {
        if (!data.features().containsKey(camera)) return false;
        var image = data.image(place.episode(), camera, place.frame());
        var bytes =
                image.height() == side && image.width() == side
                        ? image.rgb()
                        : resized(image, side);
        System.arraycopy(bytes, 0, rgb, at, bytes.length);
        return true;
    }

    private static byte[] resized(Image image, int side) {
        var planes = Picture.resizeWithPad(image, side, side, 0);
        var rgb = new byte[planes.length];
        int pixels = side * side;
        for (int p = 0; p < pixels; p++) {
            for (int c = 0; c < 3; c++)
                rgb[3 * p + c] = (byte) Math.round(255 * planes[c * pixels + p]);
        }
        return rgb;
    }

    @Override
    public Optional<Truth> truth(Place place) {
        return Optional.empty();
    }

    @Override
    public boolean labelled() {
        return false;
    }

    @Override
    public void close() {
        data.close();
    }
}
