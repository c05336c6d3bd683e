package dev.orrery.cli;

import dev.orrery.data.clips.ClipFolder;
import dev.orrery.data.clips.OrvWriter;
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
            "frame after frame, so that little memory is needed."
        },
        mixinStandardHelpOptions = true)
final class DataClipsConvertVerb implements Callable<Integer> {

    @Mixin private Console console;
    @Mixin private ClipsOptions options;
    @Mixin private ClipsOutput output;

    @Parameters(paramLabel = "PATH", description = "A folder of videos, or a video.")
    private Path path;

    @Override
    public Integer call() throws Exception {
        var out = output.need(".orv");
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
        return Main.DONE;
    }
}
