package dev.orrery.system.dynalang;

import dev.orrery.env.Film;
import dev.orrery.env.Image;
import dev.orrery.worldmodel.Imagined;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/// A film of what an agent saw and read beside what it imagined.
final class DreamFilm {

    private static final int SCALE = 3, WIDE = 190, MILLIS = 600;

    private DreamFilm() {}

    /// Writes a GIF: on the left what happened, on the right what the model saw in it and, from
    /// `context` on, imagined; below the word that was read and what was done.
    static void write(Path file, int context, Imagined.Branch branch) {
        var moments = branch.moments();
        var frames = new Image[moments.size()];
        for (int t = 0; t < frames.length; t++) frames[t] = frame(moments.get(t), t, context);
        try {
            Film.gif(file, List.of(frames), MILLIS);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private static Image frame(Imagined.Moment moment, int t, int context) {
        // small worlds are enlarged more, so that the line below fits
        int scale = Math.max(SCALE, WIDE / moment.truth().width());
        var pair =
                List.of(
                        Film.enlarged(moment.truth(), scale),
                        Film.enlarged(moment.imagined(), scale));
        var word = moment.token().isEmpty() ? "" : "reads '%s'  ".formatted(moment.token());
        var state =
                t < context
                        ? "seen"
                        : "imagined, reward %.2f (%.0f)"
                                .formatted(
                                        moment.guess().rewardImagined(), moment.guess().reward());
        return Film.captioned(
                Film.sheet(pair, 2), "%sdoes '%s'  %s".formatted(word, moment.action(), state));
    }
}
