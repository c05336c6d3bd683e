package dev.orrery.env.classic;

import dev.orrery.env.ActionSpace;
import dev.orrery.env.Dice;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.Snapshot;
import dev.orrery.env.Vocabulary;
import dev.orrery.env.WordEnv;
import java.util.LinkedHashMap;
import java.util.List;

/// A cart that is pushed left or right so that the pole on it does not fall.
///
/// Symbols: position (m), velocity, angle (rad), angular velocity; these are quantities, not truth
/// values. Reward 1 a step; it ends beyond 2.4 m or 12 degrees and is cut off after 200 steps, so
/// the best return is 200. Nothing is said.
///
/// Source: Barto, Sutton and Anderson (1983), with the constants of Gymnasium's `CartPole-v0`.
public final class CartPole implements WordEnv<CartPole.Push> {

    /// Where the cart is pushed.
    public enum Push {
        LEFT,
        RIGHT
    }

    /// Steps of an episode.
    public static final int STEPS = 200;

    private static final double GRAVITY = 9.8, POLE = 0.1, TOTAL = 1.1, HALF = 0.5;
    private static final double FORCE = 10, SECONDS = 0.02, EDGE = 2.4, FALLEN = Math.PI / 15;
    private static final Vocabulary VOCABULARY = Vocabulary.of(List.of());
    private static final ActionSpace.Discrete<Push> ACTIONS = ActionSpace.of(Push.class);

    private double place, speed, angle, spin;
    private int steps = STEPS;

    @Override
    public ActionSpace.Discrete<Push> actions() {
        return ACTIONS;
    }

    @Override
    public Vocabulary vocabulary() {
        return VOCABULARY;
    }

    @Override
    public int[] symbolShape() {
        return new int[] {4};
    }

    @Override
    public void begin(long seed) {
        var dice = new Dice(seed);
        place = dice.between(-0.05f, 0.05f);
        speed = dice.between(-0.05f, 0.05f);
        angle = dice.between(-0.05f, 0.05f);
        spin = dice.between(-0.05f, 0.05f);
        steps = 0;
    }

    @Override
    public double advance(Push action) {
        if (terminated() || truncated())
            throw new IllegalStateException("cart pole: the episode is over; reset it");
        double force = action == Push.RIGHT ? FORCE : -FORCE;
        double cos = StrictMath.cos(angle), sin = StrictMath.sin(angle);
        double push = (force + POLE * HALF * spin * spin * sin) / TOTAL;
        double turn = (GRAVITY * sin - cos * push) / (HALF * (4.0 / 3 - POLE * cos * cos / TOTAL));
        double pull = push - POLE * HALF * turn * cos / TOTAL;
        place += SECONDS * speed;
        speed += SECONDS * pull;
        angle += SECONDS * spin;
        spin += SECONDS * turn;
        steps++;
        return 1;
    }

    @Override
    public void symbols(float[] into, int offset) {
        into[offset] = (float) place;
        into[offset + 1] = (float) speed;
        into[offset + 2] = (float) angle;
        into[offset + 3] = (float) spin;
    }

    /// The cart and its pole from the side, 64 x 64.
    @Override
    public Image picture() {
        var rgb = new byte[64 * 64 * 3];
        double x = 32 + place / EDGE * 28;
        for (int d = -6; d <= 6; d++) dot(rgb, x + d, 48, 0);
        for (int d = 0; d < 24; d++)
            dot(rgb, x + d * StrictMath.sin(angle), 46 - d * StrictMath.cos(angle), 1);
        return new Image(64, 64, rgb);
    }

    private static void dot(byte[] rgb, double x, double y, int channel) {
        int column = (int) Math.round(x), row = (int) Math.round(y);
        if (column < 0 || column > 63 || row < 0 || row > 63) return;
        rgb[(row * 64 + column) * 3 + channel] = (byte) 255;
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
        return Math.abs(place) > EDGE || Math.abs(angle) > FALLEN;
    }

    @Override
    public boolean truncated() {
        return steps >= STEPS;
    }

    @Override
    public Observation observe() {
        return new Observation(new LinkedHashMap<>(), symbols(), "");
    }

    @Override
    public long[] state() {
        return Snapshot.write("cartpole")
                .put(Double.doubleToLongBits(place))
                .put(Double.doubleToLongBits(speed))
                .put(Double.doubleToLongBits(angle))
                .put(Double.doubleToLongBits(spin))
                .put(steps)
                .done();
    }

    @Override
    public void restore(long[] state) {
        var snapshot = Snapshot.read("cartpole", state);
        place = Double.longBitsToDouble(snapshot.take());
        speed = Double.longBitsToDouble(snapshot.take());
        angle = Double.longBitsToDouble(snapshot.take());
        spin = Double.longBitsToDouble(snapshot.take());
        steps = snapshot.takeInt();
        snapshot.end();
    }
}
