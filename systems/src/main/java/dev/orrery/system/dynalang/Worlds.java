package dev.orrery.system.dynalang;

import dev.orrery.env.ActionSpace;
import dev.orrery.env.Nearest;
import dev.orrery.env.WordEnv;
import dev.orrery.env.classic.CartPole;
import dev.orrery.env.classic.Catch;
import dev.orrery.env.homegrid.Bins;
import dev.orrery.env.homegrid.Find;
import dev.orrery.env.homegrid.HomeGrid;
import dev.orrery.env.homegrid.HomeGridConfig;
import dev.orrery.env.langroom.LangRoom;
import dev.orrery.env.langroom.LangRoomConfig;
import dev.orrery.env.messenger.Messenger;
import dev.orrery.env.messenger.MessengerConfig;
import dev.orrery.run.Report;
import dev.orrery.system.dynalang.DynalangConfig.Reading;
import dev.orrery.system.dynalang.DynalangConfig.View;
import dev.orrery.system.dynalang.Senses.Besides;
import java.util.List;
import java.util.Locale;

/// The worlds that can be trained in, by name and arm.
///
/// | Name | Arms |
/// |---|---|
/// | `bins` | `hint`, `task_only`, `shuffled` |
/// | `find` | `hint`, `task_only` |
/// | `homegrid` | `task`, `future`, `dynamics`, `corrections` |
/// | `messenger` | `mini`, or a published name such as `msgr-train-v1` |
/// | `langroom` | `mini`, `answer_only`, `answer_and_echo`, `echo` |
/// | `cartpole`, `catch` | `plain` |
final class Worlds {

    private static final List<String> NAMES =
            List.of("bins", "find", "homegrid", "messenger", "langroom", "cartpole", "catch");

    /// Words of an episode that an agent which looks them up has at hand; the longest manual of
    /// Messenger fits.
    private static final int MANUAL = 64;

    private Worlds() {}

    /// A fresh world.
    ///
    /// @throws IllegalArgumentException for an unknown name or arm
    static WordEnv<?> open(DynalangConfig.World world) {
        return switch (world.name()) {
            case "bins" -> new Bins(arm(Bins.Arm.class, world));
            case "find" -> new Find(arm(Find.Arm.class, world));
            case "homegrid" -> {
                var config = HomeGridConfig.named(world.arm());
                yield new HomeGrid(
                        world.view() == View.PIXELS
                                ? config.seenAs(HomeGridConfig.View.PIXELS)
                                : config);
            }
            case "messenger" ->
                    new Messenger(
                            world.arm().equals("mini")
                                    ? MessengerConfig.mini()
                                    : MessengerConfig.named(world.arm()));
            case "langroom" ->
                    new LangRoom(
                            world.arm().equals("mini")
                                    ? LangRoomConfig.mini()
                                    : LangRoomConfig.published(
                                            arm(LangRoomConfig.Pay.class, world)));
            case "cartpole" -> new CartPole();
            case "catch" -> new Catch();
            default ->
                    throw new IllegalArgumentException(
                            "there is no world '%s'; %s"
                                    .formatted(world.name(), Nearest.hint(world.name(), NAMES)));
        };
    }

    private static <E extends Enum<E>> E arm(Class<E> arms, DynalangConfig.World world) {
        var names =
                java.util.Arrays.stream(arms.getEnumConstants())
                        .map(a -> a.name().toLowerCase(Locale.ROOT))
                        .toList();
        int place = names.indexOf(world.arm().toLowerCase(Locale.ROOT));
        if (place < 0)
            throw new IllegalArgumentException(
                    "world '%s' has no arm '%s'; %s"
                            .formatted(
                                    world.name(), world.arm(), Nearest.hint(world.arm(), names)));
        return arms.getEnumConstants()[place];
    }

    /// What a world shows.
    static Senses senses(DynalangConfig.World world, WordEnv<?> env) {
        boolean pixels = world.view() == View.PIXELS;
        int words = env.vocabulary().size() <= 3 ? 0 : env.vocabulary().size();
        int speaks = env.actions() instanceof ActionSpace.Spoken<?> ? 1 : -1;
        env.begin(0);
        return new Senses(
                (pixels ? 0 : env.symbolCount())
                        + (world.reading() == Reading.SENTENCE ? words : 0),
                !(env instanceof CartPole),
                pixels ? env.picture().height() : 0,
                world.reading() == Reading.TOKEN ? words : 0,
                env.actions().sizes(),
                speaks,
                switch (world.reading()) {
                    case MANUAL -> new Besides(words, words == 0 ? 0 : MANUAL);
                    case POLICY -> new Besides(words, 0);
                    case TOKEN, SENTENCE, NONE -> Besides.NOTHING;
                });
    }

    /// What a world says about the episode that has ended in it, beyond its return.
    static Report outcome(WordEnv<?> env) {
        return switch (env) {
            case Bins bins -> Report.of("first_try", bins.openedAtFirstTry() ? 1 : 0);
            case Find find -> Report.of("finds", find.finds());
            case HomeGrid house -> Report.of("tasks", house.tasksDone());
            case LangRoom room ->
                    Report.of("answers", room.answers()).with("right_answers", room.rightAnswers());
            default -> Report.empty();
        };
    }
}
