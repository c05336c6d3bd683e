package dev.orrery.fidelity;

import dev.orrery.env.platformer.Level;
import dev.orrery.env.platformer.Platformer;
import dev.orrery.env.platformer.PlatformerPainter;
import java.util.function.UnaryOperator;

/// Finds out which part of a known level of the platformer a picture shows, however blurred: the
/// scroll at which the level without coin, walkers and player is nearest to it in squared error.
///
/// Phase correlation of successive frames is of no use in this world: three backgrounds move at
/// other speeds than the ground, and the ground's texture repeats every 8 pixels.
public final class ScrollFinder {

    private static final int SIZE = PlatformerPainter.SIZE;

    private final Clip course;

    /// @param level the level that pictures should show
    /// @param view what was made of the world's frames, such as shrinking them
    public ScrollFinder(Level level, UnaryOperator<Clip> view) {
        var world = new Platformer();
        world.begin(level);
        var palette = PlatformerPainter.palette(level.theme());
        int places = Platformer.LAST_SCROLL + 1;
        var indices = new byte[SIZE * SIZE];
        var rgb = new byte[places * SIZE * SIZE * 3];
        for (int scroll = 0, at = 0; scroll < places; scroll++) {
            world.drawCourse(scroll, indices, 0);
            for (byte index : indices) {
                System.arraycopy(palette, 3 * index, rgb, at, 3);
                at += 3;
            }
        }
        course = view.apply(new Clip(places, SIZE, SIZE, rgb));
    }

    /// The scroll that a frame shows, in the platformer's own pixels, the one nearest to `near` if
    /// several fit equally well.
    ///
    /// @param near the scroll it should show
    /// @param range how far from it to look
    /// @throws IllegalArgumentException if the frame is of another size than the view's
    public int find(Clip clip, int frame, int near, int range) {
        Clip.sameSize("a scroll's search", course, clip);
        int best = near;
        long least = error(clip, frame, near);
        for (int gap = 1; gap <= range; gap++) {
            for (int scroll : new int[] {near - gap, near + gap}) {
                if (scroll < 0 || scroll >= course.frames()) {
                    continue;
                }
                long error = error(clip, frame, scroll);
                if (error < least) {
                    least = error;
                    best = scroll;
                }
            }
        }
        return best;
    }

    private long error(Clip clip, int frame, int scroll) {
        int size = clip.frameBytes();
        byte[] a = clip.rgb(), b = course.rgb();
        long sum = 0;
        for (int i = 0, at = frame * size, from = scroll * size; i < size; i++) {
            int gap = (a[at + i] & 0xff) - (b[from + i] & 0xff);
            sum += gap * gap;
        }
        return sum;
    }
}
