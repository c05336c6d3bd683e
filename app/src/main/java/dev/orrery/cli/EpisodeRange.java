package dev.orrery.cli;

import java.util.Set;
import java.util.TreeSet;

/// Episodes as people list them: `0-9,12`.
final class EpisodeRange {

    private EpisodeRange() {}

    /// The episodes of a list.
    ///
    /// @param total how many episodes there are
    static Set<Integer> parse(String text, int total) {
        var out = new TreeSet<Integer>();
        for (var part : text.split(",")) {
            if (!part.strip().matches("\\d{1,8}(-\\d{1,8})?")) {
                throw new IllegalArgumentException(
                        "'%s' are no episodes; write them like 0-9,12".formatted(text));
            }
            var ends = part.strip().split("-");
            int first = Integer.parseInt(ends[0]), last = Integer.parseInt(ends[ends.length - 1]);
            if (last >= total || first > last) {
                throw new IllegalArgumentException(
                        "there are episodes 0 to %d, not %s".formatted(total - 1, part.strip()));
            }
            for (int i = first; i <= last; i++) out.add(i);
        }
        return out;
    }

    /// The episodes from one, up to another, exclusive.
    static Set<Integer> between(long from, long to) {
        var out = new TreeSet<Integer>();
        for (long i = from; i < to; i++) out.add((int) i);
        return out;
    }
}
