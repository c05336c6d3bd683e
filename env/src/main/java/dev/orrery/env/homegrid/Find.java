package dev.orrery.env.homegrid;

import dev.orrery.env.ActionSpace;
import dev.orrery.env.Dice;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.Snapshot;
import dev.orrery.env.SymbolPainter;
import dev.orrery.env.Vocabulary;
import dev.orrery.env.WordEnv;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.stream.IntStream;

/// HomeGrid in the small, for hints about the future: find one object again and again in a strip of
/// three rooms, 9 x 5 cells without inner walls, of which the agent sees 3 x 3.
///
/// The agent turns and moves as in [HomeGrid]; facing the object pays 1, and the object jumps to a
/// random cell more than two steps away. Then, and at the start, the world is frozen while the task
/// is read and, in one arm, the room where the object lies; the other arm is told nothing for as
/// long. 60 steps, reading not counted.
public final class Find implements WordEnv<Facing> {

    /// What is read besides the task.
    public enum Arm {
        /// In which room the object lies.
        HINT,
        /// Silence for as long.
        TASK_ONLY
    }

    /// Columns and rows of the strip, and steps of an episode.
    public static final int WIDTH = 9, HEIGHT = 5, STEPS = 60;

    private static final int ROOM_WIDTH = 3, NEAR = 2;

    /// Numbers a cell: wall, three floors, four objects.
    private static final int CELL = 8, GROUNDS = 4, SYMBOLS = 9 * CELL + 4;

    /// Below this the strongest symbol is one that is shown while reading.
    private static final float READ = 0.75f;

    private static final Vocabulary VOCABULARY =
            Vocabulary.of(
                    Sentences.all().stream()
                            .filter(s -> s.startsWith("find the") || s.contains("is in the"))
                            .filter(s -> !s.contains("bin"))
                            .toList());
    private static final ActionSpace.Discrete<Facing> ACTIONS = ActionSpace.of(Facing.class);

    private final Arm arm;
    private final HousePainter painter = new HousePainter();
    private Dice dice = new Dice(0);
    private int agent, object, kind, facing, steps, finds;
    private boolean begun;
    private final ReadingTape tape = new ReadingTape();

    public Find(Arm arm) {
        this.arm = arm;
    }

    @Override
    public ActionSpace.Discrete<Facing> actions() {
        return ACTIONS;
    }

    @Override
    public Vocabulary vocabulary() {
        return VOCABULARY;
    }

    @Override
    public int[] symbolShape() {
        return new int[] {SYMBOLS};
    }

    @Override
    public void begin(long seed) {
        dice = new Dice(seed);
        agent = dice.nextInt(WIDTH * HEIGHT);
        facing = dice.nextInt(4);
        kind = dice.nextInt(Thing.OBJECTS);
        steps = 0;
        finds = 0;
        begun = true;
        hide();
    }

    private void hide() {
        do {
            object = dice.nextInt(WIDTH * HEIGHT);
        } while (Math.abs(object % WIDTH - agent % WIDTH) + Math.abs(object / WIDTH - agent / WIDTH)
                <= NEAR);
        var task = VOCABULARY.encode("find the " + Thing.of(kind));
        var hint = VOCABULARY.encode(Sentences.text(Sentences.place(kind, room(object))));
        if (arm == Arm.TASK_ONLY) {
            Arrays.fill(hint, Vocabulary.PAD);
        }
        tape.start(IntStream.concat(Arrays.stream(task), Arrays.stream(hint)).toArray());
    }

    private static int room(int cell) {
        return cell % WIDTH / ROOM_WIDTH;
    }

    @Override
    public double advance(Facing action) {
        if (!begun || truncated()) {
            throw new IllegalStateException(
                    begun ? "find: the episode is over; reset it" : "find: reset it first");
        }
        if (tape.goesOn()) {
            tape.next();
            return 0;
        }
        steps++;
        facing = action.ordinal();
        int x = agent % WIDTH + action.dx, y = agent / WIDTH + action.dy;
        if (!inside(x, y)) {
            return 0;
        }
        int ahead = y * WIDTH + x;
        if (ahead != object) {
            agent = ahead;
            x += action.dx;
            y += action.dy;
        }
        if (!inside(x, y) || y * WIDTH + x != object) {
            return 0;
        }
        finds++;
        hide();
        return 1;
    }

