package dev.orrery.env.tabletop;

import dev.orrery.env.Dice;
import dev.orrery.env.tabletop.Question.Target;
import dev.orrery.env.tabletop.Question.Type;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Questions about pictures, for learning to see before learning to act.
///
/// Scenes come from every family, some steps into an episode, and name all sixteen kinds, those
/// included that demonstrations leave out. Equal seeds ask equal questions.
public final class QuestionCorpus {

    private static final String[] NUMBERS = {
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight"
    };

    private static final int WAY_POINTS = 4;

    private final Dice dice;
    private final World w = new World();
    private Task task = new Task.Press();

    private QuestionCorpus(long seed) {
        dice = Dice.of(seed, 4);
    }

    /// A question of any type.
    public static Question sample(long seed) {
        var types = Type.values();
        return sample(types[Dice.of(seed, 5).nextInt(types.length)], seed);
    }

    /// A question of one type.
    public static Question sample(Type type, long seed) {
        var corpus = new QuestionCorpus(seed);
        while (true) {
            corpus.lay(type);
            var question = corpus.ask(type);
            if (question != null) {
                return question;
            }
        }
    }

    private void lay(Type type) {
        while (true) {
            var family = family(type);
            task = Tasks.draw(family, dice);
            try {
                Layout.fill(w, task, dice.split(), 3, 6);
            } catch (IllegalArgumentException _) {
                continue; // this task fits no scene: another
            }
            w.z = dice.between(Physics.LOWEST, Physics.HIGHEST);
            if (type != Type.PATH) {
                advance(w, task, dice.nextInt(25));
            }
            return;
        }
    }

    private Family family(Type type) {
        if (type == Type.SYMBOL) {
            return Family.SYMBOL;
        }
        if (type == Type.TRAY) {
            return dice.chance(.6) ? Family.TAKE_OUT : Family.PUT_TRAY;
        }
        if (type == Type.HELD) {
            return dice.chance(.7) ? Family.PICK : Family.REACH;
        }
        return Family.CORE.get(dice.nextInt(Family.CORE.size()));
    }

    private static void advance(World w, Task task, int steps) {
        var wide = new float[5];
        for (int t = 0; t < steps; t++) {
            Arm.FOUR.expert(w, task, wide, new float[4], 0);
            Physics.step(w, wide[0], wide[1], wide[2], wide[3], wide[4]);
        }
    }

    /// The question, or null where this scene has no clear answer.
    private @org.jspecify.annotations.Nullable Question ask(Type type) {
        int i = dice.nextInt(w.count);
        var kind = Kind.of(w.kind[i]);
        return switch (type) {
            case POINT -> point(i, kind);
            case BOX -> box(i, kind);
            case COLOUR ->
                    alone(i, false)
                            ? words(
                                    type,
                                    "what colour is the " + kind.shape().word(),
                                    kind.colour().word())
                            : null;
            case SHAPE ->
                    alone(i, true)
                            ? words(
                                    type,
                                    "what shape is the %s block".formatted(kind.colour().word()),
                                    kind.shape().word())
                            : null;
            case COUNT -> count();
            case RELATION -> relation(i);
            case TRAY -> words(type, "what is in the tray", inTray());
            case HELD ->
                    words(
                            type,
                            "what is held",
                            w.held < 0 ? "nothing" : Kind.of(w.kind[w.held]).words());
            case SYMBOL -> symbol();
            case CAPTION -> words(type, "describe the table", caption());
            case PATH -> path();
        };
    }

    private Question words(Type type, String text, String answer) {
        return new Question(w, type, text, answer, new Target.Words());
    }

    /// A block under another hides too much of itself to be asked for.
    private @org.jspecify.annotations.Nullable Question point(int i, Kind kind) {
        if (!w.freeTop(i)) {
            return null;
        }
        var at = place(w.bx[i], w.by[i]);
        return new Question(
                w, Type.POINT, "point to the " + kind.words(), locations(at.x(), at.y()), at);
    }

    private @org.jspecify.annotations.Nullable Question box(int i, Kind kind) {
        if (!w.freeTop(i)) {
            return null;
        }
        var a = place(w.bx[i] - World.R, w.by[i] + World.R);
        var b = place(w.bx[i] + World.R, w.by[i] - World.R);
        return new Question(
                w,
                Type.BOX,
                "box the " + kind.words(),
                locations(a.x(), a.y(), b.x(), b.y()),
                new Target.Box(a.x(), a.y(), b.x(), b.y()));
    }

