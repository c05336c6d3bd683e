package dev.orrery.env.homegrid;

import dev.orrery.env.Snapshot;
import java.util.Arrays;
import java.util.stream.Collectors;

/// Decides what is said in the house and streams it, one token a step.
///
/// A new task interrupts everything; otherwise a sentence is finished first, and when nothing is
/// being said, what comes next is the task again if it is time, an event of this step, a
/// correction, or a fact.
final class Speaker {

    private final HomeGridConfig.Speech rules;
    private final boolean places, openers, corrections, spills;
    private final Sentences sentences;

    /// The sentences of what is being said, and where in them.
    private int[] said = {Sentences.PAD};

    private int sentence, token;

    /// What the listener hears at this step.
    private int heard, heardToken;

    private int[] heardAll = said;

    private int steps, lastRepeat, preread, lastDistance;
    private boolean reading;

    Speaker(HomeGridConfig.Speech rules, Sentences sentences) {
        this.rules = rules;
        this.sentences = sentences;
        this.places = rules.hints().contains(Hint.FUTURE);
        this.openers = rules.hints().contains(Hint.DYNAMICS);
        this.corrections = rules.hints().contains(Hint.CORRECTIONS);
        this.spills = rules.hints().contains(Hint.TERMINATION);
    }

    void begin(HouseWorld world, int task, int distance, Draws draws) {
        lastDistance = distance;
        steps = 0;
        lastRepeat = 0;
        preread = -1;
        reading = false;
        say(Sentences.PAD);
        if (rules.preread() >= 0) {
            readAhead(world, draws);
        }
        speak(world, task, true, distance, draws, false);
    }

    private void readAhead(HouseWorld world, Draws draws) {
        int facts = facts(world);
        var order = draws.shuffle(facts);
        said = new int[facts];
        int length = 0;
        for (int i = 0; i < facts; i++) {
            said[i] = fact(world, order[i]);
            length += sentences.length(said[i]);
        }
        sentence = 0;
        token = 0;
        preread = Math.min(length, rules.preread());
        reading = true;
    }

    /// Whether the next step is still one of reading, in which the house stands still.
    boolean readsNext() {
        return steps < preread;
    }

    boolean reading() {
        return reading;
    }

    /// Goes on by one token while the house stands still.
    void read(HouseWorld world, int task, int distance, Draws draws) {
        steps++;
        reading = true;
        speak(world, task, true, distance, draws, false);
    }

    /// Goes on by one token after the house has changed.
    void hear(HouseWorld world, int task, boolean newTask, int distance, Draws draws) {
        steps++;
        reading = false;
        speak(world, task, newTask, distance, draws, true);
        lastDistance = distance;
    }

    private void speak(
            HouseWorld world,
            int task,
            boolean newTask,
            int distance,
            Draws draws,
            boolean somethingHappened) {
        if (steps >= preread && newTask) {
            say(Sentences.TASKS + task);
            lastRepeat = steps;
        }
        if (silent()) {
            choose(world, task, distance, draws, somethingHappened);
        }
        heardAll = said;
        heard = said[sentence];
        heardToken = sentences.token(heard, token);
        moveOn();
    }

    private void choose(
            HouseWorld world, int task, int distance, Draws draws, boolean somethingHappened) {
        int events = somethingHappened ? tellable(world, -1) : 0;
        if (rules.repeatEvery() > 0 && steps - lastRepeat >= rules.repeatEvery()) {
            say(Sentences.TASKS + task);
            lastRepeat = steps;
        } else if (events > 0) {
            say(tellable(world, draws.choice(events)));
        } else if (draws.uniform() < rules.probability()) {
            int facts = facts(world);
            if (corrections && distance > lastDistance) {
                say(Sentences.TURN);
            } else if (facts > 0) {
                say(fact(world, draws.choice(facts)));
            }
        }
    }

    /// How many events may be told, or the sentence of the `n`-th of them.
    private int tellable(HouseWorld world, int n) {
        int seen = 0;
        for (int i = 0; i < world.eventCount(); i++) {
            int event = world.event(i);
            if ((event >= Sentences.SPILL ? spills : places) && seen++ == n) {
                return event;
            }
        }
        return seen;
    }

    private int facts(HouseWorld world) {
        int facts = 0;
        for (int i = 0; i < world.count(); i++) {
            facts += facts(world, world.thing(i));
        }
        return facts;
    }

    private int facts(HouseWorld world, int thing) {
        boolean opens = openers && thing >= Thing.OBJECTS;
        boolean lies = places && House.room(world.cell(thing)) >= 0;
        return (opens ? 1 : 0) + (lies ? 1 : 0);
    }

    private int fact(HouseWorld world, int n) {
        int left = n;
        for (int i = 0; ; i++) {
            int thing = world.thing(i);
            int here = facts(world, thing);
            if (left < here) {
                boolean opens = openers && thing >= Thing.OBJECTS && left == 0;
                return opens
                        ? Sentences.opener(world.opener(thing), thing)
                        : Sentences.place(thing, House.room(world.cell(thing)));
            }
            left -= here;
        }
    }

    private void say(int what) {
        said = new int[] {what};
        sentence = 0;
        token = 0;
    }

    private boolean silent() {
        return said.length == 0 || said[0] == Sentences.PAD;
    }

    private void moveOn() {
        if (silent()) {
            return;
        }
        if (++token == sentences.length(said[sentence])) {
            token = 0;
            if (++sentence == said.length) {
                say(Sentences.PAD);
            }
        }
    }

    int token() {
        return heardToken;
    }

    String utterance() {
        return Arrays.stream(heardAll).mapToObj(Sentences::text).collect(Collectors.joining(" "));
    }

    void write(Snapshot snapshot) {
        snapshot.put(said).put(sentence).put(token).put(heard).put(heardToken).put(heardAll);
        snapshot.put(steps).put(lastRepeat).put(preread).put(lastDistance).put(reading);
    }

    void read(Snapshot snapshot) {
        said = snapshot.takeInts();
        sentence = snapshot.takeInt();
        token = snapshot.takeInt();
        heard = snapshot.takeInt();
        heardToken = snapshot.takeInt();
        heardAll = snapshot.takeInts();
        steps = snapshot.takeInt();
        lastRepeat = snapshot.takeInt();
        preread = snapshot.takeInt();
        lastDistance = snapshot.takeInt();
        reading = snapshot.takeBoolean();
    }
}
