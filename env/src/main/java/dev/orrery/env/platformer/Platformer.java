package dev.orrery.env.platformer;

import dev.orrery.env.ActionSpace;
import dev.orrery.env.Env;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.Snapshot;
import dev.orrery.env.Step;
import java.util.EnumSet;
import java.util.Set;

/// Run and jump to the coin; 64 x 64 pixels, ten frames a second, whole numbers throughout.
///
/// On the ground the player moves 4 pixels a frame, in the air its speed changes by at most 2; a
/// jump starts at 10 pixels a frame upwards, gravity takes 2 a frame, falling is at most 8 a frame:
/// 30 pixels high, 12 frames long. First x, then y; platforms hold from above only. The coin pays
/// 10, lava, spikes and walkers cost 1, both end the episode; 400 steps cut it off. Our own design.
public final class Platformer implements Env<PlatformerAction> {

    /// Steps of an episode.
    public static final int STEPS = 400;

    /// The largest [#scroll].
    public static final int LAST_SCROLL = Level.WIDTH - PlatformerPainter.SIZE;

    private static final int SIZE = Level.TILE;
    private static final int RUN = 4, STEER = 2, JUMP = 10, GRAVITY = 2, FALL = 8, WALK = 2;
    private static final int CAMERA = 28;
    private static final ActionSpace.Discrete<PlatformerAction> ACTIONS =
            ActionSpace.of(PlatformerAction.class);

    /// What happened in a frame.
    public enum Event {
        JUMPED,
        LANDED,
        BUMPED,
        BURNT,
        SPIKED,
        CAUGHT,
        COIN
    }

    /// A rectangle in pixels of the level.
    ///
    /// @param x left edge
    /// @param y upper edge
    /// @param width pixels across
    /// @param height pixels down
    public record Box(int x, int y, int width, int height) {}

    private Level level = Level.of(0);
    private final PlatformerPainter painter = new PlatformerPainter();
    private int x, y, vx, vy, steps, facing;
    private boolean supported, terminated, begun;
    private int[] walkerX = {}, walkerWay = {};
    private int events;

    @Override
    public ActionSpace.Discrete<PlatformerAction> actions() {
        return ACTIONS;
    }

    @Override
    public Observation reset(long seed) {
        begin(Level.of(seed));
        return Observation.of(picture());
    }

    /// Starts an episode on a level.
    public void begin(Level course) {
        level = course;
        painter.load(level);
        x = level.startX();
        y = level.startY();
        vx = 0;
        vy = 0;
        facing = 1;
        steps = 0;
        terminated = false;
        begun = true;
        events = 0;
        walkerX = new int[level.walkers()];
        walkerWay = new int[level.walkers()];
        for (int w = 0; w < walkerX.length; w++) {
            walkerX[w] = level.walkerX(w);
            walkerWay[w] = -1;
        }
        supported = standing();
    }

    /// Becomes a copy of another world without its pictures.
    void follow(Platformer other) {
        level = other.level;
        x = other.x;
        y = other.y;
        vx = other.vx;
        vy = other.vy;
        steps = other.steps;
        facing = other.facing;
        supported = other.supported;
        terminated = other.terminated;
        begun = other.begun;
        events = other.events;
        walkerX = other.walkerX.clone();
        walkerWay = other.walkerWay.clone();
    }

    @Override
    public Step step(PlatformerAction action) {
        double reward = advance(action);
        return new Step(Observation.of(picture()), reward, terminated, truncated());
    }

    /// Takes one action without drawing and returns the reward.
    ///
    /// @throws IllegalStateException before the first start and after the episode's end
    public double advance(PlatformerAction action) {
        if (!begun || terminated || truncated()) {
            throw new IllegalStateException(
                    begun
                            ? "platformer: the episode is over; reset it"
                            : "platformer: reset it first");
        }
        steps++;
        events = 0;
        steer(action);
        moveAcross();
        moveDown();
        walk();
        return judge();
    }

