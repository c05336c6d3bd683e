package dev.orrery.env.tabletop;

import dev.orrery.env.ActionSpace;
import dev.orrery.env.Demonstrator;
import dev.orrery.env.Dice;
import dev.orrery.env.Env;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.Step;
import java.util.LinkedHashMap;
import java.util.List;

/// A small table to push, lift and stack coloured blocks on, told what to do in words.
///
/// Observes cameras `overhead` (64 x 64) and `wrist` (32 x 32), a state of four values (gripper x,
/// y, z in table units; fingers 1 open, .5 on a block, 0 closed) and the instruction. An action is
/// (dx, dy, dz, grip), each -1 to 1: a step moves by .05 times the first three, and a positive
/// fourth closes the fingers. Ten steps are a second. [Arm#SEVEN] takes and feels more.
///
/// Reward is 1 when the goal has held for three steps, which ends the episode; the time limit is 80
/// steps for core families and 160 for compositions. An action that is not a number ends the
/// episode as a failure.
public final class Tabletop implements Env<float[]> {

    private final World world = new World();
    private final List<Family> families;
    private final Arm arm;
    private final float[] wide = new float[5];

    private Look look = Look.PLAIN;
    private Task task = new Task.Press();
    private String instruction = "";
    private Progress progress = new Progress(task);
    private Trace trace = new Trace(world, task);
    private Outcome outcome = Outcome.UNFINISHED;
    private int steps, limit;
    private boolean begun;

    /// A table whose episodes are drawn from the twelve core families.
    public Tabletop() {
        this(Family.CORE);
    }

    /// A table whose episodes are drawn from these families, with an arm of four degrees of
    /// freedom.
    public Tabletop(List<Family> families) {
        this(families, Arm.FOUR);
    }

    /// A table whose episodes are drawn from these families.
    public Tabletop(List<Family> families, Arm arm) {
        this.families = List.copyOf(families);
        this.arm = arm;
    }

    /// The scripted rule that solves every task from the true state.
    public static Demonstrator<Tabletop, float[]> expert() {
        return Tabletop::expertAction;
    }

    @Override
    public ActionSpace<float[]> actions() {
        return arm.actions();
    }

    /// Starts an episode of a family, task, wording and scene that the seed decides, of the kind
    /// that demonstrations contain.
    @Override
    public Observation reset(long seed) {
        var family = families.get(Dice.of(seed, 3).nextInt(families.size()));
        return reset(Start.training(family, seed));
    }

    /// Starts an episode of one task, in a scene that the seed decides.
    ///
    /// @throws IllegalArgumentException if no scene fits the task
    public Observation reset(Task wanted, long seed, String phrase) {
        return reset(Start.of(wanted, seed, phrase));
    }

    /// Starts the episode that a split or a demonstration describes.
    ///
    /// @throws IllegalArgumentException if no scene fits the task
    public Observation reset(Start start) {
        start.lay(world, arm);
        look = start.look();
        return begin(start.task(), start.phrase(), start.task().family().limit());
    }

    /// Starts an episode of another task in the scene as it now is; blocks and gripper stay.
    ///
    /// @param limit the steps after which the episode is cut off
    /// @throws IllegalArgumentException if the scene lacks what the task names, or the goal already
    ///   holds; the message says which
    public Observation instruct(Task wanted, String phrase, int limit) {
        Feasible.check(world, wanted);
        world.stage = 0;
        world.pressed = false;
        System.arraycopy(world.bx, 0, world.startX, 0, world.count);
        System.arraycopy(world.by, 0, world.startY, 0, world.count);
        return begin(wanted, phrase, limit);
    }

    private Observation begin(Task wanted, String phrase, int limit) {
        task = wanted;
        instruction = phrase;
        this.limit = limit;
        steps = 0;
        progress = new Progress(task);
        trace = new Trace(world, task);
        outcome = Outcome.UNFINISHED;
        begun = true;
        return observe();
    }

