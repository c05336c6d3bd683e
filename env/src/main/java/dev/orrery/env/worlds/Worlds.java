package dev.orrery.env.worlds;

import dev.orrery.env.Nearest;
import dev.orrery.env.WordEnv;
import dev.orrery.env.homegrid.Bins;
import dev.orrery.env.homegrid.Find;
import dev.orrery.env.homegrid.HomeGrid;
import dev.orrery.env.homegrid.HomeGridConfig;
import dev.orrery.env.langroom.LangRoom;
import dev.orrery.env.langroom.LangRoomConfig;
import dev.orrery.env.langroom.LangRoomConfig.Pay;
import dev.orrery.env.messenger.Messenger;
import dev.orrery.env.messenger.MessengerConfig;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Supplier;

/// The worlds that speak, by name.
///
/// Published names where there are any: `homegrid-task`, `homegrid-future`, `homegrid-dynamics`,
/// `homegrid-corrections`; `msgr-train-v1` and so on; `langroom-answer-only`. Our small variants
/// end in `-mini`.
public final class Worlds {

    private static final SequencedMap<String, Supplier<WordEnv<?>>> ALL = all();

    private Worlds() {}

    private static SequencedMap<String, Supplier<WordEnv<?>>> all() {
        var all = new LinkedHashMap<String, Supplier<WordEnv<?>>>();
        for (var kind : List.of("task", "future", "dynamics", "corrections")) {
            all.put("homegrid-" + kind, () -> new HomeGrid(HomeGridConfig.named(kind)));
        }
        all.put("homegrid-bins-hint-mini", () -> new Bins(Bins.Arm.HINT));
        all.put("homegrid-bins-task-mini", () -> new Bins(Bins.Arm.TASK_ONLY));
        all.put("homegrid-bins-shuffled-mini", () -> new Bins(Bins.Arm.SHUFFLED));
        all.put("homegrid-find-hint-mini", () -> new Find(Find.Arm.HINT));
        all.put("homegrid-find-task-mini", () -> new Find(Find.Arm.TASK_ONLY));
        for (var name : MessengerConfig.names()) {
            all.put(name, () -> new Messenger(MessengerConfig.named(name)));
        }
        all.put("msgr-mini", () -> new Messenger(MessengerConfig.mini()));
        all.put("langroom-answer-only", () -> langRoom(Pay.ANSWER_ONLY));
        all.put("langroom-answer-and-echo", () -> langRoom(Pay.ANSWER_AND_ECHO));
        all.put("langroom-echo", () -> langRoom(Pay.ECHO));
        all.put("langroom-mini", () -> new LangRoom(LangRoomConfig.mini()));
        return Collections.unmodifiableSequencedMap(all);
    }

    private static LangRoom langRoom(Pay pay) {
        return new LangRoom(LangRoomConfig.published(pay));
    }

    /// All names.
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /// A new world of this name.
    ///
    /// @throws IllegalArgumentException if there is none; the message tells the nearest name
    public static WordEnv<?> open(String name) {
        var maker = ALL.get(name);
        if (maker == null) {
            throw new IllegalArgumentException(
                    "there is no world '%s'; %s".formatted(name, Nearest.hint(name, names())));
        }
        return maker.get();
    }
}
