import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.stream.Stream;

/// Says whether a build is current, for launchers without `find`: `java Newer.java HOME STAMP`
/// exits 0 if no source is newer than the stamp, else 1.
public final class Newer {

    public static void main(String[] args) throws IOException {
        var home = Path.of(args[0]);
        var stamp = Files.getLastModifiedTime(Path.of(args[1]));
        try (var top = Files.newDirectoryStream(home)) {
            for (var entry : top) {
                var main = entry.resolve("src/main");
                if (newer(entry.resolve("pom.xml"), stamp)
                        || entry.endsWith("pom.xml") && newer(entry, stamp)
                        || entry.endsWith(".mvn") && anyNewer(entry, stamp)
                        || Files.isDirectory(main) && anyNewer(main, stamp)) {
                    System.exit(1);
                }
            }
        }
    }

    private static boolean anyNewer(Path folder, FileTime stamp) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.anyMatch(file -> newer(file, stamp));
        }
    }

    private static boolean newer(Path file, FileTime stamp) {
        try {
            return Files.exists(file) && Files.getLastModifiedTime(file).compareTo(stamp) > 0;
        } catch (IOException _) {
            return true;
        }
    }
}
