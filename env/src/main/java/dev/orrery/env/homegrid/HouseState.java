package dev.orrery.env.homegrid;

import java.util.List;
import java.util.Optional;

/// The true state of the house, for planners, tests and starts of one's own.
///
/// @param steps steps taken, reading not counted
/// @param x column of the agent
/// @param y row of the agent, downwards
/// @param facing where the agent looks
/// @param carried what it carries
/// @param things what there is, in the order in which it came
/// @param spill where something was spilled
public record HouseState(
        int steps,
        int x,
        int y,
        Facing facing,
        Optional<Thing> carried,
        List<Placed> things,
        Optional<Spill> spill) {

    public HouseState {
        things = List.copyOf(things);
    }

    /// How a bin is.
    public enum Lid {
        OPEN,
        CLOSED,
        BROKEN
    }

    /// The way to open a bin.
    public enum Opener {
        PEDAL,
        GRASP,
        LIFT;

        /// The action that opens so.
        public HouseAction action() {
            return switch (this) {
                case PEDAL -> HouseAction.PEDAL;
                case GRASP -> HouseAction.GRASP;
                case LIFT -> HouseAction.LIFT;
            };
        }
    }

    /// What there is.
    public sealed interface Placed {
        /// Which it is.
        Thing thing();

        /// Its column, -1 if it is carried or in a bin.
        int x();

        /// Its row, -1 if it is carried or in a bin.
        int y();
    }

    /// An object.
    ///
    /// @param thing not a bin
    /// @param x its column, -1 if it is carried or in a bin
    /// @param y its row, -1 if it is carried or in a bin
    /// @param hiddenFor steps until it can be seen, 0 for an object that can
    public record Item(Thing thing, int x, int y, int hiddenFor) implements Placed {}

    /// A bin.
    ///
    /// @param thing a bin
    /// @param x its column
    /// @param y its row
    /// @param lid how it is
    /// @param opener what opens it
    /// @param holds what is in it
    /// @param brokenFor steps since it was broken, 0 if it is not
    /// @param mendsAfter steps after which it is closed again
    public record Bin(
            Thing thing,
            int x,
            int y,
            Lid lid,
            Opener opener,
            Optional<Thing> holds,
            int brokenFor,
            int mendsAfter)
            implements Placed {}

    /// A dangerous square of 3 x 3 cells.
    ///
    /// @param bin the bin in its middle
    /// @param until the step at which it is cleaned
    public record Spill(Thing bin, int until) {}

    /// The thing, if there is one.
    public Optional<Placed> find(Thing thing) {
        return things.stream().filter(placed -> placed.thing() == thing).findFirst();
    }
}
