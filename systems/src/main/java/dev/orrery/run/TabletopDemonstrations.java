package dev.orrery.run;

import dev.orrery.env.tabletop.Demonstration;
import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Family;
import java.util.List;

/// How a run records demonstrations of the tabletop, whatever learns from them: with its seed, with
/// progress, and heeding a wish to stop.
public final class TabletopDemonstrations {

    /// Bytes of a short episode.
    private static final int SHORT = 2000;

    private TabletopDemonstrations() {}

    /// The families of these names, or all of the core.
    ///
    /// @throws IllegalArgumentException if there is none of a name
    public static List<Family> families(List<String> names) {
        return names.isEmpty() ? Family.CORE : names.stream().map(Family::parse).toList();
    }

    /// What so many recorded episodes a family hold.
    public static Need need(String key, List<String> names, int perFamily) {
        return Need.of(key, perFamily, (double) families(names).size() * SHORT);
    }

    /// Records so many episodes a family.
    public static List<Demonstration> record(Run run, List<String> names, int perFamily) {
        var families = families(names);
        run.progress().stage("recording demonstrations", (long) families.size() * perFamily);
        return Demonstrations.collect(
                families,
                perFamily,
                run.seed(),
                Demonstrations.NOISE,
                (done, _) -> {
                    run.heed("recording demonstrations");
                    run.progress().at(done, "");
                });
    }
}
