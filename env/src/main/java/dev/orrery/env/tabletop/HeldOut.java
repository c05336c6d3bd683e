package dev.orrery.env.tabletop;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// What demonstrations never contain, so that the splits can ask for it.
///
/// - the four kinds on the diagonal of the colour and shape table are never a target or a reference
///   (L3), they only stand by;
/// - each family leaves out three of the other twelve kinds, as target and as reference (L2); over
///   four families every kind is left out once;
/// - of the ordered pairs of families that a sequence can join, one in four is left out (L4).
public final class HeldOut {

    private static final List<Kind> OTHERS =
            Kind.ALL.stream().filter(kind -> !diagonal(kind)).toList();

    private static final List<Family> LASTING = List.copyOf(Family.LASTING);

    private HeldOut() {}

    /// Whether a kind is one of red cube, blue disc, green star and yellow wedge.
    public static boolean diagonal(Kind kind) {
        return kind.colour().ordinal() == kind.shape().ordinal();
    }

    /// The kinds that demonstrations of a family never name, the diagonal aside.
    public static Set<Kind> pairs(Family family) {
        return OTHERS.stream()
                .filter(kind -> pair(family, kind))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static boolean pair(Family family, Kind kind) {
        return (OTHERS.indexOf(kind) + family.ordinal()) % 4 == 0;
    }

    /// Whether sequences of these two families are kept for L4.
    public static boolean sequence(Family first, Family second) {
        return (LASTING.indexOf(first) + LASTING.indexOf(second)) % 4 == 1;
    }

    /// The ordered pairs of families that sequences can join, kept or not.
    static List<List<Family>> sequences(boolean kept) {
        var all = new ArrayList<List<Family>>();
        for (var first : Family.LASTING) {
            for (var second : Family.LASTING) {
                boolean possible = first != second || first != Family.BUTTON;
                if (possible && sequence(first, second) == kept) {
                    all.add(List.of(first, second));
                }
            }
        }
        return all;
    }

    /// Whether a task acts on a kind that its family leaves out, next to kinds that are not new.
    static boolean newPair(Task task) {
        var blocks = task.blocks();
        return pair(task.family(), blocks.getFirst())
                && blocks.stream().noneMatch(HeldOut::diagonal);
    }

    /// Whether a task acts on a kind of the diagonal, next to kinds that are not new.
    static boolean newKind(Task task) {
        var blocks = task.blocks();
        return diagonal(blocks.getFirst())
                && blocks.stream()
                        .skip(1)
                        .noneMatch(kind -> diagonal(kind) || pair(task.family(), kind));
    }

    /// Whether demonstrations may contain a task.
    public static boolean allowed(Task task) {
        if (task instanceof Task.Then(var first, var second)) {
            return !sequence(first.family(), second.family()) && allowed(first) && allowed(second);
        }
        return task.blocks().stream()
                .noneMatch(kind -> diagonal(kind) || pair(task.family(), kind));
    }
}