    private void steer(PlatformerAction action) {
        int wanted = RUN * action.direction;
        vx = supported ? wanted : vx + Math.clamp(wanted - vx, -STEER, STEER);
        if (action.direction != 0) {
            facing = action.direction;
        }
        if (supported) {
            vy = action.jumps ? -JUMP : 0;
            if (action.jumps) {
                happen(Event.JUMPED);
            }
        }
    }

    private void moveAcross() {
        int to = Math.clamp(x + vx, 0, Level.WIDTH - SIZE);
        if (vx != 0 && to != x) {
            int edge = vx > 0 ? to + SIZE - 1 : to;
            int column = edge / SIZE;
            if (solidColumn(column)) {
                to = vx > 0 ? column * SIZE - SIZE : (column + 1) * SIZE;
                vx = 0;
            }
        }
        x = to;
    }

    private boolean solidColumn(int column) {
        for (int row = Math.floorDiv(y, SIZE); row <= Math.floorDiv(y + SIZE - 1, SIZE); row++) {
            if (Level.solid(level.tile(column, row))) {
                return true;
            }
        }
        return false;
    }

    private void moveDown() {
        boolean before = supported;
        if (vy < 0) {
            rise();
        } else if (vy > 0) {
            fall();
        }
        supported = vy >= 0 && standing();
        if (supported) {
            vy = 0;
            if (!before) {
                happen(Event.LANDED);
            }
        } else {
            vy = Math.min(FALL, vy + GRAVITY);
        }
    }

    private void rise() {
        int to = y + vy;
        int row = Math.floorDiv(to, SIZE);
        if (Level.solid(level.tile(x / SIZE, row))
                || Level.solid(level.tile((x + SIZE - 1) / SIZE, row))) {
            to = (row + 1) * SIZE;
            vy = 0;
            happen(Event.BUMPED);
        }
        y = to;
    }

    private void fall() {
        int feet = y + SIZE;
        int to = feet + vy;
        int top = Math.ceilDiv(feet, SIZE) * SIZE;
        if (top <= to && holds(top / SIZE)) {
            to = top;
        }
        y = to - SIZE;
    }

    /// Whether the tiles of a row below the player hold it from above.
    private boolean holds(int row) {
        return holds(level.tile(x / SIZE, row)) || holds(level.tile((x + SIZE - 1) / SIZE, row));
    }

    private static boolean holds(byte tile) {
        return Level.solid(tile) || tile == Level.PLATFORM;
    }

    private boolean standing() {
        return (y + SIZE) % SIZE == 0 && holds((y + SIZE) / SIZE);
    }

    private void walk() {
        for (int w = 0; w < walkerX.length; w++) {
            int to = walkerX[w] + WALK * walkerWay[w];
            int column = (walkerWay[w] > 0 ? to + SIZE - 1 : to) / SIZE;
            int row = level.walkerY(w) / SIZE;
            boolean free =
                    to >= 0
                            && to <= Level.WIDTH - SIZE
                            && !Level.solid(level.tile(column, row))
                            && Level.solid(level.tile(column, row + 1));
            if (free) {
                walkerX[w] = to;
            } else {
                walkerWay[w] = -walkerWay[w];
            }
        }
    }

    private double judge() {
        byte deadly = deadlyTile();
        boolean caught = false;
        for (int w = 0; w < walkerX.length; w++) {
            caught |= overlaps(walkerX[w], level.walkerY(w), 1);
        }
        if (deadly != Level.AIR || caught || y >= Level.HEIGHT) {
            happen(caught ? Event.CAUGHT : deadly == Level.LAVA ? Event.BURNT : Event.SPIKED);
            terminated = true;
            return -1;
        }
        if (overlaps(level.coinX(), level.coinY(), 0)) {
            happen(Event.COIN);
            terminated = true;
            return 10;
        }
        return 0;
    }

    private byte deadlyTile() {
        for (int row = y / SIZE; row <= (y + SIZE - 1) / SIZE; row++) {
            for (int column = x / SIZE; column <= (x + SIZE - 1) / SIZE; column++) {
                byte tile = row < 0 ? Level.AIR : level.tile(column, row);
                if (Level.deadly(tile)) {
                    return tile;
                }
            }
        }
        return Level.AIR;
    }

