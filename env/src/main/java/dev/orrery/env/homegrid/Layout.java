package dev.orrery.env.homegrid;

import dev.orrery.env.Snapshot;
import java.util.Arrays;

/// What lies where in the house.
///
/// Numbers throughout: a thing's is its place in [Thing], a cell's as in [House]. A thing that is
/// carried or in a bin has the cell -1. Things keep the order in which they came, which random
/// choices among them follow.
final class Layout {

    static final int NONE = -1, AWAY = -1;

    /// What lies on each cell, as far as the map knows.
    private final int[] grid = new int[House.CELLS];

    /// The things that there are, in the order in which they came.
    private final int[] order = new int[Thing.COUNT];

    private int count;

    private final int[] cell = new int[Thing.COUNT];
    private final int[] hiddenFor = new int[Thing.OBJECTS];

    void clear() {
        Arrays.fill(grid, NONE);
        Arrays.fill(cell, AWAY);
        Arrays.fill(hiddenFor, 0);
        count = 0;
    }

    /// A thing comes into the house.
    void come(int thing) {
        order[count++] = thing;
    }

    /// A thing lies on a cell from now on.
    void put(int thing, int where) {
        cell[thing] = where;
        grid[where] = thing;
    }

    /// A thing is taken from the cell that it was found on.
    void take(int thing, int from) {
        cell[thing] = AWAY;
        grid[from] = NONE;
    }

    /// A thing goes to another cell.
    void move(int thing, int to) {
        grid[cell[thing]] = NONE;
        put(thing, to);
    }

    /// Whatever the map knows of a cell is forgotten.
    void forget(int where) {
        grid[where] = NONE;
    }

    /// An object is not seen for some steps.
    void hide(int object, int steps) {
        hiddenFor[object] = steps;
    }

    /// A step passes for an object.
    void reveal(int object) {
        hiddenFor[object] = Math.max(0, hiddenFor[object] - 1);
    }

    int hiddenFor(int object) {
        return hiddenFor[object];
    }

    boolean hidden(int thing) {
        return thing < Thing.OBJECTS && hiddenFor[thing] > 0;
    }

    /// What lies on a cell, seen or not.
    int on(int where) {
        return grid[where];
    }

    int cell(int thing) {
        return cell[thing];
    }

    /// Column and row of a thing, -1 both for what is carried or in a bin, as in the published
    /// code.
    int x(int thing) {
        return cell[thing] == AWAY ? -1 : cell[thing] % House.WIDTH;
    }

    int y(int thing) {
        return cell[thing] == AWAY ? -1 : cell[thing] / House.WIDTH;
    }

    /// How many things there are, and which is the `i`-th that came.
    int count() {
        return count;
    }

    int thing(int i) {
        return order[i];
    }

    int objects() {
        int objects = 0;
        for (int i = 0; i < count; i++) {
            objects += order[i] < Thing.OBJECTS ? 1 : 0;
        }
        return objects;
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

    /// How many objects lie about and are seen, and which is the n-th of them.
    int movable() {
        int movable = 0;
        for (int i = 0; i < count; i++) {
            movable += mayMove(order[i]) ? 1 : 0;
        }
        return movable;
    }

    int nthMovable(int n) {
        for (int i = 0, seen = 0; ; i++) {
            if (mayMove(order[i]) && seen++ == n) {
                return order[i];
            }
        }
    }

    private boolean mayMove(int thing) {
        return thing < Thing.OBJECTS && cell[thing] != AWAY && hiddenFor[thing] == 0;
    }

    /// The n-th object that is not in the house.
    int nthMissing(int n) {
        for (int object = 0, seen = 0; ; object++) {
            if (!isHere(object) && seen++ == n) {
                return object;
            }
        }
    }

    private boolean isHere(int thing) {
        for (int i = 0; i < count; i++) {
            if (order[i] == thing) {
                return true;
            }
        }
        return false;
    }

    /// A cell for an object where nothing lies, drawn.
    ///
    /// @param agent where nothing may come
    /// @param except likewise
    int freeCell(int agent, int except, Draws draws) {
        int free = 0;
        for (int place : House.OBJECT_CELLS) {
            free += isFree(place, agent, except) ? 1 : 0;
        }
        int chosen = draws.choice(free);
        for (int i = 0; ; i++) {
            int place = House.OBJECT_CELLS[i];
            if (isFree(place, agent, except) && chosen-- == 0) {
                return place;
            }
        }
    }

    private boolean isFree(int place, int agent, int except) {
        return grid[place] == NONE && place != agent && place != except;
    }

    void write(Snapshot snapshot) {
        snapshot.put(grid).put(order).put(count).put(cell).put(hiddenFor);
    }

    void read(Snapshot snapshot) {
        take(snapshot, grid);
        take(snapshot, order);
        count = snapshot.takeInt();
        take(snapshot, cell);
        take(snapshot, hiddenFor);
    }

    /// The next numbers of a state, of which there must be as many as belong there.
    ///
    /// @throws IllegalArgumentException if there are more or fewer
    static void take(Snapshot snapshot, int[] into) {
        var numbers = snapshot.takeInts();
        if (numbers.length != into.length) {
            throw new IllegalArgumentException(
                    "homegrid: this state holds %d numbers where %d belong"
                            .formatted(numbers.length, into.length));
        }
        System.arraycopy(numbers, 0, into, 0, into.length);
    }
}