    private static Target.Point place(float x, float y) {
        return new Target.Point(Math.clamp(x, 0f, 1f), Math.clamp(1 - y, 0f, 1f));
    }

    private static String locations(float... places) {
        return IntStream.range(0, places.length)
                .mapToObj(k -> Words.word(Words.location(Words.bin(places[k]))))
                .collect(Collectors.joining(" "));
    }

    /// Whether no other block shares this one's colour, or shape.
    private boolean alone(int i, boolean colour) {
        var kind = Kind.of(w.kind[i]);
        return IntStream.range(0, w.count)
                .filter(j -> j != i)
                .mapToObj(j -> Kind.of(w.kind[j]))
                .noneMatch(k -> colour ? k.colour() == kind.colour() : k.shape() == kind.shape());
    }

    private Question count() {
        var kind = Kind.ALL.get(dice.nextInt(16));
        int what = dice.nextInt(3);
        long number =
                IntStream.range(0, w.count)
                        .mapToObj(j -> Kind.of(w.kind[j]))
                        .filter(k ->
                                what == 0
                                        || (what == 1
                                                ? k.colour() == kind.colour()
                                                : k.shape() == kind.shape()))
                        .count();
        var name =
                what == 0 ? "" : what == 1 ? kind.colour().word() + " " : kind.shape().word() + " ";
        return words(
                Type.COUNT, "how many %sblocks are there".formatted(name), NUMBERS[(int) number]);
    }

    private @org.jspecify.annotations.Nullable Question relation(int i) {
        int j = dice.nextInt(w.count);
        if (i == j || w.support[i] == j || w.support[j] == i) {
            return null;
        }
        float dx = w.bx[i] - w.bx[j], dy = w.by[i] - w.by[j];
        var direction = Direction.values()[dice.nextInt(4)];
        float along = dx * direction.dx + dy * direction.dy;
        if (Math.abs(along) < .06f) {
            return null;
        }
        return words(
                Type.RELATION,
                "is the %s %s the %s"
                        .formatted(
                                Kind.of(w.kind[i]).words(),
                                direction.side(),
                                Kind.of(w.kind[j]).words()),
                along > 0 ? "yes" : "no");
    }

    private String inTray() {
        var inside =
                leftToRight().stream()
                        .filter(i -> i != w.held && w.inTray(i))
                        .map(i -> Kind.of(w.kind[i]).words())
                        .collect(Collectors.joining(" and "));
        return inside.isEmpty() ? "nothing" : inside;
    }

    private List<Integer> leftToRight() {
        var order = new ArrayList<>(IntStream.range(0, w.count).boxed().toList());
        order.sort(Comparator.comparingDouble(i -> w.bx[i]));
        return order;
    }

    private Question symbol() {
        boolean left = dice.nextInt(2) == 0;
        int pad = left == w.zoneX[0] < w.zoneX[1] ? 0 : 1;
        return words(
                Type.SYMBOL,
                "what does the %s pad show".formatted(left ? "left" : "right"),
                Glyph.values()[w.glyph[pad]].words());
    }

    private String caption() {
        return leftToRight().stream()
                .map(i -> Kind.of(w.kind[i]).words())
                .collect(Collectors.joining(" then "));
    }

    private Question path() {
        var phrases = Grammar.phrases(task, Grammar.Wording.TRAINING);
        var text = "path for " + phrases.get(dice.nextInt(phrases.size()));
        var ahead = new World();
        ahead.set(w);
        var way = new ArrayList<Target.Point>();
        var wide = new float[5];
        var progress = new Progress(task);
        for (int t = 0; t < task.family().limit(); t++) {
            Expert.act(ahead, task, wide);
            Physics.step(ahead, wide[0], wide[1], wide[2], wide[3], wide[4]);
            way.add(place(ahead.x, ahead.y));
            if (progress.advance(ahead)) {
                break;
            }
        }
        var points =
                IntStream.rangeClosed(1, WAY_POINTS)
                        .mapToObj(k -> way.get((way.size() - 1) * k / WAY_POINTS))
                        .toList();
        var answer =
                points.stream().map(p -> locations(p.x(), p.y())).collect(Collectors.joining(" "));
        return new Question(w, Type.PATH, text, answer, new Target.Path(points));
    }
}
