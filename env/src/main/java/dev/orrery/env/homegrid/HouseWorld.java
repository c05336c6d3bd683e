package dev.orrery.env.homegrid;

import dev.orrery.env.Snapshot;
import dev.orrery.env.homegrid.HouseState.Lid;
import dev.orrery.env.homegrid.HouseState.Opener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;

/// What is where in the house and how it changes, without tasks and without language.
///
/// Numbers throughout: a thing's is its place in [Thing], a cell's as in [House]. A thing that is
/// carried or in a bin has the cell -1. The order of the random draws is the published one.
final class HouseWorld {

    static final int NONE = -1, AWAY = -1;
    private static final int OPEN = 0, CLOSED = 1, BROKEN = 2;
    private static final int MENDS_LATE = 200, MENDS_SOON = 5, HIDDEN_FOR = 5;

    /// What lies on each cell, as far as the map knows.
    private final int[] grid = new int[House.CELLS];

    /// The things that there are, in the order in which they came.
    private final int[] order = new int[Thing.COUNT];

    private int count;

    private final int[] cell = new int[Thing.COUNT];
    private final int[] hiddenFor = new int[Thing.OBJECTS];
    private final int[] lid = new int[Thing.COUNT];
    private final int[] opener = new int[Thing.COUNT];
    private final int[] holds = new int[Thing.COUNT];
    private final int[] brokenFor = new int[Thing.COUNT];
    private final int[] mendsAfter = new int[Thing.COUNT];

    private int agent, facing, carried, steps;
    private int spillBin, spillUntil;

    /// The sentences that tell of what happened in the last step.
    private final int[] events = new int[3];

    private int eventCount;

    void begin(HomeGridConfig config, Draws draws) {
        clear();
        var bins = draws.sample(Thing.BINS, config.bins());
        var places = draws.sample(House.BIN_CELLS.length, config.bins());
        for (int i = 0; i < bins.length; i++) {
            int bin = Thing.OBJECTS + bins[i];
            lid[bin] = draws.choice(2);
            opener[bin] = draws.choice(3);
            mendsAfter[bin] = i == 0 ? MENDS_LATE : MENDS_SOON;
            put(bin, House.BIN_CELLS[places[i]]);
        }
        var objects = draws.sample(Thing.OBJECTS, config.objects());
        var cells = draws.sample(House.OBJECT_CELLS.length, config.objects());
        for (int i = 0; i < objects.length; i++) {
            put(objects[i], House.OBJECT_CELLS[cells[i]]);
        }
        placeAgent(config.legacySpawn(), draws);
    }

    private void clear() {
        Arrays.fill(grid, NONE);
        Arrays.fill(cell, AWAY);
        Arrays.fill(hiddenFor, 0);
        Arrays.fill(holds, NONE);
        Arrays.fill(brokenFor, 0);
        count = 0;
        steps = 0;
        carried = NONE;
        spillBin = NONE;
        spillUntil = -1;
        eventCount = 0;
    }

    private void put(int thing, int where) {
        order[count++] = thing;
        cell[thing] = where;
        grid[where] = thing;
    }

    private void placeAgent(boolean anywhere, Draws draws) {
        var starts =
                anywhere
                        ? House.START_CELLS
                        : Arrays.stream(House.START_CELLS).filter(c -> grid[c] == NONE).toArray();
        agent = starts[draws.choice(starts.length)];
        grid[agent] = NONE;
        facing = draws.facing();
    }

    // A step: timers, the action, then what happens by itself.

    void act(HouseAction action) {
        steps++;
        eventCount = 0;
        passTime();
        int ahead = ahead();
        int thing = grid[ahead];
        switch (action) {
            case LEFT -> go(Facing.LEFT);
            case RIGHT -> go(Facing.RIGHT);
            case UP -> go(Facing.UP);
            case DOWN -> go(Facing.DOWN);
            case PICKUP -> pickUp(ahead, thing);
            case DROP -> drop(ahead, thing);
            case GET -> takeOut(thing);
            case PEDAL -> tryOpening(thing, Opener.PEDAL);
            case GRASP -> tryOpening(thing, Opener.GRASP);
            case LIFT -> tryOpening(thing, Opener.LIFT);
        }
    }

