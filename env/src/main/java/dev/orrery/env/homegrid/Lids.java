package dev.orrery.env.homegrid;

import dev.orrery.env.Snapshot;
import dev.orrery.env.homegrid.HouseState.Lid;
import dev.orrery.env.homegrid.HouseState.Opener;
import java.util.Arrays;
import java.util.Optional;

/// The bins' lids: how each opens, whether it is open or broken, and what lies under it.
///
/// The wrong way to open one breaks it; it mends by itself after a while.
final class Lids {

    private static final int OPEN = 0, CLOSED = 1, BROKEN = 2;
    private static final int MENDS_LATE = 200, MENDS_SOON = 5;

    private final int[] lid = new int[Thing.COUNT];
    private final int[] opener = new int[Thing.COUNT];
    private final int[] holds = new int[Thing.COUNT];
    private final int[] brokenFor = new int[Thing.COUNT];
    private final int[] mendsAfter = new int[Thing.COUNT];

    void clear() {
        Arrays.fill(holds, Layout.NONE);
        Arrays.fill(brokenFor, 0);
    }

    /// Draws what a bin is like.
    ///
    /// @param late whether it takes long to mend
    void begin(int bin, boolean late, Draws draws) {
        lid[bin] = draws.choice(2);
        opener[bin] = draws.choice(3);
        mendsAfter[bin] = late ? MENDS_LATE : MENDS_SOON;
    }

    /// A step passes for a bin.
    void mend(int bin) {
        if (lid[bin] == BROKEN && ++brokenFor[bin] == mendsAfter[bin]) {
            lid[bin] = CLOSED;
            brokenFor[bin] = 0;
        }
    }

    void tryOpening(int bin, Opener way) {
        if (lid[bin] == CLOSED) {
            lid[bin] = opener[bin] == way.ordinal() ? OPEN : BROKEN;
            brokenFor[bin] = 0;
        }
    }

    /// Whether an object can be put in.
    boolean takes(int bin) {
        return isOpen(bin) && holds[bin] == Layout.NONE;
    }

    boolean isOpen(int bin) {
        return lid[bin] == OPEN;
    }

    /// What lies in a bin from now on, possibly nothing.
    void hold(int bin, int object) {
        holds[bin] = object;
    }

    int holds(int bin) {
        return holds[bin];
    }

    int lid(int bin) {
        return lid[bin];
    }

    int opener(int bin) {
        return opener[bin];
    }

    /// A bin as a record.
    HouseState.Bin view(int bin, int x, int y, Optional<Thing> held) {
        return new HouseState.Bin(
                Thing.of(bin),
                x,
                y,
                Lid.values()[lid[bin]],
                Opener.values()[opener[bin]],
                held,
                brokenFor[bin],
                mendsAfter[bin]);
    }

    void set(HouseState.Bin bin) {
        int t = bin.thing().ordinal();
        lid[t] = bin.lid().ordinal();
        opener[t] = bin.opener().ordinal();
        holds[t] = bin.holds().map(Thing::ordinal).orElse(Layout.NONE);
        brokenFor[t] = bin.brokenFor();
        mendsAfter[t] = bin.mendsAfter();
    }

    void write(Snapshot snapshot) {
        snapshot.put(lid).put(opener).put(holds).put(brokenFor).put(mendsAfter);
    }

    void read(Snapshot snapshot) {
        for (var numbers : new int[][] {lid, opener, holds, brokenFor, mendsAfter}) {
            Layout.take(snapshot, numbers);
        }
    }
}
