package dev.orrery.env.langroom;

import dev.orrery.env.ActionSpace;
import dev.orrery.env.Dice;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.Snapshot;
import dev.orrery.env.Vocabulary;
import dev.orrery.env.WordEnv;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A room with four things of different colours; the world asks for the colour of one, is silent
/// for a while and says the answer; the agent is to say the colour in the same step.
///
/// Rules of the published LangRoom (jlin816/langroom). After each answer the colours change. The
/// word of a step is what the world says, and the reward of that step depends on whether the agent
/// said it, too. Nothing is ever terminated; the episode is cut off.
public final class LangRoom implements WordEnv<ActionSpace.Spoken.Act<RoomMove>> {

    static final List<String> COLOURS = List.of("red", "green", "blue", "yellow");
    static final List<String> THINGS = List.of("ball", "rug", "table", "vase");

    /// The published vocabulary; the first word is silence.
    static final List<String> WORDS =
            Stream.of(
                            Stream.of("<pad>"),
                            COLOURS.stream(),
                            THINGS.stream(),
                            Stream.of("what", "color", "is", "the", "?", "it"))
                    .flatMap(words -> words)
                    .toList();

    private static final int FIRST_COLOUR = 1, FIRST_THING = 5;
    private static final int WHAT = 9, COLOUR = 10, IS = 11, THE = 12, ASKED = 13, IT = 14;

    /// Numbers a cell: wall, four things, four colours.
    private static final int CELL = 9;

    private final LangRoomConfig config;
    private final Vocabulary vocabulary;
    private final ActionSpace.Spoken<RoomMove> actions;
    private Dice dice = new Dice(0);
    private int x, y, steps, at, answers, right;
    private boolean begun;

    /// The colour of each thing.
    private int[] colours = {0, 1, 2, 3};

    /// What is said from the present silence to the next.
    private int[] script = {};

    private int said;

    public LangRoom(LangRoomConfig config) {
        this.config = config;
        var words =
                Stream.concat(
                                WORDS.stream(),
                                IntStream.range(WORDS.size(), config.words())
                                        .mapToObj("<%d>"::formatted))
                        .toList();
        this.vocabulary = Vocabulary.ofWords(words);
        this.actions = new ActionSpace.Spoken<>(List.of(RoomMove.values()), words);
    }

