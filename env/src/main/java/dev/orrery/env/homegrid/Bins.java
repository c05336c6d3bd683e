package dev.orrery.env.homegrid;

import dev.orrery.env.ActionSpace;
import dev.orrery.env.Dice;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.Snapshot;
import dev.orrery.env.SymbolPainter;
import dev.orrery.env.Vocabulary;
import dev.orrery.env.WordEnv;
import dev.orrery.env.homegrid.HouseState.Lid;
import dev.orrery.env.homegrid.HouseState.Opener;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.stream.IntStream;

/// HomeGrid in the small, for hints about dynamics: one closed bin ahead, three ways to open it.
///
/// First the agent reads, while everything is frozen, how this bin opens, and is told to open it;
/// then it has eight steps. The right way opens the bin and pays 1; the wrong one breaks it, and it
/// stays broken. What it is told depends on the arm of the experiment; the reading takes ten steps
/// in every arm. Without a hint the right way is a guess, so one in three first tries succeeds.
public final class Bins implements WordEnv<Opener> {

    /// What is read before the first step.
    public enum Arm {
        /// How this bin opens.
        HINT,
        /// Silence for as long.
        TASK_ONLY,
        /// How a bin might open, true one time in three.
        SHUFFLED
    }

    /// Steps of an episode, reading not counted.
    public static final int STEPS = 8;

    /// For each bin, as words: the ways to open it, then the task.
    private static final Vocabulary VOCABULARY =
            Vocabulary.of(
                    Sentences.all().stream()
                            .filter(s -> s.startsWith("open the") || s.contains("to open the"))
                            .toList());

    /// Bin ahead open, closed, broken, for each of the three; 1 number for having read to the end.
    private static final int SYMBOLS = 9;

    /// Shares that are not drawn, and how strong the strongest symbol is when nothing is read.
    private static final float FAINT = 0.004f, READ = 0.75f;

    private static final ActionSpace.Discrete<Opener> ACTIONS = ActionSpace.of(Opener.class);

    private final Arm arm;
    private final HousePainter painter = new HousePainter();
    private Dice dice = new Dice(0);
    private int bin, opener, lid, steps, tries;
    private boolean firstTry, begun;
    private final ReadingTape tape = new ReadingTape();

    public Bins(Arm arm) {
        this.arm = arm;
    }

    @Override
    public ActionSpace.Discrete<Opener> actions() {
        return ACTIONS;
    }

    @Override
    public Vocabulary vocabulary() {
        return VOCABULARY;
    }

    @Override
    public int[] symbolShape() {
        return new int[] {SYMBOLS};
    }

    @Override
    public void begin(long seed) {
        dice = new Dice(seed);
        bin = Thing.OBJECTS + dice.nextInt(Thing.BINS);
        opener = dice.nextInt(3);
        int told = arm == Arm.SHUFFLED ? dice.nextInt(3) : opener;
        var hint = VOCABULARY.encode(Sentences.text(Sentences.opener(told, bin)));
        if (arm == Arm.TASK_ONLY) {
            Arrays.fill(hint, Vocabulary.PAD);
        }
        var task = VOCABULARY.encode("open the " + Thing.of(bin));
        tape.start(IntStream.concat(Arrays.stream(hint), Arrays.stream(task)).toArray());
        lid = Lid.CLOSED.ordinal();
        steps = 0;
        tries = 0;
        firstTry = false;
        begun = true;
    }

    @Override
    public double advance(Opener action) {
        if (!begun || truncated()) {
            throw new IllegalStateException(
                    begun ? "bins: the episode is over; reset it" : "bins: reset it first");
        }
        if (tape.goesOn()) {
            tape.next();
            return 0;
        }
        steps++;
        if (lid != Lid.CLOSED.ordinal()) {
            return 0;
        }
        tries++;
        boolean right = action.ordinal() == opener;
        lid = (right ? Lid.OPEN : Lid.BROKEN).ordinal();
        firstTry = right && tries == 1;
        return right ? 1 : 0;
    }

    /// Whether the first way that was tried was the right one.
    public boolean openedAtFirstTry() {
        return firstTry;
    }

    /// The way that opens the bin.
    public Opener opener() {
        return Opener.values()[opener];
    }

    /// Nine numbers: the bin ahead is open, closed or broken, for each bin; halved while reading.
    @Override
    public void symbols(float[] into, int offset) {
        Arrays.fill(into, offset, offset + SYMBOLS, 0);
        into[offset + 3 * (bin - Thing.OBJECTS) + lid] = reading() ? 0.5f : 1;
    }

    /// The kitchen with the agent and the bin to its right.
    @Override
    public Image picture() {
        return painter.besideBin(bin, lid, reading());
    }

    /// The nine pictures of bins, each as strong as its symbol.
    @Override
    public Image picture(float[] symbols) {
        SymbolPainter.check(symbols, symbolShape());
        float all = 0, most = 0;
        for (float value : symbols) {
            all += Math.max(0, value);
            most = Math.max(most, value);
        }
        var first = painter.besideBin(Thing.OBJECTS, 0, false);
        var mixed = new float[first.rgb().length];
        for (int i = 0; i < SYMBOLS && all > 0; i++) {
            float share = Math.max(0, symbols[i]) / all;
            if (share < FAINT) {
                continue;
            }
            var picture = painter.besideBin(Thing.OBJECTS + i / 3, i % 3, most < READ);
            for (int p = 0; p < mixed.length; p++) {
                mixed[p] += share * (picture.rgb()[p] & 0xff);
            }
        }
        var rgb = new byte[mixed.length];
        for (int p = 0; p < rgb.length; p++) {
            rgb[p] = (byte) Math.min(255, Math.round(mixed[p]));
        }
        return new Image(first.height(), first.width(), rgb);
    }

    @Override
    public int token() {
        return tape.token();
    }

    @Override
    public String utterance() {
        return tape.utterance(VOCABULARY);
    }

    @Override
    public boolean reading() {
        return tape.goesOn();
    }

    @Override
    public boolean terminated() {
        return false;
    }

    @Override
    public boolean truncated() {
        return steps >= STEPS;
    }

    @Override
    public Observation observe() {
        return new Observation(new LinkedHashMap<>(), symbols(), VOCABULARY.word(token()));
    }

    @Override
    public long[] state() {
        var snapshot =
                Snapshot.write("bins")
                        .put(dice.state())
                        .put(bin)
                        .put(opener)
                        .put(lid)
                        .put(steps)
                        .put(tries)
                        .put(firstTry)
                        .put(begun);
        tape.write(snapshot);
        return snapshot.done();
    }

    @Override
    public void restore(long[] state) {
        var snapshot = Snapshot.read("bins", state);
        dice = Dice.at(snapshot.take());
        bin = snapshot.takeInt();
        opener = snapshot.takeInt();
        lid = snapshot.takeInt();
        steps = snapshot.takeInt();
        tries = snapshot.takeInt();
        firstTry = snapshot.takeBoolean();
        begun = snapshot.takeBoolean();
        tape.read(snapshot);
        snapshot.end();
    }
}
