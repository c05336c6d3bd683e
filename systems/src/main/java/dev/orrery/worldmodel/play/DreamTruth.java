package dev.orrery.worldmodel.play;

import dev.orrery.env.ActionSpace;
import dev.orrery.env.Env;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.Step;
import java.util.List;
import java.util.Locale;

/// The world that a dream imitates, beside the dream. After the episode's end its last frame stays.
public final class DreamTruth {

    private final World world;
    private Image frame;
    private boolean over;

    private interface World {
        List<String> actions();

        Step step(String action);
    }

    private DreamTruth(World world, Image frame) {
        this.world = world;
        this.frame = frame;
    }

    /// A world in the state in which it is now. It shows the only camera there is.
    ///
    /// @param now what it looks like now
    public static <A extends Enum<A>> DreamTruth of(Env<A> env, Image now) {
        var space = (ActionSpace.Discrete<A>) env.actions();
        return new DreamTruth(new EnumWorld<>(env, space.values()), now);
    }

    private record EnumWorld<A extends Enum<A>>(Env<A> env, List<A> values) implements World {
        @Override
        public List<String> actions() {
            return values.stream().map(DreamTruth::words).toList();
        }

        @Override
        public Step step(String action) {
            return env.step(values.get(actions().indexOf(action)));
        }
    }

    /// How an action is named: `jump left` for `JUMP_LEFT`.
    public static String words(Enum<?> action) {
        return action.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /// The actions that it knows, in words.
    public List<String> actions() {
        return world.actions();
    }

    /// Takes an action.
    ///
    /// @throws IllegalArgumentException if there is no such action
    public Image step(String action) {
        if (!actions().contains(action)) {
            throw new IllegalArgumentException(
                    "there is no action '%s'; choose one of %s".formatted(action, actions()));
        }
        if (!over) {
            var step = world.step(action);
            frame = picture(step.observation());
            over = step.terminated() || step.truncated();
        }
        return frame;
    }

    private static Image picture(Observation seen) {
        return seen.images().firstEntry().getValue();
    }

    /// What it looks like.
    public Image frame() {
        return frame;
    }

    /// Whether its episode has ended.
    public boolean over() {
        return over;
    }
}
