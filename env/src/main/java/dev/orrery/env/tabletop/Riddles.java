package dev.orrery.env.tabletop;

import dev.orrery.env.Dice;
import java.util.ArrayList;
import java.util.List;

/// Episodes whose instruction has to be worked out: a sign to be read, or a block that is described
/// and not named. Demonstrations contain neither; the families are trained on plain instructions.
///
/// Blocks have one size, so nothing is told by size. Episodes are drawn from fixed seeds: equal
/// counts give equal lists. They are no split of the suite and change no hash of it.
public final class Riddles {

    private static final long SIGNS = 0x7369676e73L, PLACES = 0x706c61636573L;

    /// By how much the described block must lie nearer, or further, than any other.
    private static final float MARGIN = .1f;

    private Riddles() {}

    /// What a description goes by; the words are those of the instruction.
    public enum Description {
        /// `pick up the block closest to the tray`
        CLOSEST_TO_TRAY("closest to the tray"),
        /// `pick up the block closest to the button`
        CLOSEST_TO_BUTTON("closest to the button"),
        /// `pick up the block on the left`
        LEFTMOST("on the left"),
        /// `pick up the block on the right`
        RIGHTMOST("on the right");

        private final String words;

        Description(String words) {
            this.words = words;
        }

        /// The instruction.
        public String instruction() {
            return "pick up the block " + words;
        }

        private float of(World w, int i) {
            return switch (this) {
                case CLOSEST_TO_TRAY -> w.distance(i, w.trayX, w.trayY);
                case CLOSEST_TO_BUTTON -> w.distance(i, w.buttonX, w.buttonY);
                case LEFTMOST -> w.bx[i];
                case RIGHTMOST -> -w.bx[i];
            };
        }
    }

    /// Put a block on the pad that shows a sign, in wordings of demonstrations.
    ///
    /// @param count episodes
    public static List<Start> signs(int count) {
        var starts = new ArrayList<Start>();
        var origin = Dice.of(SIGNS, 0);
        while (starts.size() < count) {
            var start = Start.training(Family.SYMBOL, origin.nextLong());
            if (lies(start, new World())) starts.add(start);
        }
        return List.copyOf(starts);
    }

    /// Pick up the block of a description, each description in turn.
    ///
    /// @param count episodes
    public static List<Start> described(int count) {
        var starts = new ArrayList<Start>();
        var origin = Dice.of(PLACES, 0);
        var all = Description.values();
        while (starts.size() < count) {
            var description = all[starts.size() % all.length];
            long seed = origin.nextLong();
            var task = (Task.Pick) Tasks.training(Family.PICK, Dice.of(seed, 1));
            var start = Start.of(task, seed, description.instruction());
            var w = new World();
            if (lies(start, w) && described(w, description) == w.find(task.block())) {
                starts.add(start);
            }
        }
        return List.copyOf(starts);
    }

    private static boolean lies(Start start, World w) {
        try {
            start.lay(w, Arm.FOUR);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /// The block that a description fits clearly, or -1.
    private static int described(World w, Description description) {
        int best = 0;
        for (int i = 1; i < w.count; i++) {
            best = description.of(w, i) < description.of(w, best) ? i : best;
        }
        float least = description.of(w, best);
        for (int i = 0; i < w.count; i++) {
            if (i != best && description.of(w, i) < least + MARGIN) return -1;
        }
        return best;
    }
}
