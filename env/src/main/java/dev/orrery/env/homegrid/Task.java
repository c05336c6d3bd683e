package dev.orrery.env.homegrid;

import java.util.ArrayList;
import java.util.List;

/// What the agent is asked to do; there are 38.
public sealed interface Task {

    /// Face a thing.
    ///
    /// @param thing any object or bin
    record Find(Thing thing) implements Task {
        @Override
        public String toString() {
            return "find the " + thing;
        }
    }

    /// Carry an object.
    ///
    /// @param object not a bin
    record Get(Thing object) implements Task {
        @Override
        public String toString() {
            return "get the " + object;
        }
    }

    /// Have an object in a bin.
    ///
    /// @param object not a bin
    /// @param bin a bin
    record Put(Thing object, Thing bin) implements Task {
        @Override
        public String toString() {
            return "put the %s in the %s".formatted(object, bin);
        }
    }

    /// Have an object lie in a room.
    ///
    /// @param object not a bin
    /// @param room where to
    record Move(Thing object, Room room) implements Task {
        @Override
        public String toString() {
            return "move the %s to the %s".formatted(object, room);
        }
    }

    /// Have a bin open.
    ///
    /// @param bin a bin
    record Open(Thing bin) implements Task {
        @Override
        public String toString() {
            return "open the " + bin;
        }
    }

    /// All tasks; a task's place in this list is its number.
    List<Task> ALL = all();

    /// The task of these words.
    ///
    /// @throws IllegalArgumentException if it is none of the 38
    static Task parse(String words) {
        return ALL.stream()
                .filter(task -> task.toString().equals(words))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "'%s' is not a task of HomeGrid; its tasks read like '%s', '%s', '%s', '%s' and '%s'"
                                        .formatted(
                                                words,
                                                ALL.getFirst(),
                                                ALL.get(7),
                                                ALL.get(11),
                                                ALL.get(23),
                                                ALL.getLast())));
    }

    /// The task's place in [#ALL].
    default int number() {
        return switch (this) {
            case Find(var thing) -> thing.ordinal();
            case Get(var object) -> 7 + object.ordinal();
            case Put(var object, var bin) -> 11 + 3 * object.ordinal() + bin.ordinal() - 4;
            case Move(var object, var room) -> 23 + 3 * object.ordinal() + room.ordinal();
            case Open(var bin) -> 35 + bin.ordinal() - 4;
        };
    }

    private static List<Task> all() {
        var tasks = new ArrayList<Task>();
        var things = List.of(Thing.values());
        var objects = things.subList(0, Thing.OBJECTS);
        var bins = things.subList(Thing.OBJECTS, Thing.COUNT);
        things.forEach(thing -> tasks.add(new Find(thing)));
        objects.forEach(object -> tasks.add(new Get(object)));
        objects.forEach(object -> bins.forEach(bin -> tasks.add(new Put(object, bin))));
        for (var object : objects) {
            for (var room : Room.ALL) {
                tasks.add(new Move(object, room));
            }
        }
        bins.forEach(bin -> tasks.add(new Open(bin)));
        return List.copyOf(tasks);
    }
}