    private boolean overlaps(int otherX, int otherY, int margin) {
        return Math.abs(x - otherX) < SIZE - margin && Math.abs(y - otherY) < SIZE - margin;
    }

    private void happen(Event event) {
        events |= 1 << event.ordinal();
    }

    /// The level of this episode.
    public Level level() {
        return level;
    }

    /// Where the player is.
    public Box playerBox() {
        return new Box(x, y, SIZE, SIZE);
    }

    /// Where a walker is.
    public Box walkerBox(int walker) {
        return new Box(walkerX[walker], level.walkerY(walker), SIZE, SIZE);
    }

    /// How many walkers there are.
    public int walkers() {
        return walkerX.length;
    }

    /// How many pixels of the level lie left of the picture.
    public int scroll() {
        return Math.clamp(x - CAMERA, 0, LAST_SCROLL);
    }

    /// What happened in the last frame.
    public Set<Event> events() {
        var set = EnumSet.noneOf(Event.class);
        for (var event : Event.values()) {
            if ((events >> event.ordinal() & 1) == 1) {
                set.add(event);
            }
        }
        return set;
    }

    /// Whether the player stands on something.
    public boolean supported() {
        return supported;
    }

    /// Whether the player died or has the coin.
    public boolean terminated() {
        return terminated;
    }

    /// Whether time is up.
    public boolean truncated() {
        return !terminated && steps >= STEPS;
    }

    /// What the agent sees.
    public Image picture() {
        var indices = new byte[PlatformerPainter.SIZE * PlatformerPainter.SIZE];
        draw(indices, 0);
        return painter.colour(indices, 0);
    }

    /// Draws the present frame as palette indices, 4096 bytes from `offset` on; the colours are
    /// [PlatformerPainter#palette].
    public void draw(byte[] into, int offset) {
        painter.draw(this, into, offset);
    }

    /// Draws what stands still in the level, as seen with this many pixels of it left of the
    /// picture: no coin, no walkers, no player.
    ///
    /// @throws IllegalArgumentException if the picture would leave the level
    public void drawCourse(int scroll, byte[] into, int offset) {
        if (scroll < 0 || scroll > LAST_SCROLL) {
            throw new IllegalArgumentException(
                    "scroll %d leaves the level; choose 0 to %d".formatted(scroll, LAST_SCROLL));
        }
        painter.drawCourse(scroll, into, offset);
    }

    int facing() {
        return facing;
    }

    /// Which of the three sprites is shown: 0 and 1 walking, 2 in the air.
    int pose() {
        return supported ? x / SIZE & 1 : 2;
    }

    /// Everything that the rest of the episode depends on, the level included.
    public long[] state() {
        var snapshot = Snapshot.write("platformer").put(level.theme());
        for (var row : level.rows()) {
            snapshot.put(row.chars().toArray());
        }
        return snapshot.put(x)
                .put(y)
                .put(vx)
                .put(vy)
                .put(steps)
                .put(facing)
                .put(supported)
                .put(terminated)
                .put(events)
                .put(walkerX)
                .put(walkerWay)
                .done();
    }

    /// Goes back to a state that [#state] gave.
    ///
    /// @throws IllegalArgumentException if it is not one
    public void restore(long[] state) {
        var snapshot = Snapshot.read("platformer", state);
        int theme = snapshot.takeInt();
        var rows = new String[Level.ROWS];
        for (int row = 0; row < rows.length; row++) {
            var letters = snapshot.takeInts();
            rows[row] = new String(letters, 0, letters.length);
        }
        begin(Level.parse(theme, rows));
        x = snapshot.takeInt();
        y = snapshot.takeInt();
        vx = snapshot.takeInt();
        vy = snapshot.takeInt();
        steps = snapshot.takeInt();
        facing = snapshot.takeInt();
        supported = snapshot.takeBoolean();
        terminated = snapshot.takeBoolean();
        events = snapshot.takeInt();
        walkerX = snapshot.takeInts();
        walkerWay = snapshot.takeInts();
        snapshot.end();
    }
}
