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
/// fourth closes the fingers. Ten steps are a second.
///
/// Reward is 1 when the goal has held for three steps, which ends the episode; the time limit is 80
/// steps for core families and 160 for compositions.
public final class Tabletop implements Env<float[]> {

    private static final ActionSpace.Box FOUR =
            new ActionSpace.Box(List.of("dx", "dy", "dz", "grip"), -1, 1);

    private final World world = new World();
    private final List<Family> families;
    private final float[] wide = new float[5];

    private Look look = Look.PLAIN;
    private Task task = new Task.Press();
    private String instruction = "";
    private int steps, held, limit;
    private boolean running, success;

    /// A table whose episodes are drawn from the twelve core families.
    public Tabletop() {
        this(Family.CORE);
    }

    /// A table whose episodes are drawn from these families.
    public Tabletop(List<Family> families) {
        this.families = List.copyOf(families);
    }

    /// The scripted rule that solves every task from the true state.
    public static Demonstrator<Tabletop, float[]> expert() {
        return Tabletop::expertAction;
    }

    @Override
    public ActionSpace<float[]> actions() {
        return FOUR;
    }

    /// Starts an episode of a family, task, wording and scene that the seed decides.
    @Override
    public Observation reset(long seed) {
        var dice = Dice.of(seed, 1);
        var family = families.get(dice.nextInt(families.size()));
        var drawn = Tasks.draw(family, dice);
        var phrases = Grammar.phrases(drawn, Grammar.Wording.TRAINING);
        return reset(drawn, seed, phrases.get(dice.nextInt(phrases.size())));
    }

    /// Starts an episode of one task, in a scene that the seed decides.
    ///
    /// @throws IllegalArgumentException if no scene fits the task
    public Observation reset(Task wanted, long seed, String phrase) {
        return reset(wanted, seed, phrase, 3, 6);
    }

    Observation reset(Task wanted, long seed, String phrase, int least, int most) {
        Layout.fill(world, wanted, Dice.of(seed, 2), least, most);
        return begin(wanted, phrase, wanted.family().limit());
    }

    @Override
    public Step step(float[] action) {
        if (!running) {
            throw new IllegalStateException(
                    steps == 0
                            ? "tabletop: step before reset; call reset(seed) first"
                            : "tabletop: the episode has ended; call reset(seed) for another");
        }
        FOUR.check(action);
        Physics.step(world, action[0], action[1], action[2], 0, action[3]);
        advance();
        boolean late = !success && steps >= limit;
        running = !success && !late;
        return new Step(observe(), success ? 1 : 0, success, late);
    }

    private void advance() {
        steps++;
        held = Goal.holds(world, task) ? held + 1 : 0;
        if (held == Goal.HOLD) {
            if (task instanceof Task.Then && world.stage == 0) {
                world.stage = 1;
                held = 0;
            } else {
                success = true;
            }
        }
    }

    /// What the scripted expert does in the present state.
    public float[] expertAction() {
        Expert.act(world, task, wide);
        return new float[] {wide[0], wide[1], wide[2], wide[4]};
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
        steps = held = 0;
        success = false;
        running = true;
        return observe();
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

    /// The true state, for people to look at.
    public Scene scene() {
        return Scene.of(world);
    }

    /// A copy that goes its own way from here.
    public Tabletop fork() {
        var copy = new Tabletop(families);
        copy.world.set(world);
        copy.look = look;
        copy.task = task;
        copy.instruction = instruction;
        copy.steps = steps;
        copy.held = held;
        copy.limit = limit;
        copy.running = running;
        copy.success = success;
        return copy;
    }

    /// The task of this episode.
    public Task task() {
        return task;
    }

    /// Whether this episode has reached its goal.
    public boolean success() {
        return success;
    }

    /// Draws the table at any size, as the overhead camera sees it.
    public Image picture(int pixels) {
        return draw(Camera.overhead(pixels));
    }

    private Image draw(Camera camera) {
        var rgb = new byte[camera.pixels() * camera.pixels() * 3];
        Renderer.draw(world, look, camera, rgb, 0);
        return new Image(camera.pixels(), camera.pixels(), rgb);
    }

    private Observation observe() {
        var images = new LinkedHashMap<String, Image>();
        images.put(Camera.OVERHEAD, draw(Camera.overhead(Camera.OVERHEAD_PIXELS)));
        images.put(Camera.WRIST, draw(Camera.wrist(world.x, world.y, Camera.WRIST_PIXELS)));
        return new Observation(
                images, new float[] {world.x, world.y, world.z, world.gap()}, instruction);
    }
}