    private void passTime() {
        for (int i = 0; i < count; i++) {
            int thing = order[i];
            if (thing < Thing.OBJECTS) {
                hiddenFor[thing] = Math.max(0, hiddenFor[thing] - 1);
            } else if (lid[thing] == BROKEN && ++brokenFor[thing] == mendsAfter[thing]) {
                lid[thing] = CLOSED;
                brokenFor[thing] = 0;
            }
        }
    }

    private void go(Facing direction) {
        facing = direction.ordinal();
        int ahead = ahead();
        int thing = grid[ahead];
        boolean passable = thing == NONE || thing < Thing.OBJECTS && hiddenFor[thing] > 0;
        if (passable && House.walkable(ahead)) {
            agent = ahead;
        }
    }

    private void pickUp(int ahead, int thing) {
        if (thing != NONE && thing < Thing.OBJECTS && carried == NONE) {
            carried = thing;
            cell[thing] = AWAY;
            grid[ahead] = NONE;
        }
    }

    private void drop(int ahead, int thing) {
        if (carried == NONE || House.wall(ahead)) {
            return;
        }
        if (thing == NONE) {
            grid[ahead] = carried;
            cell[carried] = ahead;
            carried = NONE;
        } else if (thing >= Thing.OBJECTS && lid[thing] == OPEN && holds[thing] == NONE) {
            holds[thing] = carried;
            carried = NONE;
        }
    }

    private void takeOut(int thing) {
        if (carried == NONE && thing >= Thing.OBJECTS && lid[thing] == OPEN) {
            carried = holds[thing];
            holds[thing] = NONE;
        }
    }

    private void tryOpening(int thing, Opener way) {
        if (thing >= Thing.OBJECTS && lid[thing] == CLOSED) {
            lid[thing] = opener[thing] == way.ordinal() ? OPEN : BROKEN;
            brokenFor[thing] = 0;
        }
    }

    /// Whether the agent stands where something was spilled.
    boolean inSpill() {
        return spillBin != NONE
                && Math.abs(agent % House.WIDTH - cell[spillBin] % House.WIDTH) <= 1
                && Math.abs(agent / House.WIDTH - cell[spillBin] / House.WIDTH) <= 1;
    }

    /// What happens by itself after the action; leaves its sentences in the events.
    void happen(HomeGridConfig.Events chances, Draws draws) {
        spill(chances.unsafe(), draws);
        teleport(chances.teleport(), draws);
        spawn(chances.spawn(), draws);
    }

    private void spill(double chance, Draws draws) {
        if (spillBin != NONE && steps == spillUntil) {
            spillBin = NONE;
            spillUntil = -1;
            events[eventCount++] = Sentences.CLEANED;
        } else if (spillBin != NONE) {
            events[eventCount++] = Sentences.spill(spillBin);
        } else if (draws.uniform() < chance) {
            spillBin = nthBin(draws.choice(bins()));
            spillUntil = steps + draws.between(1, 10);
            events[eventCount++] = Sentences.spill(spillBin);
        }
    }

    private void teleport(double chance, Draws draws) {
        if (draws.uniform() > chance || chance == 0) {
            return;
        }
        int movable = 0;
        for (int i = 0; i < count; i++) {
            movable += mayMove(order[i]) ? 1 : 0;
        }
        if (movable == 0) {
            return;
        }
        int object = nthMovable(draws.choice(movable));
        int from = cell[object];
        int to = freeCell(from, draws);
        grid[from] = NONE;
        grid[to] = object;
        cell[object] = to;
        events[eventCount++] = Sentences.moved(object, House.room(to));
    }

    private boolean mayMove(int thing) {
        return thing < Thing.OBJECTS && cell[thing] != AWAY && hiddenFor[thing] == 0;
    }

