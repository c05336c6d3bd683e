package dev.orrery.env.classic;

import dev.orrery.env.ActionSpace;
import dev.orrery.env.Dice;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.Snapshot;
import dev.orrery.env.Vocabulary;
import dev.orrery.env.WordEnv;
import java.util.Arrays;
import java.util.List;

/// A ball that falls straight down and a paddle on the ground to catch it with.
///
/// 8 × 8 cells, seen as a picture of 16 × 16 pixels or as symbols: the ball's cells, then the
/// paddle's columns. An episode is one ball; reward 1 for catching it and -1 for missing it, so the
/// best return is 1. Nothing is said.
///
/// Source: Mnih et al., Recurrent models of visual attention (2014), in the form of bsuite.
public final class Catch implements WordEnv<Catch.Move> {

    /// Where the paddle goes.
    public enum Move {
        LEFT,
        STAY,
        RIGHT
    }

    /// Cells along each side.
    public static final int SIDE = 8;

    private static final Vocabulary VOCABULARY = Vocabulary.of(List.of());
    private static final ActionSpace.Discrete<Move> ACTIONS = ActionSpace.of(Move.class);

    private int column, row = SIDE - 1, paddle;

    @Override
    public ActionSpace.Discrete<Move> actions() {
        return ACTIONS;
    }

    @Override
    public Vocabulary vocabulary() {
        return VOCABULARY;
    }

    @Override
    public int[] symbolShape() {
        return new int[] {SIDE * SIDE + SIDE};
    }

    @Override
    public void begin(long seed) {
        var dice = new Dice(seed);
        column = dice.nextInt(SIDE);
        row = 0;
        paddle = SIDE / 2;
    }

    @Override
    public double advance(Move action) {
        if (terminated()) throw new IllegalStateException("catch: the episode is over; reset it");
        paddle = Math.clamp(paddle + action.ordinal() - 1, 0, SIDE - 1);
        row++;
        if (!terminated()) return 0;
        return paddle == column ? 1 : -1;
    }

    @Override
    public void symbols(float[] into, int offset) {
        Arrays.fill(into, offset, offset + symbolCount(), 0);
        into[offset + row * SIDE + column] = 1;
        into[offset + SIDE * SIDE + paddle] = 1;
    }

    @Override
    public Image picture() {
        var rgb = new byte[4 * SIDE * SIDE * 3];
        cell(rgb, SIDE - 1, paddle, 1);
        cell(rgb, row, column, 0);
        return new Image(2 * SIDE, 2 * SIDE, rgb);
    }

    private static void cell(byte[] rgb, int row, int column, int channel) {
        for (int y = 0; y < 2; y++)
            for (int x = 0; x < 2; x++)
                rgb[((2 * row + y) * 2 * SIDE + 2 * column + x) * 3 + channel] = (byte) 255;
    }

    @Override
    public int token() {
        return Vocabulary.PAD;
    }

    @Override
    public String utterance() {
        return "<pad>";
    }

    @Override
    public boolean reading() {
        return false;
    }

    @Override
    public boolean terminated() {
        return row == SIDE - 1;
    }

    @Override
    public boolean truncated() {
        return false;
    }

    @Override
    public Observation observe() {
        return Observation.of(picture());
    }

    @Override
    public long[] state() {
        return Snapshot.write("catch").put(column).put(row).put(paddle).done();
    }

    @Override
    public void restore(long[] state) {
        var snapshot = Snapshot.read("catch", state);
        column = snapshot.takeInt();
        row = snapshot.takeInt();
        paddle = snapshot.takeInt();
        snapshot.end();
    }
}
