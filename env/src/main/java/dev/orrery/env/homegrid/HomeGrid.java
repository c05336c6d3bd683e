package dev.orrery.env.homegrid;

import dev.orrery.env.ActionSpace;
import dev.orrery.env.Dice;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.Snapshot;
import dev.orrery.env.Vocabulary;
import dev.orrery.env.WordEnv;
import java.util.LinkedHashMap;

/// A house with three rooms in which the agent is asked to find, get, put, move and open things and
/// is told things that help.
///
/// Reward 1 for each task done, then the next task; 0.5 the first time the object of a put or move
/// task is carried. An episode is cut off after 100 steps and ends otherwise only in a spill. Rules
/// of HomeGrid 0.1.1 (Lin et al., arXiv:2308.01399); a recorded episode of it is replayed exactly
/// by [#begin(HouseState, Task, Draws)] and [Draws]. Unlike there, the agent never starts on the
/// cell of a thing, unless the configuration says so.
public final class HomeGrid implements WordEnv<HouseAction> {

    /// Numbers a cell is described with: wall, three floors, furniture, three bins in three states,
    /// four objects.
    static final int CELL = 18;

    private static final int FLOORS = 1, FURNITURE = 4, BINS = 5, OBJECTS = 14;
    private static final int[] SHAPE = {9 * CELL + 4 + Thing.OBJECTS};
    private static final ActionSpace.Discrete<HouseAction> ACTIONS =
            ActionSpace.of(HouseAction.class);

    /// Rooms in the order in which the published code draws them.
    private static final Room[] DRAWN = {Room.LIVING, Room.KITCHEN, Room.DINING};

    private final HomeGridConfig config;
    private final HouseWorld world = new HouseWorld();
    private final Speaker speaker;
    private final HousePainter painter = new HousePainter();

    private Dice dice = new Dice(0);
    private Draws draws = Draws.of(dice);
    private Task task = Task.ALL.getFirst();
    private int taskNumber;
    private boolean bonusPaid, terminated, truncated, begun;
    private int tasksDone;

    public HomeGrid(HomeGridConfig config) {
        this(config, Sentences.WORDS);
    }

    /// A house whose tokens are numbered by another tokenizer; [#vocabulary] does not apply then.
    public HomeGrid(HomeGridConfig config, Sentences sentences) {
        this.config = config;
        this.speaker = new Speaker(config.speech(), sentences);
    }

    @Override
    public ActionSpace.Discrete<HouseAction> actions() {
        return ACTIONS;
    }

    @Override
    public Vocabulary vocabulary() {
        return Sentences.VOCABULARY;
    }

    @Override
    public int[] symbolShape() {
        return SHAPE.clone();
    }

    @Override
    public int symbolCount() {
        return SHAPE[0];
    }

    @Override
    public void begin(long seed) {
        dice = new Dice(seed);
        begin(Draws.of(dice));
    }

    /// Starts an episode with these draws.
    public void begin(Draws from) {
        draws = from;
        world.begin(config, draws);
        start(drawTask());
    }

    /// Starts an episode from a given state and task; later draws come from `from`.
    ///
    /// @throws IllegalArgumentException if the state is not one of the house
    public void begin(HouseState state, Task first, Draws from) {
        draws = from;
        world.set(state);
        start(first.number());
    }

    private void start(int first) {
        setTask(first);
        tasksDone = 0;
        terminated = false;
        truncated = false;
        begun = true;
        speaker.begin(world, taskNumber, distance(), draws);
    }

    private void setTask(int number) {
        taskNumber = number;
        task = Task.ALL.get(number);
        bonusPaid = false;
    }

    private int drawTask() {
        int kind = draws.choice(5);
        return switch (kind) {
            case 0 -> world.thing(draws.choice(world.count()));
            case 1 -> 7 + drawObject();
            case 2 -> 11 + 3 * drawObject() + drawBin() - Thing.OBJECTS;
            case 3 -> {
                int room = DRAWN[draws.choice(3)].ordinal();
                yield 23 + 3 * drawObject() + room;
            }
            default -> 35 + drawBin() - Thing.OBJECTS;
        };
    }

    private int drawObject() {
        return world.nthObject(draws.choice(world.objects()));
    }

    private int drawBin() {
        return world.nthBin(draws.choice(world.bins()));
    }

    @Override
    public double advance(HouseAction action) {
        if (!begun || terminated || truncated) {
            throw new IllegalStateException(
                    begun ? "homegrid: the episode is over; reset it" : "homegrid: reset it first");
        }
        if (speaker.readsNext()) {
            speaker.read(world, taskNumber, distance(), draws);
            return 0;
        }
        world.act(action);
        truncated = world.steps() >= config.maxSteps();
        terminated = world.inSpill();
        world.happen(config.events(), draws);
        double reward = terminated ? -1 : pay();
        boolean done = reward == 1;
        if (done) {
            tasksDone++;
            setTask(drawTask());
        }
        speaker.hear(world, taskNumber, done, distance(), draws);
        return reward;
    }