    private static boolean inside(int x, int y) {
        return x >= 0 && y >= 0 && x < WIDTH && y < HEIGHT;
    }

    /// How often the object was found in this episode.
    public int finds() {
        return finds;
    }

    /// The agent's cell, `y * 9 + x`.
    public int agent() {
        return agent;
    }

    /// The object's cell, `y * 9 + x`; agents must not look.
    public int object() {
        return object;
    }

    /// The room where the object lies; agents must not look.
    public Room room() {
        return Room.ALL[room(object)];
    }

    /// 76 numbers: for each of the 3 x 3 cells around the agent wall, three floors and four
    /// objects, then where the agent looks; ½ instead of 1 while reading.
    @Override
    public void symbols(float[] into, int offset) {
        Arrays.fill(into, offset, offset + SYMBOLS, 0);
        float one = reading() ? 0.5f : 1;
        int at = offset;
        for (int dy = -1; dy <= 1; dy++) {
            for (int dx = -1; dx <= 1; dx++, at += CELL) {
                int x = agent % WIDTH + dx, y = agent / WIDTH + dy;
                into[at + (inside(x, y) ? 1 + x / ROOM_WIDTH : 0)] = one;
                if (inside(x, y) && y * WIDTH + x == object) {
                    into[at + 4 + kind] = one;
                }
            }
        }
        into[at + facing] = one;
    }

    @Override
    public Image picture() {
        var rooms = new int[9];
        var things = new int[9];
        for (int i = 0; i < 9; i++) {
            int x = agent % WIDTH + i % 3 - 1, y = agent / WIDTH + i / 3 - 1;
            rooms[i] = inside(x, y) ? x / ROOM_WIDTH : HouseWorld.NONE;
            things[i] = inside(x, y) && y * WIDTH + x == object ? kind : HouseWorld.NONE;
        }
        return painter.strip(rooms, things, facing, reading());
    }

    /// The likeliest floor, thing and direction.
    @Override
    public Image picture(float[] symbols) {
        SymbolPainter.check(symbols, symbolShape());
        var rooms = new int[9];
        var things = new int[9];
        float most = 0;
        for (int i = 0; i < 9; i++) {
            int ground = largest(symbols, i * CELL, GROUNDS);
            int thing = largest(symbols, i * CELL + GROUNDS, CELL - GROUNDS);
            float certain = symbols[i * CELL + ground];
            most = Math.max(most, certain);
            rooms[i] = ground == 0 ? HouseWorld.NONE : ground - 1;
            things[i] = symbols[i * CELL + GROUNDS + thing] < certain / 2 ? HouseWorld.NONE : thing;
        }
        return painter.strip(rooms, things, largest(symbols, 9 * CELL, 4), most < READ);
    }

    private static int largest(float[] values, int from, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            best = values[from + i] > values[from + best] ? i : best;
        }
        return best;
    }

    @Override
    public int token() {
        return tape.token();
    }

    @Override
    public String utterance() {
        return tape.utterance(VOCABULARY);
    }

    @Override
    public boolean reading() {
        return tape.goesOn();
    }

    @Override
    public boolean terminated() {
        return false;
    }

    @Override
    public boolean truncated() {
        return steps >= STEPS;
    }

    @Override
    public Observation observe() {
        return new Observation(new LinkedHashMap<>(), symbols(), VOCABULARY.word(token()));
    }

    @Override
    public long[] state() {
        var snapshot =
                Snapshot.write("find")
                        .put(dice.state())
                        .put(agent)
                        .put(object)
                        .put(kind)
                        .put(facing)
                        .put(steps)
                        .put(finds)
                        .put(begun);
        tape.write(snapshot);
        return snapshot.done();
    }

    @Override
    public void restore(long[] state) {
        var snapshot = Snapshot.read("find", state);
        dice = Dice.at(snapshot.take());
        agent = snapshot.takeInt();
        object = snapshot.takeInt();
        kind = snapshot.takeInt();
        facing = snapshot.takeInt();
        steps = snapshot.takeInt();
        finds = snapshot.takeInt();
        begun = snapshot.takeBoolean();
        tape.read(snapshot);
        snapshot.end();
    }
}
