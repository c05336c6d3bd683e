package dev.orrery.env.homegrid;

import dev.orrery.env.Demonstrator;
import dev.orrery.env.homegrid.HouseState.Bin;
import dev.orrery.env.homegrid.HouseState.Item;
import dev.orrery.env.homegrid.HouseState.Lid;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntPredicate;

/// An oracle that sees the whole house and takes the shortest way to whatever the task needs next.
///
/// It is greedy: it does not prepare for the next task. Where a task holds already it does nothing.
public final class Planner implements Demonstrator<HomeGrid, HouseAction> {

    @Override
    public HouseAction act(HomeGrid env) {
        return next(env.house(), env.task());
    }

    /// The next action for a task.
    public HouseAction next(HouseState state, Task task) {
        var plan = new Plan(state);
        return switch (task) {
            case Task.Find(var thing) -> plan.face(thing);
            case Task.Get(var object) -> plan.carries(object) ? plan.idle() : plan.fetch(object);
            case Task.Open(var bin) -> plan.open(bin);
            case Task.Put(var object, var bin) -> plan.put(object, bin);
            case Task.Move(var object, var room) -> plan.move(object, room);
        };
    }

    /// What can be done from one state.
    private static final class Plan {
        private static final HouseAction[] WAYS = {
            HouseAction.RIGHT, HouseAction.DOWN, HouseAction.LEFT, HouseAction.UP
        };

        private final HouseState state;
        private final int agent;
        private final boolean[] blocked = new boolean[House.CELLS];
        private final boolean[] taken = new boolean[House.CELLS];

        Plan(HouseState state) {
            this.state = state;
            this.agent = House.cell(state.x(), state.y());
            for (int cell = 0; cell < House.CELLS; cell++) {
                blocked[cell] = !House.walkable(cell);
            }
            for (var placed : state.things()) {
                if (placed.x() >= 0) {
                    int cell = House.cell(placed.x(), placed.y());
                    taken[cell] = true;
                    blocked[cell] |= !(placed instanceof Item item && item.hiddenFor() > 0);
                }
            }
        }

        boolean carries(Thing thing) {
            return state.carried().filter(thing::equals).isPresent();
        }

        private boolean handsFree() {
            return state.carried().isEmpty();
        }

        /// An action that changes nothing.
        HouseAction idle() {
            return handsFree() ? HouseAction.DROP : HouseAction.GET;
        }

        HouseAction face(Thing thing) {
            if (carries(thing)) {
                return layDown();
            }
            var keeper = keeper(thing);
            if (keeper.isPresent()) {
                return handsFree() ? empty(keeper.get()) : layDown();
            }
            return reach(thing, idle());
        }

        HouseAction fetch(Thing object) {
            if (!handsFree()) {
                return layDown();
            }
            var keeper = keeper(object);
            return keeper.isPresent() ? empty(keeper.get()) : reach(object, HouseAction.PICKUP);
        }

        HouseAction open(Thing thing) {
            var bin = bin(thing);
            return bin.lid() == Lid.OPEN ? idle() : reach(thing, bin.opener().action());
        }

        private HouseAction empty(Bin bin) {
            return bin.lid() == Lid.OPEN ? reach(bin.thing(), HouseAction.GET) : open(bin.thing());
        }

        HouseAction put(Thing object, Thing thing) {
            var bin = bin(thing);
            if (bin.holds().filter(object::equals).isPresent()) {
                return idle();
            }
            if (!carries(object)) {
                return bin.holds().isPresent() && handsFree() ? empty(bin) : fetch(object);
            }
            if (bin.lid() != Lid.OPEN) {
                return open(thing);
            }
            return bin.holds().isPresent() ? layDown() : reach(thing, HouseAction.DROP);
        }

        HouseAction move(Thing object, Room room) {
            if (carries(object)) {
                return walk(
                        cell -> House.room(cell) == room.ordinal() && isFree(cell),
                        HouseAction.DROP);
            }
            var item = state.find(object).orElseThrow();
            boolean there =
                    item.x() >= 0 && House.room(House.cell(item.x(), item.y())) == room.ordinal();
            return there ? idle() : fetch(object);
        }

        private boolean isFree(int cell) {
            return House.room(cell) >= 0 && !taken[cell] && cell != agent;
        }

        private Bin bin(Thing thing) {
            return (Bin) state.find(thing).orElseThrow();
        }

        private Optional<Bin> keeper(Thing thing) {
            return state.things().stream()
                    .filter(Bin.class::isInstance)
                    .map(Bin.class::cast)
                    .filter(bin -> bin.holds().filter(thing::equals).isPresent())
                    .findFirst();
        }

        /// Lays what is carried on the nearest free cell.
        private HouseAction layDown() {
            return walk(this::isFree, HouseAction.DROP);
        }

        private HouseAction reach(Thing thing, HouseAction then) {
            var placed = state.find(thing).orElseThrow();
            int target = House.cell(placed.x(), placed.y());
            return walk(cell -> cell == target, then);
        }

        /// Walks until a wanted cell is ahead, then does something to it: a breadth-first search
        /// over cell and direction.
        private HouseAction walk(IntPredicate wanted, HouseAction then) {
            if (wanted.test(agent + state.facing().stride())) {
                return then;
            }
            int start = agent * 4 + state.facing().ordinal();
            var first = new int[House.CELLS * 4];
            Arrays.fill(first, -1);
            var queue = new int[House.CELLS * 4];
            int head = 0, tail = 0;
            queue[tail++] = start;
            while (head < tail) {
                int from = queue[head++];
                for (int way = 0; way < 4; way++) {
                    int ahead = from / 4 + Facing.of(way).stride();
                    int cell = blocked[ahead] ? from / 4 : ahead;
                    int to = cell * 4 + way;
                    if (first[to] >= 0 || to == start) {
                        continue;
                    }
                    first[to] = from == start ? way : first[from];
                    if (wanted.test(cell + Facing.of(way).stride())) {
                        return WAYS[first[to]];
                    }
                    queue[tail++] = to;
                }
            }
            return idle();
        }
    }
}