    private double pay() {
        return switch (task) {
            case Task.Find(var thing) -> world.front() == thing.ordinal() ? 1 : 0;
            case Task.Get(var object) -> carries(object) ? 1 : 0;
            case Task.Put(var object, var bin) ->
                    carries(object)
                            ? payBonus()
                            : world.holds(bin.ordinal()) == object.ordinal() ? 1 : 0;
            case Task.Move(var object, var room) ->
                    carries(object)
                            ? payBonus()
                            : House.room(world.cell(object.ordinal())) == room.ordinal() ? 1 : 0;
            case Task.Open(var bin) ->
                    world.lid(bin.ordinal()) == HouseState.Lid.OPEN.ordinal() ? 1 : 0;
        };
    }

    private double payBonus() {
        boolean first = !bonusPaid;
        bonusPaid = true;
        return first && config.subtaskBonus() ? 0.5 : 0;
    }

    private boolean carries(Thing object) {
        return world.carried() == object.ordinal();
    }

    /// The Manhattan distance to what the task is about now.
    int distance() {
        return world.distance(
                switch (task) {
                    case Task.Find(var thing) -> thing.ordinal();
                    case Task.Get(var object) -> object.ordinal();
                    case Task.Put(var object, var bin) ->
                            carries(object) ? bin.ordinal() : object.ordinal();
                    case Task.Move(var object, _) -> object.ordinal();
                    case Task.Open(var bin) -> bin.ordinal();
                });
    }

    /// The task of the moment.
    public Task task() {
        return task;
    }

    /// How many tasks were done in this episode.
    public int tasksDone() {
        return tasksDone;
    }

    /// The Manhattan distance to what the task is about, as corrections judge it.
    public int goalDistance() {
        return distance();
    }

    /// The true state of the house.
    public HouseState house() {
        return world.view();
    }

    /// The sentences that tell of what happened in the last step, heard or not.
    public java.util.List<String> events() {
        return java.util.stream.IntStream.range(0, world.eventCount())
                .mapToObj(i -> Sentences.text(world.event(i)))
                .toList();
    }

    @Override
    public int token() {
        return speaker.token();
    }

    @Override
    public String utterance() {
        return speaker.utterance();
    }

    @Override
    public boolean reading() {
        return speaker.reading();
    }

    @Override
    public boolean terminated() {
        return terminated;
    }

    @Override
    public boolean truncated() {
        return truncated;
    }

    /// Writes 170 numbers, 0 or 1 (½ instead of 1 while reading): for each of the 3 x 3 cells
    /// around the agent, row by row, wall, the floors of kitchen, living and dining room,
    /// furniture, each bin open, closed and broken, the four objects; then where the agent looks
    /// (right, down, left, up) and what it carries.
    @Override
    public void symbols(float[] into, int offset) {
        java.util.Arrays.fill(into, offset, offset + SHAPE[0], 0);
        float one = reading() ? 0.5f : 1;
        int at = offset;
        for (int dy = -1; dy <= 1; dy++) {
            for (int dx = -1; dx <= 1; dx++, at += CELL) {
                describe(world.agent() + dy * House.WIDTH + dx, into, at, one);
            }
        }
        into[at + world.facing()] = one;
        if (world.carried() != HouseWorld.NONE) {
            into[at + 4 + world.carried()] = one;
        }
    }

    private void describe(int cell, float[] into, int at, float one) {
        int room = House.room(cell);
        into[at + (room < 0 ? 0 : FLOORS + room)] = one;
        if (House.furniture(cell) >= 0) {
            into[at + FURNITURE] = one;
        }
        int thing = cell == world.agent() ? HouseWorld.NONE : world.on(cell);
        if (thing >= Thing.OBJECTS) {
            into[at + BINS + 3 * (thing - Thing.OBJECTS) + world.lid(thing)] = one;
        } else if (thing != HouseWorld.NONE && !world.hidden(thing)) {
            into[at + OBJECTS + thing] = one;
        }
    }

    @Override
    public Image picture() {
        return painter.view(world, reading(), config.view() != HomeGridConfig.View.TILES);
    }

    /// The whole house from above.
    ///
    /// @param scale pixels a cell, 4 to 64
    public Image render(int scale) {
        return painter.house(world, scale);
    }

    @Override
    public Observation observe() {
        var word =
                speaker.token() < Sentences.VOCABULARY.size()
                        ? Sentences.VOCABULARY.word(speaker.token())
                        : "";
        var images = new LinkedHashMap<String, Image>();
        if (config.view() == HomeGridConfig.View.SYMBOLS) {
            return new Observation(images, symbols(), word);
        }
        images.put("image", picture());
        return new Observation(images, new float[0], word);
    }

    @Override
    public long[] state() {
        var snapshot = Snapshot.write("homegrid");
        snapshot.put(dice.state()).put(taskNumber).put(bonusPaid).put(terminated).put(truncated);
        snapshot.put(begun).put(tasksDone);
        world.write(snapshot);
        speaker.write(snapshot);
        return snapshot.done();
    }

    @Override
    public void restore(long[] state) {
        var snapshot = Snapshot.read("homegrid", state);
        dice = Dice.at(snapshot.take());
        draws = Draws.of(dice);
        taskNumber = snapshot.takeInt();
        task = Task.ALL.get(taskNumber);
        bonusPaid = snapshot.takeBoolean();
        terminated = snapshot.takeBoolean();
        truncated = snapshot.takeBoolean();
        begun = snapshot.takeBoolean();
        tasksDone = snapshot.takeInt();
        world.read(snapshot);
        speaker.read(snapshot);
        snapshot.end();
    }
}
