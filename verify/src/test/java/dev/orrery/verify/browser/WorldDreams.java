package dev.orrery.verify.browser;

import dev.orrery.env.Image;
import dev.orrery.env.platformer.Platformer;
import dev.orrery.env.platformer.PlatformerAction;
import dev.orrery.studio.DreamSource;
import dev.orrery.worldmodel.play.DreamControls;
import dev.orrery.worldmodel.play.DreamControls.Meaning;
import dev.orrery.worldmodel.play.DreamPrompt;
import dev.orrery.worldmodel.play.DreamSession;
import dev.orrery.worldmodel.play.DreamTruth;
import dev.orrery.worldmodel.play.Sampling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// Dreams that need no training: the Platformer itself answers, to codes that are numbered
/// otherwise than its actions. A picture is a prompt that fades a little with each frame. With 25
/// steps a frame takes half a second, as that of a slow model does.
final class WorldDreams implements DreamSource {

    static final int SLOW_STEPS = 25;

    private static final int SIDE = 64;
    private static final long SLOW_NANOS = 500_000_000;
    private static final List<Long> LEVELS = List.of(3L, 8L, 21L);

    /// What each of the eight codes does; two stand for the same.
    private static final List<PlatformerAction> CODES =
            List.of(
                    PlatformerAction.JUMP,
                    PlatformerAction.RIGHT,
                    PlatformerAction.IDLE,
                    PlatformerAction.LEFT,
                    PlatformerAction.JUMP_RIGHT,
                    PlatformerAction.RIGHT,
                    PlatformerAction.JUMP_LEFT,
                    PlatformerAction.IDLE);

    static final int IDLE = 2, RIGHT = 1, LEFT = 3;

    private final boolean measured;

    /// Dreams whose codes were measured.
    WorldDreams() {
        this(true);
    }

    /// @param measured whether it is known what the codes do
    WorldDreams(boolean measured) {
        this.measured = measured;
    }

    @Override
    public List<Choice> choices() {
        return List.of(new Choice("world", "world", "the world itself, dreaming of itself"));
    }

    @Override
    public DreamSession open(String id) {
        if (!id.equals("world")) {
            throw new IllegalArgumentException("the model of %s was deleted".formatted(id));
        }
        return new WorldDream(measured);
    }

    private static final class WorldDream implements DreamSession {

        private final Platformer world = new Platformer();
        private final boolean measured;
        private Optional<Image> picture = Optional.empty();
        private long level;

        WorldDream(boolean measured) {
            this.measured = measured;
        }

        @Override
        public DreamControls controls() {
            var actions = new LinkedHashMap<String, Integer>();
            var meanings =
                    CODES.stream().map(a -> new Meaning(DreamTruth.words(a), .9, .125)).toList();
            for (int code = CODES.size() - 1; code >= 0; code--) {
                actions.put(meanings.get(code).does(), code);
            }
            return new DreamControls(
                    SIDE,
                    SIDE,
                    List.of("a meadow", "a pit", "a cave"),
                    CODES.size(),
                    IDLE,
                    measured ? actions : new LinkedHashMap<>(),
                    measured ? meanings : List.of());
        }

        @Override
        public Image begin(DreamPrompt prompt, long seed) {
            switch (prompt) {
                case DreamPrompt.Recorded(int index) -> {
                    picture = Optional.empty();
                    level = LEVELS.get(index);
                    world.reset(level);
                }
                case DreamPrompt.Picture(Image image) -> picture = Optional.of(image);
            }
            return frame();
        }

        @Override
        public Image step(int code, Sampling sampling) {
            if (sampling.steps() == SLOW_STEPS) {
                LockSupport.parkNanos(SLOW_NANOS);
            }
            picture = picture.map(WorldDream::faded);
            if (picture.isEmpty() && !world.terminated() && !world.truncated()) {
                world.advance(CODES.get(code));
            }
            return frame();
        }

        private static Image faded(Image image) {
            var rgb = image.rgb().clone();
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) ((rgb[i] & 0xff) * 9 / 10);
            }
            return new Image(image.height(), image.width(), rgb);
        }

        private Image frame() {
            return picture.orElseGet(world::picture);
        }

        @Override
        public int[] ids() {
            var box = world.playerBox();
            return new int[] {box.x(), box.y()};
        }

        @Override
        public Optional<DreamTruth> truth() {
            if (picture.isPresent()) {
                return Optional.empty();
            }
            var other = new Platformer();
            return Optional.of(DreamTruth.of(other, other.reset(level).image("image")));
        }

        @Override
        public void close() {}
    }
}
