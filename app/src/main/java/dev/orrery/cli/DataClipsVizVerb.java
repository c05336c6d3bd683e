package dev.orrery.cli;

import dev.orrery.data.clips.ClipFiles;
import dev.orrery.data.clips.Clips;
import dev.orrery.env.Film;
import dev.orrery.env.Image;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "viz",
        description = "Show an episode: as a sheet of frames (.png) or moving (.gif).",
        mixinStandardHelpOptions = true)
final class DataClipsVizVerb implements Callable<Integer> {

    private static final long BUDGET = 1L << 30;

    @Mixin private Console console;
    @Mixin private ClipsOptions options;
    @Mixin private FileOutput output;

    @Parameters(paramLabel = "PATH", description = "An .orv file, a folder of videos or a video.")
    private Path path;

    @Option(names = "--episode", defaultValue = "0", description = "Which one (${DEFAULT-VALUE}).")
    private int episode;

    @Option(names = "--from", defaultValue = "0", description = "The first frame.")
    private int from;

    @Option(
            names = "--frames",
            defaultValue = "16",
            description = "How many, one after another (${DEFAULT-VALUE}).")
    private int frames;

    @Option(names = "--scale", defaultValue = "2", description = "Enlarge (${DEFAULT-VALUE}).")
    private int scale;

    @Override
    public Integer call() throws IOException {
        var out = output.need(".png", ".gif");
        try (var clips = ClipFiles.open(path, options.options(), BUDGET, console::warn)) {
            var images = images(clips);
            boolean moving = out.toString().toLowerCase(java.util.Locale.ROOT).endsWith(".gif");
            if (moving) {
                double fps = clips.fps() == 0 ? 10 : clips.fps();
                Film.gif(out, images, (int) Math.round(1000 / fps));
            } else Film.png(out, Film.sheet(images, Math.min(8, images.size())));
            var acted = acted(clips, images.size());
            console.result(
                    Map.of(
                            "file", out.toString(),
                            "episode", clips.episodes().get(episode).name(),
                            "frames", images.size(),
                            "actions", acted),
                    "%s: '%s', frames %d to %d%s"
                            .formatted(
                                    out,
                                    clips.episodes().get(episode).name(),
                                    from,
                                    from + images.size() - 1,
                                    acted.isEmpty() ? "" : ", " + String.join(" ", acted)));
        }
        return Main.DONE;
    }

    private List<Image> images(Clips clips) {
        if (frames < 1) throw new IllegalArgumentException("--frames must be at least 1");
        int count = frames;
        if (episode >= 0 && episode < clips.episodes().size() && from >= 0) {
            int length = clips.episodes().get(episode).frames();
            count = from < length ? Math.min(frames, length - from) : frames;
        }
        var images = new ArrayList<Image>();
        for (int f = 0; f < count; f++) {
            var image =
                    new Image(clips.height(), clips.width(), clips.frames(episode, from + f, 1));
            images.add(Film.enlarged(image, scale));
        }
        return images;
    }

    private List<String> acted(Clips clips, int count) {
        if (clips.actionNames().isEmpty()) return List.of();
        var actions = clips.actions(episode);
        return IntStream.range(from, from + count)
                .mapToObj(f ->
                        actions[f] == Clips.UNKNOWN ? "?" : clips.actionNames().get(actions[f]))
                .toList();
    }
}