    @Override
    public Step step(float[] action) {
        if (!begun || outcome != Outcome.UNFINISHED) {
            throw new IllegalStateException(
                    begun
                            ? "tabletop: the episode has ended; call reset(seed) for another"
                            : "tabletop: step before reset; call reset(seed) first");
        }
        if (action.length == arm.actionSize() && !finite(action)) {
            outcome = Outcome.NOT_FINITE;
            return new Step(observe(), 0, true, false);
        }
        arm.actions().check(action);
        arm.move(world, action);
        steps++;
        trace.look(world, task);
        if (progress.advance(world)) {
            outcome = Outcome.SUCCESS;
        } else if (steps >= limit) {
            outcome = trace.failure(world, progress.everHeld());
        }
        boolean late = steps >= limit && !success();
        return new Step(observe(), success() ? 1 : 0, success(), late);
    }

    private static boolean finite(float[] action) {
        for (float value : action) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    /// What the scripted expert does in the present state.
    public float[] expertAction() {
        return expertAction(task);
    }

    /// What the scripted expert would do for another task in the present state.
    float[] expertAction(Task other) {
        var action = new float[arm.actionSize()];
        arm.expert(world, other, wide, action, 0);
        return action;
    }

    /// Puts a block somewhere else, as a person would who reaches into the scene; neighbours make
    /// room, and what stood on it comes along.
    ///
    /// @param block its place in [Scene#blocks]
    /// @return what is perceived now
    /// @throws IllegalArgumentException if there is no such block or the gripper holds it
    public Observation place(int block, float x, float y) {
        if (block < 0 || block >= world.count || block == world.held) {
            throw new IllegalArgumentException(
                    block == world.held && block >= 0
                            ? "the gripper holds the %s"
                                    .formatted(Kind.of(world.kind[block]).words())
                            : "there is no block %d; there are %d".formatted(block, world.count));
        }
        world.place(block, x, y);
        return observe();
    }

    /// Moves the gripper, with what it holds, to a place within its reach.
    ///
    /// @return what is perceived now
    public Observation moveGripper(float x, float y, float z) {
        world.moveGripper(x, y, z);
        return observe();
    }

    /// The true state, for people to look at.
    public Scene scene() {
        return Scene.of(world);
    }

    /// A copy that goes its own way from here.
    public Tabletop fork() {
        var copy = new Tabletop(families, arm);
        copy.world.set(world);
        copy.look = look;
        copy.task = task;
        copy.instruction = instruction;
        copy.progress = progress.copy();
        copy.trace = trace.copy(world, task);
        copy.outcome = outcome;
        copy.steps = steps;
        copy.limit = limit;
        copy.begun = begun;
        return copy;
    }

    /// The task of this episode.
    public Task task() {
        return task;
    }

    /// The arm that acts here.
    public Arm arm() {
        return arm;
    }

    /// Whether this episode has reached its goal.
    public boolean success() {
        return outcome == Outcome.SUCCESS;
    }

    /// How the episode ended.
    public Outcome outcome() {
        return outcome;
    }

    /// What is perceived now.
    public Observation observe() {
        var images = new LinkedHashMap<String, Image>();
        images.put(Camera.OVERHEAD, draw(Camera.overhead(Camera.OVERHEAD_PIXELS)));
        images.put(Camera.WRIST, wrist(Camera.WRIST_PIXELS));
        var state = new float[arm.stateSize()];
        arm.feel(world, state, 0);
        return new Observation(images, state, instruction);
    }

    /// Draws the table at any size, as the overhead camera sees it.
    public Image picture(int pixels) {
        return draw(Camera.overhead(pixels));
    }

    /// Draws the surroundings of the gripper at any size, as the wrist camera sees them.
    public Image wrist(int pixels) {
        return draw(Camera.wrist(world.x, world.y, pixels));
    }

    private Image draw(Camera camera) {
        var rgb = new byte[camera.pixels() * camera.pixels() * 3];
        Renderer.draw(world, look, camera, rgb, 0);
        return new Image(camera.pixels(), camera.pixels(), rgb);
    }
}
