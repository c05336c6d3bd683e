package dev.orrery.env.tabletop;

import dev.orrery.env.Film;
import dev.orrery.env.Image;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Draws the pictures of docs/worlds/tabletop.md.
public final class Gallery {

    private static final int SIDE = 240, HALF_WAY = 12, STEP_MILLIS = 100;
    private static final List<Family> SHOWN =
            List.of(Family.PUT_TRAY, Family.PUSH_ZONE, Family.STACK, Family.BESIDE);

    private Gallery() {}

    /// Writes the pictures to the folder named by the first argument.
    public static void main(String[] arguments) throws IOException {
        var folder = Path.of(arguments[0]);
        for (var family : Family.values()) {
            var table = table(family);
            table.reset(3);
            for (int t = 0; t < HALF_WAY && table.outcome() == Outcome.UNFINISHED; t++) {
                table.step(table.expertAction());
            }
            Film.png(folder.resolve(family + ".png"), table.picture(SIDE));
        }
        Film.gif(folder.resolve("expert.gif"), expert(), STEP_MILLIS);
        Film.png(folder.resolve("cameras.png"), cameras());
        Film.png(folder.resolve("shift.png"), shift());
    }

    private static Tabletop table(Family family) {
        return new Tabletop(List.of(family), family == Family.ALIGN ? Arm.SEVEN : Arm.FOUR);
    }

    private static List<Image> expert() {
        var frames = new ArrayList<Image>();
        for (var family : SHOWN) {
            var table = table(family);
            table.reset(5);
            frames.add(table.picture(SIDE));
            while (table.outcome() == Outcome.UNFINISHED) {
                table.step(table.expertAction());
                frames.add(table.picture(SIDE));
            }
        }
        return frames;
    }

    /// What a policy sees, enlarged: overhead and wrist, at three moments.
    private static Image cameras() {
        var pictures = new ArrayList<Image>();
        var table = table(Family.PUT_TRAY);
        table.reset(3);
        for (int t = 0; t < 21; t++) {
            if (t % 10 == 0) {
                var seen = table.observe();
                pictures.add(enlarged(seen.image(Camera.OVERHEAD)));
                pictures.add(enlarged(seen.image(Camera.WRIST)));
            }
            table.step(table.expertAction());
        }
        return Film.sheet(pictures, 6);
    }

    private static Image enlarged(Image image) {
        int side = 192, times = side / image.width();
        var rgb = new byte[3 * side * side];
        for (int row = 0; row < side; row++) {
            for (int column = 0; column < side; column++) {
                for (int channel = 0; channel < 3; channel++) {
                    rgb[3 * (side * row + column) + channel] =
                            (byte) image.at(row / times, column / times, channel);
                }
            }
        }
        return new Image(side, side, rgb);
    }

    private static Image shift() {
        var starts = Split.L6.starts();
        var pictures = new ArrayList<Image>();
        for (int k = 0; k < 6; k++) {
            var table = new Tabletop();
            table.reset(starts.get(100 * k));
            pictures.add(table.picture(192));
        }
        return Film.sheet(pictures, 6);
    }
}
