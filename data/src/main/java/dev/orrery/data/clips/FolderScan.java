package dev.orrery.data.clips;

import dev.orrery.data.DatasetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// The videos of a folder and of those in it.
final class FolderScan {

    private static final Set<String> VIDEOS =
            Set.of("mp4", "webm", "mkv", "mov", "avi", "m4v", "ogv");
    private static final Set<String> PICTURES = Set.of("png", "jpg", "jpeg", "bmp");
    private static final String[] ACTIONS = {"json", "csv", "npy"};
    private static final int DEEPEST = 8;

    /// A video to be.
    ///
    /// @param name its path within the folder
    /// @param path the file, or the folder of pictures
    /// @param pictures those of a folder, in order; else empty
    /// @param actions the file of its actions
    record Found(String name, Path path, List<Path> pictures, Optional<Path> actions) {

        Footage open(double pictureFps) {
            if (!pictures.isEmpty()) return PictureFootage.open(pictures, pictureFps);
            return extension(path).equals("gif") ? GifFootage.open(path) : VideoFootage.open(path);
        }
    }

    private final Path root;
    private final List<Found> found = new ArrayList<>();
    private final List<Path> ignored = new ArrayList<>();

    FolderScan(Path root) {
        this.root = root;
        if (Files.isDirectory(root)) folder(root, 0);
        else file(root);
        var order = new NaturalOrder();
        found.sort((a, b) -> order.compare(a.name, b.name));
    }

    List<Found> found() {
        return found;
    }

    /// Files that are neither videos nor actions.
    List<Path> ignored() {
        return ignored;
    }

    static boolean isVideo(Path file) {
        return VIDEOS.contains(extension(file)) || extension(file).equals("gif");
    }

    private void folder(Path folder, int depth) {
        if (depth > DEEPEST) {
            throw DatasetException.at(folder, "lies more than %d folders deep".formatted(DEEPEST));
        }
        var pictures = new ArrayList<Path>();
        for (var path : list(folder)) {
            if (path.getFileName().toString().startsWith(".")) continue;
            if (Files.isDirectory(path)) folder(path, depth + 1);
            else if (PICTURES.contains(extension(path))) pictures.add(path);
            else file(path);
        }
        if (pictures.isEmpty()) return;
        var order = new NaturalOrder();
        pictures.sort(Comparator.comparing(p -> p.getFileName().toString(), order));
        found.add(new Found(name(folder), folder, List.copyOf(pictures), actions(folder, "")));
    }

    private void file(Path path) {
        if (isVideo(path)) {
            var name = path.getFileName().toString();
            var actions = actions(folderOf(path), name + ".");
            if (actions.isEmpty())
                actions = actions(folderOf(path), name.substring(0, name.lastIndexOf('.')) + ".");
            found.add(new Found(name(path), path, List.of(), actions));
        } else if (!isActions(path)) ignored.add(path);
    }

    private static Path folderOf(Path file) {
        return file.toAbsolutePath().getParent();
    }

    private static boolean isActions(Path path) {
        var name = path.getFileName().toString();
        for (var kind : ACTIONS) {
            if (name.equals("actions." + kind) || name.endsWith(".actions." + kind)) return true;
        }
        return false;
    }

    private Optional<Path> actions(Path folder, String before) {
        for (var kind : ACTIONS) {
            var file = folder.resolve(before + "actions." + kind);
            boolean ofAll = file.equals(root.toAbsolutePath().resolve("actions.json"));
            if (Files.isRegularFile(file) && !(ofAll && !before.isEmpty()))
                return Optional.of(file);
        }
        return Optional.empty();
    }

    private String name(Path path) {
        var relative = root.relativize(path).toString().replace('\\', '/');
        return relative.isEmpty() ? path.toAbsolutePath().getFileName().toString() : relative;
    }

    private static List<Path> list(Path folder) {
        try (var files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw DatasetException.at(folder, "cannot be listed", e);
        }
    }

    static String extension(Path path) {
        var name = path.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
