package dev.orrery.env.homegrid;

import dev.orrery.env.Snapshot;
import dev.orrery.env.homegrid.HouseState.Opener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;

/// What is where in the house and how it changes, without tasks and without language: the agent,
/// between a [Layout], its [Lids] and [Happenings].
///
/// Numbers throughout, as in [Layout]. The order of the random draws is the published one.
final class HouseWorld {

    static final int NONE = Layout.NONE;

    private final Layout layout = new Layout();
    private final Lids lids = new Lids();
    private final Happenings happenings = new Happenings();

    private int agent, facing, carried, steps;

    void begin(HomeGridConfig config, Draws draws) {
        clear();
        var bins = draws.sample(Thing.BINS, config.bins());
        var places = draws.sample(House.BIN_CELLS.length, config.bins());
        for (int i = 0; i < bins.length; i++) {
            int bin = Thing.OBJECTS + bins[i];
            lids.begin(bin, i == 0, draws);
            place(bin, House.BIN_CELLS[places[i]]);
        }
        var objects = draws.sample(Thing.OBJECTS, config.objects());
        var cells = draws.sample(House.OBJECT_CELLS.length, config.objects());
        for (int i = 0; i < objects.length; i++) {
            place(objects[i], House.OBJECT_CELLS[cells[i]]);
        }
        placeAgent(config.legacySpawn(), draws);
    }

    private void clear() {
        layout.clear();
        lids.clear();
        happenings.clear();
        steps = 0;
        carried = NONE;
    }

    private void place(int thing, int where) {
        layout.come(thing);
        layout.put(thing, where);
    }

    private void placeAgent(boolean anywhere, Draws draws) {
        var starts =
                anywhere
                        ? House.START_CELLS
                        : Arrays.stream(House.START_CELLS)
                                .filter(c -> layout.on(c) == NONE)
                                .toArray();
        agent = starts[draws.choice(starts.length)];
        layout.forget(agent);
        facing = draws.facing();
    }

    // A step: timers, the action, then what happens by itself.

    void act(HouseAction action) {
        steps++;
        happenings.begin();
        passTime();
        int ahead = ahead();
        int thing = layout.on(ahead);
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
        for (int i = 0; i < layout.count(); i++) {
            int thing = layout.thing(i);
            if (thing < Thing.OBJECTS) {
                layout.reveal(thing);
            } else {
                lids.mend(thing);
            }
        }
    }

    private void go(Facing direction) {
        facing = direction.ordinal();
        int ahead = ahead();
        int thing = layout.on(ahead);
        boolean passable = thing == NONE || layout.hidden(thing);
        if (passable && House.walkable(ahead)) {
            agent = ahead;
        }
    }

    private void pickUp(int ahead, int thing) {
        if (thing != NONE && thing < Thing.OBJECTS && carried == NONE) {
            carried = thing;
            layout.take(thing, ahead);
        }
    }

    private void drop(int ahead, int thing) {
        if (carried == NONE || House.wall(ahead)) {
            return;
        }
        if (thing == NONE) {
            layout.put(carried, ahead);
            carried = NONE;
        } else if (thing >= Thing.OBJECTS && lids.takes(thing)) {
            lids.hold(thing, carried);
            carried = NONE;
        }
    }

    private void takeOut(int thing) {
        if (carried == NONE && thing >= Thing.OBJECTS && lids.isOpen(thing)) {
            carried = lids.holds(thing);
            lids.hold(thing, NONE);
        }
    }

    private void tryOpening(int thing, Opener way) {
        if (thing >= Thing.OBJECTS) {
            lids.tryOpening(thing, way);
        }
    }

    /// Whether the agent stands where something was spilled.
    boolean inSpill() {
        return happenings.isSpilledAt(agent, layout);
    }

    /// What happens by itself after the action; leaves its sentences in the events.
    void happen(HomeGridConfig.Events chances, Draws draws) {
        happenings.happen(chances, layout, agent, steps, draws);
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
        return layout.on(ahead());
    }

    /// What lies on a cell, seen or not.
    int on(int where) {
        return layout.on(where);
    }

    int cell(int thing) {
        return layout.cell(thing);
    }

    boolean hidden(int thing) {
        return layout.hidden(thing);
    }

    int lid(int bin) {
        return lids.lid(bin);
    }

    int opener(int bin) {
        return lids.opener(bin);
    }

    int holds(int bin) {
        return lids.holds(bin);
    }

    /// How many things there are, and which is the `i`-th that came.
    int count() {
        return layout.count();
    }

    int thing(int i) {
        return layout.thing(i);
    }

    int objects() {
        return layout.objects();
    }

    int bins() {
        return layout.count() - layout.objects();
    }

    int nthObject(int n) {
        return layout.nthObject(n);
    }

    int nthBin(int n) {
        return layout.nthBin(n);
    }

    /// The Manhattan distance from the agent; what is carried or in a bin counts as at (-1, -1), as
    /// in the published code.
    int distance(int thing) {
        return Math.abs(agent % House.WIDTH - layout.x(thing))
                + Math.abs(agent / House.WIDTH - layout.y(thing));
    }

    int eventCount() {
        return happenings.count();
    }

    int event(int i) {
        return happenings.event(i);
    }

    // The state as records and as numbers.

    HouseState view() {
        var things = new ArrayList<HouseState.Placed>();
        for (int i = 0; i < layout.count(); i++) {
            int t = layout.thing(i), x = layout.x(t), y = layout.y(t);
            things.add(
                    t < Thing.OBJECTS
                            ? new HouseState.Item(Thing.of(t), x, y, layout.hiddenFor(t))
                            : lids.view(t, x, y, optional(lids.holds(t))));
        }
        return new HouseState(
                steps,
                agent % House.WIDTH,
                agent / House.WIDTH,
                Facing.of(facing),
                optional(carried),
                things,
                happenings.spill());
    }

    private static Optional<Thing> optional(int thing) {
        return thing == NONE ? Optional.empty() : Optional.of(Thing.of(thing));
    }

    void set(HouseState state) {
        clear();
        for (var placed : state.things()) {
            int t = placed.thing().ordinal();
            switch (placed) {
                case HouseState.Item item -> layout.hide(t, item.hiddenFor());
                case HouseState.Bin bin -> lids.set(bin);
            }
            layout.come(t);
            if (placed.x() >= 0) {
                layout.put(t, inside(placed.thing().toString(), placed.x(), placed.y()));
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
        state.spill().ifPresent(happenings::set);
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
        layout.write(snapshot);
        lids.write(snapshot);
        snapshot.put(agent).put(facing).put(carried).put(steps);
        happenings.write(snapshot);
    }

    void read(Snapshot snapshot) {
        layout.read(snapshot);
        lids.read(snapshot);
        agent = snapshot.takeInt();
        facing = snapshot.takeInt();
        carried = snapshot.takeInt();
        steps = snapshot.takeInt();
        happenings.read(snapshot);
    }
}
