package dev.orrery.cli;

import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.media.Png;
import dev.orrery.env.Image;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "viz",
        description = "Draw an episode as one PNG: a row for each camera, time from left to right.",
        mixinStandardHelpOptions = true)
final class DataVizVerb implements Callable<Integer> {

    @Mixin private Console console;
    @Mixin private FileOutput output;

    @Parameters(paramLabel = "DIR", description = "The data set's folder.")
    private Path folder;

    @Option(names = "--episode", defaultValue = "0", description = "Which one (${DEFAULT-VALUE}).")
    private int episode;

    @Option(
            names = "--frames",
            defaultValue = "12",
            description = "How many, spread evenly (${DEFAULT-VALUE}).")
    private int frames;

    @Override
    public Integer call() {
        var out = output.need(".png");
        if (frames < 1) throw new IllegalArgumentException("--frames must be at least 1");
        try (var data = LeRobotDataset.open(folder)) {
            data.frame(episode, 0);
            int length = data.episodes().get(episode).length(), n = Math.min(frames, length);
            var cameras = data.info().cameras();
            if (cameras.isEmpty())
                throw new IllegalArgumentException(folder + " has no cameras to draw");
            int height = cameras.stream().mapToInt(c -> c.height()).sum();
            int column = cameras.stream().mapToInt(c -> c.width()).max().orElseThrow();
            var sheet = new byte[height * column * n * 3];
            int top = 0;
            for (var camera : cameras) {
                for (int i = 0; i < n; i++) {
                    int at = n == 1 ? 0 : (int) Math.round((double) i * (length - 1) / (n - 1));
                    paste(
                            data.frame(episode, at).image(camera.name()),
                            sheet,
                            top,
                            i * column,
                            column * n);
                }
                top += camera.height();
            }
            Files.write(out, Png.encode(new Image(height, column * n, sheet), 6));
            console.result(
                    Map.of("file", out.toString(), "frames", n, "cameras", cameras.size()),
                    "%s: %d frames of %d cameras".formatted(out, n, cameras.size()));
            return Main.DONE;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void paste(Image image, byte[] sheet, int top, int left, int width) {
        for (int y = 0; y < image.height(); y++) {
            System.arraycopy(
                    image.rgb(),
                    y * image.width() * 3,
                    sheet,
                    ((top + y) * width + left) * 3,
                    image.width() * 3);
        }
    }
}
