package dev.orrery.data.clips;

import dev.orrery.data.DatasetException;
import dev.orrery.data.clips.FolderScan.Found;
import dev.orrery.env.Nearest;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Videos in a folder, or one of them, on their way to [Clips]: mp4, webm, mkv, mov and avi, GIF,
/// and folders of PNG or JPEG pictures, with or without files of actions.
///
/// [#survey] opens every file and reads no pictures; [#write] unpacks, resizes and hands on frame
/// after frame, so that memory never holds more than a block.
public final class ClipFolder {

    private static final int MOST_KINDS = 256;
    private static final double EPSILON = 1e-6;

    /// @param frames how many will be kept
    private record Take(
            Found found, int height, int width, double fps, int frames, List<String> labels) {}

    private final Path root;
    private final ClipOptions options;
    private final List<Take> takes = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<String> bad = new ArrayList<>();
    private final List<String> actionNames;
    private final int height, width;
    private final double fps;

    private ClipFolder(Path root, ClipOptions options) {
        this.root = root;
        this.options = options;
        var scan = new FolderScan(root);
        if (scan.found().isEmpty()) {
            throw DatasetException.at(
                    root, "holds no videos; put mp4, webm, GIF or folders of PNG pictures into it");
        }
        if (!scan.ignored().isEmpty()) {
            notes.add(
                    "%d files are neither videos nor actions and are left out, such as %s"
                            .formatted(scan.ignored().size(), scan.ignored().getFirst()));
        }
        var all = actionsOfAll(scan);
        for (var found : scan.found()) survey(found, all);
        if (takes.isEmpty()) {
            throw DatasetException.at(
                    root,
                    "none of %d videos can be read; the first: %s"
                            .formatted(scan.found().size(), bad.getFirst()));
        }
        height = size(true);
        width = size(false);
        fps = rate();
        actionNames = names(all);
        describe();
    }

    /// Looks at the videos of a folder, or at one.
    ///
    /// @throws DatasetException if there are none, or one cannot be read and options do not say to
    ///   go on
    /// @throws IllegalArgumentException if options do not fit the videos
    public static ClipFolder survey(Path root, ClipOptions options) {
        if (!Files.exists(root)) throw DatasetException.at(root, "there is no such folder or file");
        return new ClipFolder(root, options);
    }

    /// Unpacks, resizes and packs all into memory.
    ///
    /// @param budget bytes that may be used at most
    /// @param say told what is noteworthy, and the estimate
    public static MemoryClips open(
            Path root, ClipOptions options, long budget, Consumer<String> say) {
        var folder = survey(root, options);
        folder.notes().forEach(say);
        long expected = folder.estimate();
        say.accept(
                "%s: about %,d bytes packed, %,d unpacked"
                        .formatted(root, expected, folder.unpackedBytes()));
        if (expected > 2 * budget) {
            throw DatasetException.at(
                    root,
                    "about %,d bytes packed do not fit the %,d given; put them on disk with `orrery data clips convert`, or take smaller or fewer frames"
                            .formatted(expected, budget));
        }
        var gathering =
                MemoryClips.gather(
                        folder.height, folder.width, folder.fps, folder.actionNames, budget);
        folder.write(gathering, (_, _) -> {}, say);
        return gathering.done();
    }

    /// Told after each video.
    @FunctionalInterface
    public interface Progress {
        /// @param done videos that are done
        void at(int done, int of);
    }

    private Map<String, List<String>> actionsOfAll(FolderScan scan) {
        var file = root.resolve("actions.json");
        if (!Files.isRegularFile(file)) return Map.of();
        boolean own =
                scan.found().stream()
                        .anyMatch(f ->
                                f.actions().filter(a -> a.endsWith("actions.json")).isPresent()
                                        && f.path().equals(root));
        if (own) return Map.of();
        var all = ActionFile.readAll(file);
        var names = scan.found().stream().map(Found::name).toList();
        for (var name : all.episodes().keySet()) {
            if (names.contains(name)) continue;
            var meant = Nearest.to(name, names).map("; did you mean '%s'?"::formatted).orElse("");
            throw DatasetException.at(file, "there is no video '%s'%s".formatted(name, meant));
        }
        var out = new LinkedHashMap<>(all.episodes());
        if (!all.names().isEmpty()) out.put("", all.names());
        return out;
    }

    private void survey(Found found, Map<String, List<String>> all) {
        try (var footage = found.open(options.pictureFps())) {
            if (options.fps() > 0 && footage.fps() == 0) {
                throw new IllegalArgumentException(
                        "%s: a folder of pictures does not say how many there are a second; give that (--picture-fps N), or keep every frame"
                                .formatted(found.path()));
            }
            if (!footage.problem().isEmpty()) {
                refuse(DatasetException.at(found.path(), footage.problem()));
            }
            var labels = labels(found, all, footage.frames());
            takes.add(
                    new Take(
                            found,
                            footage.height(),
                            footage.width(),
                            footage.fps(),
                            kept(footage),
                            labels));
        } catch (DatasetException e) {
            refuse(e);
        }
    }

