package dev.orrery.cli;

import dev.orrery.data.clips.ClipFolder;
import dev.orrery.data.clips.JasmineChunks;
import dev.orrery.data.clips.OrvWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "convert",
        description = {
            "Pack a folder of videos (mp4, webm, GIF, folders of PNG) into one .orv file,",
            "or jasmine's ArrayRecord files, whose frames --size tells if they are not square,",
            "frame after frame, so that little memory is needed."
        },
        mixinStandardHelpOptions = true)
final class DataClipsConvertVerb implements Callable<Integer> {

    @Mixin private Console console;
    @Mixin private ClipsOptions options;
    @Mixin private FileOutput output;

    @Parameters(paramLabel = "PATH", description = "A folder of videos, or a video.")
    private Path path;

    @Override
    public Integer call() throws IOException {
        var out = output.need(".orv");
        if (JasmineChunks.isOne(path)) return fromJasmine(out);
        var folder = ClipFolder.survey(path, options.options());
        folder.notes().forEach(console::warn);
        console.say(
                "%d videos, %,d frames of %d x %d: %,d bytes, about %,d packed"
                        .formatted(
                                folder.videos(),
                                folder.frames(),
                                folder.height(),
                                folder.width(),
                                folder.unpackedBytes(),
                                folder.estimate()));
        var progress = new TerminalProgress();
        progress.stage("convert", folder.videos());
        try (var writer =
                OrvWriter.create(
                        out, folder.height(), folder.width(), folder.fps(), folder.actionNames())) {
            folder.write(writer, (done, _) -> progress.at(done, "videos"), console::warn);
            writer.finish();
            progress.end();
            written(out, writer);
        }
        return Main.DONE;
    }

    /// Of jasmine's records `--size` says what they do not, and `--fps` is noted; they are not
    /// resized.
    private Integer fromJasmine(Path out) throws IOException {
        var asked = options.options();
        var chunks = JasmineChunks.survey(path, asked.height(), asked.width());
        var progress = new TerminalProgress();
        progress.stage("convert", chunks.episodes());
        try (var writer =
                OrvWriter.create(
                        out, chunks.height(), chunks.width(), asked.fps(), chunks.actionNames())) {
            chunks.write(writer, done -> progress.at(done, "episodes"));
            writer.finish();
            progress.end();
            written(out, writer);
        }
        return Main.DONE;
    }

    private void written(Path out, OrvWriter writer) throws IOException {
        long bytes = Files.size(out);
        console.result(
                Map.of(
                        "file", out.toString(),
                        "episodes", writer.count(),
                        "frames", writer.frames(),
                        "bytes", bytes),
                "%s: %d episodes, %,d frames, %,d bytes"
                        .formatted(out, writer.count(), writer.frames(), bytes));
    }
}
