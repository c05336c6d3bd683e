package dev.orrery.env.homegrid;

import dev.orrery.env.Snapshot;
import java.util.Optional;

/// What happens in the house by itself: something is spilled, an object moves or comes. Each leaves
/// a sentence for the step. The order of the random draws is the published one.
final class Happenings {

    private static final int HIDDEN_FOR = 5;

    private int spillBin, spillUntil;

    /// The sentences that tell of what happened in the last step.
    private final int[] events = new int[3];

    private int eventCount;

    void clear() {
        spillBin = Layout.NONE;
        spillUntil = -1;
        eventCount = 0;
    }

    /// A step begins, in which nothing has happened yet.
    void begin() {
        eventCount = 0;
    }

    /// Lets things happen after the action of a step.
    void happen(HomeGridConfig.Events chances, Layout layout, int agent, int steps, Draws draws) {
        spill(chances.unsafe(), layout, steps, draws);
        teleport(chances.teleport(), layout, agent, draws);
        spawn(chances.spawn(), layout, agent, draws);
    }

    private void spill(double chance, Layout layout, int steps, Draws draws) {
        if (spillBin != Layout.NONE && steps == spillUntil) {
            spillBin = Layout.NONE;
            spillUntil = -1;
            tell(Sentences.CLEANED);
        } else if (spillBin != Layout.NONE) {
            tell(Sentences.spill(spillBin));
        } else if (draws.uniform() < chance) {
            spillBin = layout.nthBin(draws.choice(layout.count() - layout.objects()));
            spillUntil = steps + draws.between(1, 10);
            tell(Sentences.spill(spillBin));
        }
    }

    private void teleport(double chance, Layout layout, int agent, Draws draws) {
        if (draws.uniform() > chance || chance == 0) {
            return;
        }
        int movable = layout.movable();
        if (movable == 0) {
            return;
        }
        int object = layout.nthMovable(draws.choice(movable));
        int to = layout.freeCell(agent, layout.cell(object), draws);
        layout.move(object, to);
        tell(Sentences.moved(object, House.room(to)));
    }

    private void spawn(double chance, Layout layout, int agent, Draws draws) {
        int missing = Thing.OBJECTS - layout.objects();
        if (draws.uniform() >= chance * missing) {
            return;
        }
        int object = layout.nthMissing(draws.choice(missing));
        layout.come(object);
        layout.put(object, layout.freeCell(agent, Layout.AWAY, draws));
        layout.hide(object, HIDDEN_FOR);
        tell(Sentences.later(object, House.room(layout.cell(object))));
    }

    private void tell(int sentence) {
        events[eventCount++] = sentence;
    }

    /// Whether something is spilled within a cell of a place.
    boolean isSpilledAt(int place, Layout layout) {
        return spillBin != Layout.NONE
                && Math.abs(place % House.WIDTH - layout.x(spillBin)) <= 1
                && Math.abs(place / House.WIDTH - layout.y(spillBin)) <= 1;
    }

    int count() {
        return eventCount;
    }

    int event(int i) {
        return events[i];
    }

    Optional<HouseState.Spill> spill() {
        return spillBin == Layout.NONE
                ? Optional.empty()
                : Optional.of(new HouseState.Spill(Thing.of(spillBin), spillUntil));
    }

    void set(HouseState.Spill spill) {
        spillBin = spill.bin().ordinal();
        spillUntil = spill.until();
    }

    void write(Snapshot snapshot) {
        snapshot.put(spillBin).put(spillUntil).put(events).put(eventCount);
    }

    void read(Snapshot snapshot) {
        spillBin = snapshot.takeInt();
        spillUntil = snapshot.takeInt();
        Layout.take(snapshot, events);
        eventCount = snapshot.takeInt();
    }
}