    private void refuse(DatasetException problem) {
        if (!options.skipBad()) {
            throw new DatasetException(
                    problem.getMessage() + "; --skip-bad goes on without it", problem);
        }
        bad.add(problem.getMessage());
    }

    private List<String> labels(Found found, Map<String, List<String>> all, int frames) {
        try {
            var names = all.getOrDefault("", List.of());
            var labels =
                    found.actions().isPresent()
                            ? ActionFile.read(found.actions().get(), names)
                            : all.getOrDefault(found.name(), List.of());
            if (labels.isEmpty() || labels.size() == frames || labels.size() == frames - 1) {
                return labels;
            }
            throw DatasetException.at(
                    found.actions().orElse(root.resolve("actions.json")),
                    "'%s' has %d frames and %d actions; give one for each frame, before any are left out"
                            .formatted(found.name(), frames, labels.size()));
        } catch (DatasetException e) {
            refuse(e);
            return List.of();
        }
    }

    /// How many frames are kept.
    private int kept(Footage footage) {
        double rate = rate(footage);
        if (rate == 0) return footage.frames();
        long count = 0;
        for (int n = 0; n < footage.frames(); n++) {
            while (count / rate < footage.end(n) - EPSILON) count++;
        }
        return Math.toIntExact(count);
    }

    /// The rate at which frames are taken; 0 for each once.
    private double rate(Footage footage) {
        if (options.fps() > 0) return options.fps();
        return footage instanceof GifFootage ? footage.fps() : 0;
    }

    private int size(boolean rows) {
        int wanted = rows ? options.height() : options.width();
        if (wanted > 0) return wanted;
        var first = takes.getFirst();
        for (var take : takes) {
            if (take.height != first.height || take.width != first.width) {
                throw new IllegalArgumentException(
                        "%s is %d x %d and %s is %d x %d; say which size all shall have (--size HxW)"
                                .formatted(
                                        first.found.path(),
                                        first.height,
                                        first.width,
                                        take.found.path(),
                                        take.height,
                                        take.width));
            }
        }
        return rows ? first.height : first.width;
    }

    private double rate() {
        if (options.fps() > 0) return options.fps();
        double first = takes.getFirst().fps;
        for (var take : takes) {
            if (Math.abs(take.fps - first) > 0.01 * first) {
                notes.add(
                        "%s has %s frames a second and %s %s; the same action moves things differently far, --fps N brings them together"
                                .formatted(
                                        takes.getFirst().found.path(),
                                        number(first),
                                        take.found.path(),
                                        number(take.fps)));
                return 0;
            }
        }
        return first;
    }

    private List<String> names(Map<String, List<String>> all) {
        var names = new LinkedHashSet<String>(all.getOrDefault("", List.of()));
        var numbers = new TreeSet<Integer>();
        var words = new TreeSet<String>();
        for (var take : takes) {
            for (var label : take.labels) {
                if (ActionFile.unknown(label) || names.contains(label)) continue;
                if (label.matches("\\d{1,9}")) numbers.add(Integer.parseInt(label));
                else words.add(label);
            }
        }
        numbers.forEach(n -> names.add(String.valueOf(n)));
        names.addAll(words);
        if (names.size() > MOST_KINDS) {
            throw DatasetException.at(
                    root,
                    "its videos have %d different actions, such as '%s'; at most %d: put them into classes, or leave the actions out"
                            .formatted(names.size(), names.getLast(), MOST_KINDS));
        }
        return List.copyOf(names);
    }

    private void describe() {
        var scaler = new FrameScaler(height, width, options.fit());
        takes.stream()
                .map(t -> scaler.says(t.height, t.width))
                .distinct()
                .filter(s -> !s.endsWith("as they are"))
                .forEach(s -> notes.add("frames of " + s));
        for (var take : takes) {
            if (options.fps() > 0 && take.fps > 0 && take.fps < options.fps() * 0.99) {
                notes.add(
                        "%s has %s frames a second, fewer than %s: frames are repeated"
                                .formatted(
                                        take.found.path(),
                                        number(take.fps),
                                        number(options.fps())));
            }
        }
        long without = takes.stream().filter(t -> t.labels.isEmpty()).count();
        if (!actionNames.isEmpty() && without > 0) {
            notes.add("%d of %d videos have no actions".formatted(without, takes.size()));
        }
    }

    private static String number(double rate) {
        return BigDecimal.valueOf(Math.round(rate * 1000), 3).stripTrailingZeros().toPlainString();
    }

    /// Rows H of the frames to be.
    public int height() {
        return height;
    }

    /// Columns W of the frames to be.
    public int width() {
        return width;
    }