    @Override
    public ActionSpace.Spoken<RoomMove> actions() {
        return actions;
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public int[] symbolShape() {
        int side = 2 * config.sight() + 1;
        return new int[] {side, side, CELL};
    }

    @Override
    public void begin(long seed) {
        dice = new Dice(seed);
        x = config.size() / 2;
        y = config.size() / 2;
        steps = 0;
        answers = 0;
        right = 0;
        begun = true;
        ask();
        speak();
    }

    /// New colours and a new question.
    private void ask() {
        for (int i = 0; i < colours.length; i++) {
            int j = dice.nextInt(i + 1);
            colours[i] = colours[j];
            colours[j] = i;
        }
        int thing = dice.nextInt(THINGS.size());
        int before = pause(), after = pause(), thinking = config.pauses().thinking();
        script = new int[before + 6 + thinking + 3 + after];
        var question = new int[] {WHAT, COLOUR, IS, THE, FIRST_THING + thing, ASKED};
        System.arraycopy(question, 0, script, before, 6);
        var answer = new int[] {IT, IS, FIRST_COLOUR + colours[thing]};
        System.arraycopy(answer, 0, script, before + 6 + thinking, 3);
        at = 0;
    }

    private int pause() {
        var pauses = config.pauses();
        return pauses.least() + dice.nextInt(pauses.most() - pauses.least() + 1);
    }

    private void speak() {
        said = script[at++];
        if (at == script.length) {
            ask();
        }
    }

    @Override
    public double advance(ActionSpace.Spoken.Act<RoomMove> action) {
        if (!begun || truncated()) {
            throw new IllegalStateException(
                    begun ? "langroom: the episode is over; reset it" : "langroom: reset it first");
        }
        move(action.move());
        speak();
        steps++;
        boolean answered = isColour(said);
        answers += answered ? 1 : 0;
        right += answered && action.word() == said ? 1 : 0;
        return pay(action.word());
    }

    private void move(RoomMove move) {
        int toX = x + move.dx, toY = y + move.dy, last = config.size() - 1;
        boolean inside = toX >= 0 && toY >= 0 && toX <= last && toY <= last;
        if (inside && corner(toX, toY) < 0) {
            x = toX;
            y = toY;
        }
    }

    /// Which thing stands on a cell, -1 for none.
    private int corner(int column, int row) {
        int last = config.size() - 1;
        boolean corner = (column == 0 || column == last) && (row == 0 || row == last);
        return corner ? (column == 0 ? 0 : 1) + (row == 0 ? 0 : 2) : -1;
    }

    private double pay(int word) {
        boolean same = word == said;
        return switch (config.pay()) {
            case ANSWER_ONLY ->
                    word == Vocabulary.PAD ? 0 : !isColour(said) ? -0.01 : same ? 1 : -0.1;
            case ANSWER_AND_ECHO -> !same ? 0 : isColour(said) ? 10 : 0.1;
            case ECHO -> same ? 1 : 0;
        };
    }

    private static boolean isColour(int word) {
        return word >= FIRST_COLOUR && word < FIRST_COLOUR + COLOURS.size();
    }

    /// How many answers the world has given in this episode.
    public int answers() {
        return answers;
    }

    /// How many of them the agent gave, too.
    public int rightAnswers() {
        return right;
    }

    /// What the world will say in the next step; agents must not look.
    public int nextWord() {
        return script[at];
    }

    /// `(2 sight + 1, 2 sight + 1, 9)` numbers: for each cell around the agent wall, which thing,
    /// and its colour.
    @Override
    public void symbols(float[] into, int offset) {
        Arrays.fill(into, offset, offset + symbolCount(), 0);
        int place = offset;
        for (int dy = -config.sight(); dy <= config.sight(); dy++) {
            for (int dx = -config.sight(); dx <= config.sight(); dx++, place += CELL) {
                if (outside(x + dx, y + dy)) {
                    into[place] = 1;
                } else if (corner(x + dx, y + dy) >= 0) {
                    int thing = corner(x + dx, y + dy);
                    into[place + 1 + thing] = 1;
                    into[place + 5 + colours[thing]] = 1;
                }
            }
        }
    }

    private boolean outside(int column, int row) {
        return column < 0 || row < 0 || column >= config.size() || row >= config.size();
    }

    /// The cells around the agent, 64 x 64 pixels.
    @Override
    public Image picture() {
        int side = 2 * config.sight() + 1;
        var cells = new int[side * side];
        for (int i = 0; i < cells.length; i++) {
            int column = x + i % side - config.sight(), row = y + i / side - config.sight();
            cells[i] = outside(column, row) ? LangRoomPainter.WALL : kind(column, row);
        }
        return LangRoomPainter.paint(cells, side);
    }

    private int kind(int column, int row) {
        int thing = corner(column, row);
        boolean agent = column == x && row == y;
        return agent
                ? LangRoomPainter.AGENT
                : thing < 0 ? LangRoomPainter.FLOOR : 4 * thing + colours[thing];
    }

    @Override
    public int token() {
        return said;
    }

    @Override
    public String utterance() {
        return vocabulary.word(said);
    }

    @Override
    public boolean reading() {
        return false;
    }

    @Override
    public boolean terminated() {
        return false;
    }

    @Override
    public boolean truncated() {
        return steps >= config.length();
    }

    @Override
    public Observation observe() {
        var images = new LinkedHashMap<String, Image>();
        images.put("image", picture());
        return new Observation(images, symbols(), vocabulary.word(said));
    }

    @Override
    public long[] state() {
        return Snapshot.write("langroom")
                .put(dice.state())
                .put(x)
                .put(y)
                .put(steps)
                .put(at)
                .put(answers)
                .put(right)
                .put(begun)
                .put(colours)
                .put(script)
                .put(said)
                .done();
    }

    @Override
    public void restore(long[] state) {
        var snapshot = Snapshot.read("langroom", state);
        dice = Dice.at(snapshot.take());
        x = snapshot.takeInt();
        y = snapshot.takeInt();
        steps = snapshot.takeInt();
        at = snapshot.takeInt();
        answers = snapshot.takeInt();
        right = snapshot.takeInt();
        begun = snapshot.takeBoolean();
        colours = snapshot.takeInts();
        script = snapshot.takeInts();
        said = snapshot.takeInt();
        snapshot.end();
    }
}
