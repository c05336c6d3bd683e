package dev.orrery.policy.tabletop;

import dev.orrery.env.tabletop.Camera;
import dev.orrery.env.tabletop.Colour;
import dev.orrery.env.tabletop.Kind;
import dev.orrery.env.tabletop.Scene;
import dev.orrery.env.tabletop.Task;
import dev.orrery.env.tabletop.Words;
import dev.orrery.policy.ActionChunks;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

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
/// @param places `(B, 4)`: x and y, 0 to 1, of the thing to act on, then of the reference or goal
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
    public static final List<String> NAMES = everyName();

    private static final int PATCH = 8, TRAY = 16, BUTTON = 17, ZONES = 18;

    /// Values of [#robot].
    public static final int ROBOT = 4;

    private static final float MIDDLE = .5f, FIFTH = .2f, TENTH = .1f;
    private static final int OVERHEAD_SIDE = Camera.OVERHEAD_PIXELS / PATCH;
    private static final int WRIST_SIDE = Camera.WRIST_PIXELS / PATCH;

    /// Patches of both cameras.
    public static final int PATCHES = OVERHEAD_SIDE * OVERHEAD_SIDE + WRIST_SIDE * WRIST_SIDE;

    /// Where the things in all patches lie: those that the overhead camera sees in fifths of the
    /// table from its centre, those that the wrist camera sees in fifths of the table from the
    /// gripper, and an empty patch's centre: `(B, S, 2)`.
    public Tensor where() {
        var centres = new float[2 * PATCHES];
        var sizes = new float[2 * PATCHES];
        var above = Camera.overhead(Camera.OVERHEAD_PIXELS);
        var near = Camera.wrist(0, 0, Camera.WRIST_PIXELS);
        int first = OVERHEAD_SIDE * OVERHEAD_SIDE;
        for (int i = 0; i < PATCHES; i++) {
            boolean over = i < first;
            var camera = over ? above : near;
            int at = over ? i : i - first, side = over ? OVERHEAD_SIDE : WRIST_SIDE;
            float middle = over ? MIDDLE : 0, size = camera.side() / side / FIFTH;
            centres[2 * i] = (camera.x((at % side + .5f) * PATCH) - middle) / FIFTH;
            centres[2 * i + 1] = (camera.y((at / side + .5f) * PATCH) - middle) / FIFTH;
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
        int first = OVERHEAD_SIDE * OVERHEAD_SIDE;
        var stays = new long[PATCHES];
        Arrays.fill(stays, overhead ? 0 : first, overhead ? first : PATCHES, 1);
        return tensor.mul(Tensor.of(stays, 1, PATCHES));
    }

    /// The image token of the wrist camera's picture in which the gripper's shadow falls, which
    /// tells how high it is: the one right below the middle.
    static final int NEAR_HAND =
            OVERHEAD_SIDE * OVERHEAD_SIDE + WRIST_SIDE / 2 * WRIST_SIDE + WRIST_SIDE / 2;

    private static List<String> everyName() {
        var names = new ArrayList<String>();
        Kind.ALL.forEach(kind -> names.add(kind.words()));
        names.add("tray");
        names.add("button");
        for (var colour : Colour.values()) {
            names.add(colour.name().toLowerCase(Locale.ROOT) + " zone");
        }
        return List.copyOf(names);
    }

    /// Something on the table.
    ///
    /// @param name its place in [#NAMES]
    private record Thing(int name, float x, float y, float z) {}

    /// Gathers the labels of a batch.
    public static final class Sheet {
        private final int size;
        private final long[] names, mentions, hands;
        private final float[] offsets, robot, places, known;

        public Sheet(int size) {
            this.size = size;
            names = new long[size * PATCHES];
            mentions = new long[size * PATCHES];
            hands = new long[size * PATCHES];
            offsets = new float[size * PATCHES * 2];
            robot = new float[size * ROBOT];
            places = new float[size * 4];
            known = new float[size * 4];
        }

        /// Labels frame `b` and asks where one of the things is, chosen by `choice` in [0, 1).
        ///
        /// @return the question
        public String point(int b, Scene scene, float choice) {
            var things = things(scene);
            draw(b, scene, things);
            var wanted = things.get((int) (choice * things.size()));
            mention(b, scene, List.of(wanted));
            return "point to the " + NAMES.get(wanted.name());
        }

        /// Labels frame `b` for the task that its instruction names.
        ///
        /// @return the instruction
        public String instruct(int b, Scene scene, Task task, String instruction) {
            var things = things(scene);
            draw(b, scene, things);
            var mentioned = new ArrayList<Thing>();
            for (int name : mentioned(task)) {
                things.stream().filter(t -> t.name() == name).findFirst().ifPresent(mentioned::add);
            }
            mention(b, scene, mentioned);
            return instruction;
        }

        /// Labels frame `b` for a text, which mentions the things whose names it contains: the
        /// first is the one to act on, the second the reference or goal.
        public void name(int b, Scene scene, String text) {
            var things = things(scene);
            draw(b, scene, things);
            mention(
                    b,
                    scene,
                    things.stream()
                            .filter(t -> text.contains(NAMES.get(t.name())))
                            .sorted(Comparator.comparingInt(t -> text.indexOf(NAMES.get(t.name()))))
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
                for (var spot : spots(scene, thing)) {
                    int at = b * PATCHES + spot.patch();
                    names[at] = 1 + thing.name();
                    offsets[2 * at] = spot.right();
                    offsets[2 * at + 1] = spot.down();
                }
            }
        }

        private void hand(int b, Scene.Gripper gripper) {
            var above = Camera.overhead(Camera.OVERHEAD_PIXELS);
            int patch = patch(above.column(gripper.x()), above.row(gripper.y()));
            hands[b * PATCHES + patch] = 1;
            int at = b * ROBOT;
            robot[at] = (gripper.x() - MIDDLE) / FIFTH;
            robot[at + 1] = (gripper.y() - MIDDLE) / FIFTH;
            robot[at + 2] = gripper.z() / TENTH;
            robot[at + 3] = gripper.gap();
        }

        private void mention(int b, Scene scene, List<Thing> mentioned) {
            for (int m = Math.min(2, mentioned.size()) - 1; m >= 0; m--) {
                var thing = mentioned.get(m);
                for (var spot : spots(scene, thing)) {
                    mentions[b * PATCHES + spot.patch()] = 1 + m;
                }
                int at = 4 * b + 2 * m;
                places[at] = thing.x();
                places[at + 1] = thing.y();
                known[at] = known[at + 1] = 1;
            }
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

    /// What a task is about, as names: what to act on, then the reference or goal.
    private static int[] mentioned(Task task) {
        var blocks = task.blocks().stream().mapToInt(Kind::index).toArray();
        return switch (task) {
            case Task.Press _ -> new int[] {BUTTON};
            case Task.PushZone(var a, var zone) -> new int[] {a.index(), ZONES + zone.ordinal()};
            case Task.PutZone(var a, var zone) -> new int[] {a.index(), ZONES + zone.ordinal()};
            case Task.PutTray(var a) -> new int[] {a.index(), TRAY};
            case Task.TakeOut(var a) -> new int[] {a.index(), TRAY};
            case Task.Clear(var zone) -> new int[] {ZONES + zone.ordinal()};
            default ->
                    blocks.length == 0
                            ? new int[] {TRAY}
                            : Arrays.copyOf(blocks, Math.min(2, blocks.length));
        };
    }

    /// Everything on the table, what hides others last.
    private static List<Thing> things(Scene scene) {
        var things = new ArrayList<Thing>();
        scene.zones().stream()
                .filter(zone -> zone.glyph().isEmpty())
                .forEach(z -> things.add(new Thing(ZONES + z.colour().ordinal(), z.x(), z.y(), 0)));
        things.add(new Thing(TRAY, scene.tray().x(), scene.tray().y(), 0));
        things.add(new Thing(BUTTON, scene.button().x(), scene.button().y(), 0));
        scene.blocks().stream()
                .map(k -> new Thing(k.kind().index(), k.x(), k.y(), k.z()))
                .sorted(Comparator.comparingDouble(Thing::z))
                .forEach(things::add);
        return things;
    }

    /// A thing in a picture.
    ///
    /// @param patch the patch that holds its centre, counted over both cameras
    /// @param right its centre from the patch's centre, in patches, -½ to ½
    /// @param down the same, downwards
    private record Spot(int patch, float right, float down) {}

    private static List<Spot> spots(Scene scene, Thing thing) {
        var spots = new ArrayList<Spot>();
        var above = Camera.overhead(Camera.OVERHEAD_PIXELS);
        var near = Camera.wrist(scene.gripper().x(), scene.gripper().y(), Camera.WRIST_PIXELS);
        spot(above, thing, OVERHEAD_SIDE, 0, spots);
        spot(near, thing, WRIST_SIDE, OVERHEAD_SIDE * OVERHEAD_SIDE, spots);
        return spots;
    }

    /// The overhead patch of a pixel, the nearest one for what lies outside.
    private static int patch(float column, float row) {
        int x = Math.clamp((int) (column / PATCH), 0, OVERHEAD_SIDE - 1);
        int y = Math.clamp((int) (row / PATCH), 0, OVERHEAD_SIDE - 1);
        return y * OVERHEAD_SIDE + x;
    }

    private static void spot(Camera camera, Thing thing, int side, int first, List<Spot> spots) {
        float column = camera.column(thing.x()) / PATCH, row = camera.row(thing.y()) / PATCH;
        int x = (int) Math.floor(column), y = (int) Math.floor(row);
        if (x >= 0 && x < side && y >= 0 && y < side) {
            spots.add(new Spot(first + y * side + x, column - x - .5f, row - y - .5f));
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
