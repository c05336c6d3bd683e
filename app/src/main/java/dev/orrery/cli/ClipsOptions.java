package dev.orrery.cli;

import dev.orrery.data.clips.ClipOptions;
import dev.orrery.data.clips.Fit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/// How videos become clips, as options of a verb.
final class ClipsOptions {

    private static final Pattern SIZE = Pattern.compile("(\\d{1,4})[x×](\\d{1,4})");

    @Option(
            names = "--size",
            paramLabel = "HxW",
            description = "Height and width of frames, such as 64x64. Default: the videos' own.")
    private Optional<String> size = Optional.empty();

    @Option(
            names = "--fit",
            defaultValue = "crop",
            description = "What becomes of other shapes: crop, pad or stretch (${DEFAULT-VALUE}).")
    private String fit;

    @Option(names = "--fps", description = "Frames to keep of each second. Default: all.")
    private Optional<Double> fps = Optional.empty();

    @Option(
            names = "--picture-fps",
            paramLabel = "N",
            description = "Frames a second of folders of pictures, which do not say.")
    private Optional<Double> pictureFps = Optional.empty();

    @Option(
            names = "--cut",
            paramLabel = "FRAMES",
            description = "Cut long videos into episodes of so many frames.")
    private Optional<Integer> cut = Optional.empty();

    @Option(names = "--skip-bad", description = "Go on without files that cannot be read.")
    private boolean skipBad;

    ClipOptions options() {
        int height = 0, width = 0;
        if (size.isPresent()) {
            var match = SIZE.matcher(size.get());
            if (!match.matches())
                throw new IllegalArgumentException(
                        "--size %s: give height and width, such as 64x64".formatted(size.get()));
            height = Integer.parseInt(match.group(1));
            width = Integer.parseInt(match.group(2));
        }
        return new ClipOptions(
                height,
                width,
                fit(),
                fps.orElse(0.0),
                pictureFps.orElse(0.0),
                cut.orElse(0),
                skipBad);
    }

    private Fit fit() {
        for (var one : Fit.values()) if (one.name().equalsIgnoreCase(fit)) return one;
        throw new IllegalArgumentException(
                "--fit %s: choose %s"
                        .formatted(
                                fit,
                                Arrays.stream(Fit.values())
                                        .map(f -> f.name().toLowerCase(Locale.ROOT))
                                        .collect(Collectors.joining(", "))));
    }
}