    private int nthMovable(int n) {
        for (int i = 0, seen = 0; ; i++) {
            if (mayMove(order[i]) && seen++ == n) {
                return order[i];
            }
        }
    }

    private void spawn(double chance, Draws draws) {
        int missing = Thing.OBJECTS - objects();
        if (draws.uniform() >= chance * missing) {
            return;
        }
        int object = nthMissing(draws.choice(missing));
        put(object, freeCell(AWAY, draws));
        hiddenFor[object] = HIDDEN_FOR;
        events[eventCount++] = Sentences.later(object, House.room(cell[object]));
    }

    private int nthMissing(int n) {
        for (int object = 0, seen = 0; ; object++) {
            if (!isHere(object) && seen++ == n) {
                return object;
            }
        }
    }

    private int freeCell(int except, Draws draws) {
        int free = 0;
        for (int place : House.OBJECT_CELLS) {
            free += isFree(place, except) ? 1 : 0;
        }
        int chosen = draws.choice(free);
        for (int i = 0; ; i++) {
            int place = House.OBJECT_CELLS[i];
            if (isFree(place, except) && chosen-- == 0) {
                return place;
            }
        }
    }

    private boolean isFree(int place, int except) {
        return grid[place] == NONE && place != agent && place != except;
    }

    // Questions.

    int steps() {
        return steps;
    }

    int agent() {
        return agent;
    }

    int facing() {
        return facing;
    }

    int carried() {
        return carried;
    }

    private int ahead() {
        return agent + Facing.of(facing).stride();
    }

    /// The thing ahead, seen or not.
    int front() {
        return grid[ahead()];
    }

    /// What lies on a cell, seen or not.
    int on(int where) {
        return grid[where];
    }

    int cell(int thing) {
        return cell[thing];
    }

    boolean hidden(int thing) {
        return thing < Thing.OBJECTS && hiddenFor[thing] > 0;
    }

    int lid(int bin) {
        return lid[bin];
    }

    int opener(int bin) {
        return opener[bin];
    }

    int holds(int bin) {
        return holds[bin];
    }

    /// How many things there are, and which is the `i`-th that came.
    int count() {
        return count;
    }

    int thing(int i) {
        return order[i];
    }

    private boolean isHere(int thing) {
        for (int i = 0; i < count; i++) {
            if (order[i] == thing) {
                return true;
            }
        }
        return false;
    }

    int objects() {
        int objects = 0;
        for (int i = 0; i < count; i++) {
            objects += order[i] < Thing.OBJECTS ? 1 : 0;
        }
        return objects;
    }

    int bins() {
        return count - objects();
    }

    int nthObject(int n) {
        for (int i = 0, seen = 0; ; i++) {
            if (order[i] < Thing.OBJECTS && seen++ == n) {
                return order[i];
            }
        }
    }

    int nthBin(int n) {
        for (int i = 0, seen = 0; ; i++) {
            if (order[i] >= Thing.OBJECTS && seen++ == n) {
                return order[i];
            }
        }
    }

    /// The Manhattan distance from the agent; what is carried or in a bin counts as at (-1, -1), as
    /// in the published code.
    int distance(int thing) {
        int x = cell[thing] == AWAY ? -1 : cell[thing] % House.WIDTH;
        int y = cell[thing] == AWAY ? -1 : cell[thing] / House.WIDTH;
        return Math.abs(agent % House.WIDTH - x) + Math.abs(agent / House.WIDTH - y);
    }

    int eventCount() {
        return eventCount;
    }

    int event(int i) {
        return events[i];
    }

    // The state as records and as numbers.

