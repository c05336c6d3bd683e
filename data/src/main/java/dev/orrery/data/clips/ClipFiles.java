package dev.orrery.data.clips;

import dev.orrery.data.DatasetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/// Opens clips of any kind by what is there.
public final class ClipFiles {

    private ClipFiles() {}

    /// Opens an `.orv` file as it is, or reads videos or jasmine's chunks into memory.
    ///
    /// @param options how videos become clips; an `.orv` file must have the size that they ask for
    /// @param budget bytes of memory that videos may take
    /// @param say told what is noteworthy
    /// @throws DatasetException if it cannot be read
    /// @throws IllegalArgumentException if an `.orv` file has another size
    public static Clips open(Path path, ClipOptions options, long budget, Consumer<String> say) {
        if (!Files.exists(path)) throw DatasetException.at(path, "there is no such file or folder");
        if (JasmineChunks.isOne(path)) return jasmine(path, options, budget);
        if (!isOrv(path)) return ClipFolder.open(path, options, budget, say);
        var clips = OrvClips.open(path);
        boolean other = options.height() != clips.height() || options.width() != clips.width();
        if (options.height() > 0 && other) {
            clips.close();
            throw new IllegalArgumentException(
                    "%s has frames of %d x %d, wanted are %d x %d; convert the videos again with --size %dx%d"
                            .formatted(
                                    path,
                                    clips.height(),
                                    clips.width(),
                                    options.height(),
                                    options.width(),
                                    options.height(),
                                    options.width()));
        }
        return clips;
    }

    private static Clips jasmine(Path path, ClipOptions options, long budget) {
        var chunks = JasmineChunks.survey(path, options.height(), options.width());
        var gathering =
                MemoryClips.gather(
                        chunks.height(),
                        chunks.width(),
                        options.fps(),
                        chunks.actionNames(),
                        budget);
        chunks.write(gathering, _ -> {});
        return gathering.done();
    }

    /// Whether this is an `.orv` file by its name.
    public static boolean isOrv(Path path) {
        return Files.isRegularFile(path) && FolderScan.extension(path).equals("orv");
    }
}
