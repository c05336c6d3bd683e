package dev.orrery.policy.tabletop;

import dev.orrery.env.tabletop.Camera;
import dev.orrery.env.tabletop.Direction;
import dev.orrery.env.tabletop.Scene;
import dev.orrery.env.tabletop.Task;
import dev.orrery.env.tabletop.Words;
import dev.orrery.policy.ActionChunks;
import dev.orrery.tensor.Tensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// What the pictures of a batch show, told patch by patch, and where the thing is that the text
/// names. Answers come from the simulator's true state.
///
/// @param names int64 `(B, S)`: what lies in a patch, 0 for nothing, else 1 + the place of its name
///   in [#NAMES]
/// @param offsets `(B, S, 2)`: its centre from the patch's centre, in patches
/// @param mentions int64 `(B, S)`: 1 where the thing to act on lies, 2 where the reference or goal
///   lies, else 0
/// @param hands int64 `(B, S)`: 1 in the overhead patch that holds the gripper, else 0
/// @param robot `(B, 4)`: the gripper's x and y in fifths of the table from its centre, its height
///   in tenths of the table, its gap; zeros where nothing is labelled
/// @param places `(B, 4)`: x and y, 0 to 1, of the thing to act on, then of the reference or goal;
///   see [Sheet#tellingSides]
/// @param known `(B, 4)`: 1 where there is such a thing, else 0
public record SceneLabels(
        Tensor names,
        Tensor offsets,
        Tensor mentions,
        Tensor hands,
        Tensor robot,
        Tensor places,
        Tensor known) {

    /// The names of everything that can lie on a table: sixteen blocks, tray, button, four zones.
    public static final List<String> NAMES = Thing.everyName();

    /// Values of [#robot].
    public static final int ROBOT = 4;

    private static final float MIDDLE = .5f, FIFTH = .2f, TENTH = .1f;

    /// Patches of both cameras.
    public static final int PATCHES = Patches.OVERHEAD + Patches.WRIST_SIDE * Patches.WRIST_SIDE;

    /// Where the things in all patches lie: those that the overhead camera sees in fifths of the
    /// table from its centre, those that the wrist camera sees in fifths of the table from the
    /// gripper, and an empty patch's centre: `(B, S, 2)`.
    public Tensor where() {
        var centres = new float[2 * PATCHES];
        var sizes = new float[2 * PATCHES];
        var above = Camera.overhead(Camera.OVERHEAD_PIXELS);
        var near = Camera.wrist(0, 0, Camera.WRIST_PIXELS);
        int first = Patches.OVERHEAD;
        for (int i = 0; i < PATCHES; i++) {
            boolean over = i < first;
            var camera = over ? above : near;
            int at = over ? i : i - first, side = over ? Patches.OVERHEAD_SIDE : Patches.WRIST_SIDE;
            float middle = over ? MIDDLE : 0, size = camera.side() / side / FIFTH;
            centres[2 * i] = (camera.x((at % side + .5f) * Patches.PIXELS) - middle) / FIFTH;
            centres[2 * i + 1] = (camera.y((at / side + .5f) * Patches.PIXELS) - middle) / FIFTH;
            sizes[2 * i] = size;
            sizes[2 * i + 1] = -size;
        }
        return offsets.mul(Tensor.of(sizes, 1, PATCHES, 2)).add(Tensor.of(centres, 1, PATCHES, 2));
    }

    /// `tensor`, one value an image token, with those of one camera only.
    ///
    /// @param tensor `(B, S)`
    /// @param overhead whether the overhead camera's stay, or else the wrist camera's
    static Tensor only(Tensor tensor, boolean overhead) {
        var stays = new long[PATCHES];
        Arrays.fill(
                stays, overhead ? 0 : Patches.OVERHEAD, overhead ? Patches.OVERHEAD : PATCHES, 1);
        return tensor.mul(Tensor.of(stays, 1, PATCHES));
    }

    /// The image token of the wrist camera's picture in which the gripper's shadow falls, which
    /// tells how high it is: the one right below the middle.
    static final int NEAR_HAND =
            Patches.OVERHEAD + Patches.WRIST_SIDE / 2 * Patches.WRIST_SIDE + Patches.WRIST_SIDE / 2;

    /// Gathers the labels of a batch.
    public static final class Sheet {
        private final int size;
        private final long[] names, mentions, hands;
        private final float[] offsets, robot, places, known;
        private final boolean sides;

        public Sheet(int size) {
            this(size, false);
        }

        private Sheet(int size, boolean sides) {
            this.size = size;
            this.sides = sides;
            names = new long[size * PATCHES];
            mentions = new long[size * PATCHES];
            hands = new long[size * PATCHES];
            offsets = new float[size * PATCHES * 2];
            robot = new float[size * ROBOT];
            places = new float[size * 4];
            known = new float[size * 4];
        }

        /// An empty sheet on which words for sides count: the place of a goal "left of the blue
        /// cube" is there and not the cube's, "push the blue cube left" has one at all, and half of
        /// the questions are where a side of something is.
        public static Sheet tellingSides(int size) {
            return new Sheet(size, true);
        }

        /// Labels frame `b` and asks where one of the things is, or a side of it, chosen by
        /// `choice` in [0, 1).
        ///
        /// @return the question
        public String point(int b, Scene scene, float choice) {
            var things = Thing.all(scene);
            draw(b, scene, things);
            float turn = choice * things.size();
            var wanted = things.get((int) turn);
            // what the choice has left over, from 0 to 1, chooses the side
            float rest = turn - (int) turn;
            if (sides && rest < .5f) {
                var side = Direction.values()[(int) (2 * rest * Direction.values().length)];
                var aside = wanted.aside(side);
                if (aside.isOnTable()) {
                    mention(b, scene, 1, wanted);
                    place(b, 1, aside);
                    return "point " + side.side() + " the " + wanted.words();
                }
            }
            mention(b, scene, List.of(wanted));
            return "point to the " + wanted.words();
        }

        /// Labels frame `b` for the task that its instruction names.
        ///
        /// @return the instruction
        public String instruct(int b, Scene scene, Task task, String instruction) {
            var things = Thing.all(scene);
            draw(b, scene, things);
            var mentioned = Thing.mentioned(task, things);
            mention(b, scene, mentioned);
            if (sides) Thing.side(task).ifPresent(s -> place(b, 1, mentioned.getLast().aside(s)));
            return instruction;
        }

        /// Labels frame `b` for a text, which mentions the things whose names it contains: the
        /// first is the one to act on, the second the reference or goal.
        public void name(int b, Scene scene, String text) {
            var things = Thing.all(scene);
            draw(b, scene, things);
            mention(
                    b,
                    scene,
                    things.stream()
                            .filter(t -> text.contains(t.words()))
                            .sorted(Comparator.comparingInt(t -> text.indexOf(t.words())))
                            .toList());
        }

        /// Labels frame `b` of a source as its instruction wants it, or a question in its place;
        /// where the truth is not known, nothing is labelled.
        ///
        /// @param pointing share of the instructions that are replaced by [#point]
        /// @param choices two numbers a frame in [0, 1): whether, and which thing
        /// @return the instruction or question
        public String text(
                int b,
                FrameSource source,
                ActionChunks.Place place,
                double pointing,
                float[] choices) {
            var known = source.truth(place);
            if (known.isEmpty()) return source.instruction(place);
            var scene = known.get().scene();
            var shown = known.get().demonstration();
            return choices[2 * b] < pointing
                    ? point(b, scene, choices[2 * b + 1])
                    : instruct(b, scene, shown.task(), shown.instruction());
        }

        private void draw(int b, Scene scene, List<Thing> things) {
            hand(b, scene.gripper());
            for (var thing : things) {
                for (var spot : Patches.spots(scene, thing)) {
                    int at = b * PATCHES + spot.patch();
                    names[at] = 1 + thing.kind();
                    offsets[2 * at] = spot.right();
                    offsets[2 * at + 1] = spot.down();
                }
            }
        }

        private void hand(int b, Scene.Gripper gripper) {
            hands[b * PATCHES + Patches.above(gripper.x(), gripper.y())] = 1;
            int at = b * ROBOT;
            robot[at] = (gripper.x() - MIDDLE) / FIFTH;
            robot[at + 1] = (gripper.y() - MIDDLE) / FIFTH;
            robot[at + 2] = gripper.z() / TENTH;
            robot[at + 3] = gripper.gap();
        }

        private void mention(int b, Scene scene, List<Thing> mentioned) {
            for (int m = Math.min(2, mentioned.size()) - 1; m >= 0; m--) {
                mention(b, scene, m, mentioned.get(m));
            }
        }

        /// @param role 0 for the thing to act on, 1 for the reference or goal
        private void mention(int b, Scene scene, int role, Thing thing) {
            for (var spot : Patches.spots(scene, thing)) {
                mentions[b * PATCHES + spot.patch()] = 1 + role;
            }
            place(b, role, thing);
        }

        private void place(int b, int role, Thing thing) {
            int at = 4 * b + 2 * role;
            places[at] = thing.x();
            places[at + 1] = thing.y();
            known[at] = known[at + 1] = 1;
        }

        /// The labels of the whole batch.
        public SceneLabels labels() {
            return new SceneLabels(
                    Tensor.of(names, size, PATCHES),
                    Tensor.of(offsets, size, PATCHES, 2),
                    Tensor.of(mentions, size, PATCHES),
                    Tensor.of(hands, size, PATCHES),
                    Tensor.of(robot, size, ROBOT),
                    Tensor.of(places, size, 4),
                    Tensor.of(known, size, 4));
        }
    }

    /// The names as word ids `(names, 2)`; a name of one word is followed by padding.
    public static Tensor nameIds() {
        var ids = new long[NAMES.size() * 2];
        for (int i = 0; i < NAMES.size(); i++) {
            System.arraycopy(Words.tokens(NAMES.get(i), 2).ids(), 0, ids, 2 * i, 2);
        }
        return Tensor.of(ids, NAMES.size(), 2);
    }
}