    HouseState view() {
        var things = new ArrayList<HouseState.Placed>();
        for (int i = 0; i < count; i++) {
            int t = order[i];
            int x = cell[t] == AWAY ? -1 : cell[t] % House.WIDTH;
            int y = cell[t] == AWAY ? -1 : cell[t] / House.WIDTH;
            things.add(
                    t < Thing.OBJECTS
                            ? new HouseState.Item(Thing.of(t), x, y, hiddenFor[t])
                            : new HouseState.Bin(
                                    Thing.of(t),
                                    x,
                                    y,
                                    Lid.values()[lid[t]],
                                    Opener.values()[opener[t]],
                                    optional(holds[t]),
                                    brokenFor[t],
                                    mendsAfter[t]));
        }
        return new HouseState(
                steps,
                agent % House.WIDTH,
                agent / House.WIDTH,
                Facing.of(facing),
                optional(carried),
                things,
                spillBin == NONE
                        ? Optional.empty()
                        : Optional.of(new HouseState.Spill(Thing.of(spillBin), spillUntil)));
    }

    private static Optional<Thing> optional(int thing) {
        return thing == NONE ? Optional.empty() : Optional.of(Thing.of(thing));
    }

    void set(HouseState state) {
        clear();
        for (var placed : state.things()) {
            int t = placed.thing().ordinal();
            switch (placed) {
                case HouseState.Item item -> hiddenFor[t] = item.hiddenFor();
                case HouseState.Bin bin -> {
                    lid[t] = bin.lid().ordinal();
                    opener[t] = bin.opener().ordinal();
                    holds[t] = bin.holds().map(Thing::ordinal).orElse(NONE);
                    brokenFor[t] = bin.brokenFor();
                    mendsAfter[t] = bin.mendsAfter();
                }
            }
            order[count++] = t;
            if (placed.x() >= 0) {
                cell[t] = inside(placed.thing().toString(), placed.x(), placed.y());
                grid[cell[t]] = t;
            }
        }
        agent = inside("agent", state.x(), state.y());
        if (!House.walkable(agent)) {
            throw new IllegalArgumentException(
                    "homegrid: the agent cannot stand at (%d, %d)".formatted(state.x(), state.y()));
        }
        facing = state.facing().ordinal();
        carried = state.carried().map(Thing::ordinal).orElse(NONE);
        steps = state.steps();
        state.spill()
                .ifPresent(spill -> {
                    spillBin = spill.bin().ordinal();
                    spillUntil = spill.until();
                });
    }

    private static int inside(String name, int x, int y) {
        if (x < 0
                || y < 0
                || x >= House.WIDTH
                || y >= House.HEIGHT
                || House.room(House.cell(x, y)) < 0) {
            throw new IllegalArgumentException(
                    "homegrid: the %s at (%d, %d) is not in a room".formatted(name, x, y));
        }
        return House.cell(x, y);
    }

    void write(Snapshot snapshot) {
        snapshot.put(grid).put(order).put(count).put(cell).put(hiddenFor).put(lid).put(opener);
        snapshot.put(holds).put(brokenFor).put(mendsAfter).put(agent).put(facing).put(carried);
        snapshot.put(steps).put(spillBin).put(spillUntil).put(events).put(eventCount);
    }

    void read(Snapshot snapshot) {
        take(snapshot, grid);
        take(snapshot, order);
        count = snapshot.takeInt();
        for (var numbers :
                new int[][] {cell, hiddenFor, lid, opener, holds, brokenFor, mendsAfter}) {
            take(snapshot, numbers);
        }
        agent = snapshot.takeInt();
        facing = snapshot.takeInt();
        carried = snapshot.takeInt();
        steps = snapshot.takeInt();
        spillBin = snapshot.takeInt();
        spillUntil = snapshot.takeInt();
        take(snapshot, events);
        eventCount = snapshot.takeInt();
    }

    private static void take(Snapshot snapshot, int[] into) {
        var numbers = snapshot.takeInts();
        if (numbers.length != into.length) {
            throw new IllegalArgumentException(
                    "homegrid: this state holds %d numbers where %d belong"
                            .formatted(numbers.length, into.length));
        }
        System.arraycopy(numbers, 0, into, 0, into.length);
    }
}
