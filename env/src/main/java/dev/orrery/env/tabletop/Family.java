package dev.orrery.env.tabletop;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The kinds of task: twelve core families, seven compositions, and one with two routes.
public enum Family {
    REACH,
    BUTTON,
    PUSH_DIR,
    PUSH_ZONE,
    PUSH_TO,
    PICK,
    PUT_ZONE,
    PUT_TRAY,
    STACK,
    BESIDE,
    TAKE_OUT,
    UNSTACK,
    SEQ2,
    SORT,
    SWAP,
    TOWER3,
    CLEAR,
    ALIGN,
    SYMBOL,
    AROUND;

    /// The twelve core families.
    public static final List<Family> CORE = List.of(values()).subList(0, 12);

    /// The families that are compositions of, or additions to, the core.
    public static final List<Family> COMPOSITIONS = List.of(values()).subList(12, 19);

    /// The family with two equally good routes, left or right of an obstacle.
    public static final Family TWO_ROUTE = AROUND;

    /// The three that a smoke run trains on.
    public static final List<Family> SMOKE = List.of(REACH, BUTTON, PICK);

    /// The families that may be a part of [#SEQ2]: what they achieve stays to be seen.
    static final Set<Family> LASTING =
            EnumSet.of(BUTTON, PUSH_ZONE, PUT_ZONE, PUT_TRAY, STACK, BESIDE, TAKE_OUT, UNSTACK);

    /// The steps after which an episode is cut off.
    public int limit() {
        return ordinal() < 12 ? 80 : 160;
    }

    /// The name in files and tables, as in `push-zone`.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// Reads what [#toString] writes.
    ///
    /// @throws IllegalArgumentException if there is no such family
    public static Family parse(String name) {
        for (var family : values()) {
            if (family.toString().equals(name)) {
                return family;
            }
        }
        throw new IllegalArgumentException(
                "family '%s' does not exist; families are %s".formatted(name, List.of(values())));
    }
}