    /// Frames a second of the clips to be; 0 if unknown or of several rates.
    public double fps() {
        return fps;
    }

    /// What the actions are called; empty if there are none.
    public List<String> actionNames() {
        return actionNames;
    }

    /// The number of videos that can be read.
    public int videos() {
        return takes.size();
    }

    /// The number of frames to be.
    public long frames() {
        return takes.stream().mapToLong(Take::frames).sum();
    }

    /// Bytes of all frames, unpacked.
    public long unpackedBytes() {
        return frames() * height * width * 3;
    }

    /// What the user may want to know.
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /// What is left out because it cannot be read; only if options say to go on.
    public List<String> bad() {
        return List.copyOf(bad);
    }

    /// About how many bytes all frames take when they are packed, from one block of up to five
    /// videos.
    public long estimate() {
        long bytes = 0, frames = 0;
        int step = Math.max(1, takes.size() / 5);
        for (int i = 0; i < takes.size(); i += step) {
            var probe = MemoryClips.gather(height, width, fps, List.of());
            probe.begin("probe");
            int n = play(takes.get(i), FramePacker.BLOCK, frame -> probe.frame(frame), _ -> {});
            if (n == 0) continue;
            probe.end();
            bytes += probe.bytes();
            frames += n;
        }
        return frames == 0 ? 0 : Math.round((double) bytes / frames * frames());
    }

    /// Unpacks all videos, in order, into a sink.
    ///
    /// @param say told which frames cannot be read, where options say to go on
    /// @throws DatasetException if frames cannot be read and options do not say to go on
    public void write(ClipSink sink, Progress progress, Consumer<String> say) {
        bad.forEach(say);
        int done = 0;
        for (var take : takes) {
            write(take, sink, say);
            progress.at(++done, takes.size());
        }
    }

    private void write(Take take, ClipSink sink, Consumer<String> say) {
        int cut = options.cut() == 0 ? Integer.MAX_VALUE : options.cut();
        var at = new int[1];
        var sources = new ArrayList<Integer>();
        play(
                take,
                Integer.MAX_VALUE,
                frame -> {
                    if (at[0] % cut == 0) {
                        if (at[0] > 0) end(sink, take, sources);
                        sink.begin(
                                options.cut() == 0
                                        ? take.found.name()
                                        : take.found.name() + "#" + at[0] / cut);
                    }
                    sink.frame(frame);
                    at[0]++;
                },
                source -> sources.add(source),
                say);
        if (!sources.isEmpty()) end(sink, take, sources);
    }

    private void end(ClipSink sink, Take take, List<Integer> sources) {
        var actions = new int[sources.size()];
        for (int i = 0; i < actions.length; i++) {
            int source = sources.get(i);
            var label = source < take.labels.size() ? take.labels.get(source) : "";
            actions[i] = ActionFile.unknown(label) ? Clips.UNKNOWN : actionNames.indexOf(label);
        }
        sources.clear();
        sink.end(actions);
    }

    private int play(Take take, int most, Consumer<byte[]> frames, Consumer<String> say) {
        return play(take, most, frames, _ -> {}, say);
    }

    /// @param sources told the number in the video of each frame, before the frame
    /// @return how many frames there were
    private int play(
            Take take,
            int most,
            Consumer<byte[]> frames,
            Consumer<Integer> sources,
            Consumer<String> say) {
        var scaler = new FrameScaler(height, width, options.fit());
        int taken = 0;
        try (var footage = take.found.open(options.pictureFps())) {
            double rate = rate(footage);
            for (int n = 0; n < footage.frames() && taken < most; n++) {
                int until = taken;
                if (rate == 0) until++;
                else while (until / rate < footage.end(n) - EPSILON) until++;
                if (until == taken) continue;
                byte[] frame;
                try {
                    frame = scaler.scale(footage.frame(n));
                } catch (DatasetException e) {
                    if (!options.skipBad()) throw e;
                    say.accept(
                            "%s; the %d frames before are kept".formatted(e.getMessage(), taken));
                    return taken;
                }
                for (; taken < Math.min(until, most); taken++) {
                    frames.accept(frame);
                    sources.accept(n);
                }
            }
        }
        return taken;
    }

    @Override
    public String toString() {
        return "%s: %d videos, %,d frames of %d x %d, actions %s"
                .formatted(root, takes.size(), frames(), height, width, actionNames);
    }

    /// Names of the videos, in order.
    public List<String> names() {
        return takes.stream().map(t -> t.found.name()).toList();
    }

    /// Size and rate of each video as it is, in words.
    public List<String> sources() {
        return takes.stream()
                .map(t ->
                        "%s: %d frames kept of %d x %d%s"
                                .formatted(
                                        t.found.name(),
                                        t.frames,
                                        t.height,
                                        t.width,
                                        t.fps == 0 ? "" : ", %s a second".formatted(number(t.fps))))
                .toList();
    }
}
