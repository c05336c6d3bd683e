package dev.orrery.studio;

import dev.orrery.env.Episode.Frame;
import dev.orrery.env.Observation;
import dev.orrery.env.Step;
import dev.orrery.env.tabletop.Kind;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.env.tabletop.Task;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One page's table. A thread of its own takes the page's commands and, while somebody acts, steps
/// the world ten times a second; all state belongs to that thread.
final class TableSession implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(TableSession.class.getName());
    private static final long PERIOD = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int MOST_COMMANDS = 256;
    private static final long FIRST_SEED = 4;

    private enum Status {
        READY,
        RUNNING,
        PAUSED,
        SUCCESS,
        TIMEOUT,
        FAILED
    }

    private final BlockingQueue<TableCommand> inbox = new ArrayBlockingQueue<>(MOST_COMMANDS);
    private final Outbox outbox;
    private final Instructions instructions;
    private final TakeShelf takes;
    private final Thread thread;
    private volatile boolean closed;

    private Tabletop table = new Tabletop();
    private Tabletop start = table;
    private Observation seen;
    private Task task = new Task.PutTray(Kind.parse("red-star"));
    private String phrase = "put the red star in the tray";
    private long seed = FIRST_SEED;
    private int episode, step, limit;
    private Status status = Status.READY;
    private String why = "";
    private boolean broken;

    private final Actor actor;
    private String loading = "";
    private float[] action = new float[4];

    private final Hand hand = new Hand();
    private final Recorder recorder = new Recorder();

    TableSession(
            String name,
            Outbox outbox,
            PolicySource policies,
            Instructions instructions,
            TakeShelf takes) {
        this.outbox = outbox;
        this.instructions = instructions;
        this.takes = takes;
        this.actor = new Actor(policies, () -> table);
        this.seen = lay(seed);
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::live);
    }

    void start() {
        thread.start();
    }

    /// Hands over a command; false if too many wait already.
    boolean offer(TableCommand command) {
        return inbox.offer(command);
    }

    @Override
    public void close() {
        closed = true;
        outbox.close();
        thread.interrupt();
    }

    private void live() {
        try {
            greet();
            publish();
            long next = System.nanoTime();
            while (!closed) {
                long wait = acting() ? next - System.nanoTime() : TimeUnit.SECONDS.toNanos(1);
                boolean changed = obey(inbox.poll(Math.max(0, wait), TimeUnit.NANOSECONDS));
                if (acting() && System.nanoTime() >= next) {
                    changed |= act();
                    next = Math.max(next + PERIOD, System.nanoTime());
                }
                if (changed) {
                    publish();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the table stopped", e);
            notice("bad", "The table stopped: %s. Reload the page for another.".formatted(e));
        } finally {
            actor.close();
        }
    }

    private boolean acting() {
        return actor.byHand() ? status == Status.READY && hand.points() : status == Status.RUNNING;
    }

    private boolean obey(@Nullable TableCommand first) {
        boolean any = first != null;
        for (var command = first; command != null; command = inbox.poll()) {
            try {
                obeyOne(command);
            } catch (IllegalArgumentException | IllegalStateException | Refusal e) {
                notice("bad", sentence(String.valueOf(e.getMessage())));
            } catch (RuntimeException e) {
                if (closed) {
                    return any;
                }
                LOG.log(Level.WARNING, "the table could not do " + command, e);
                notice("bad", sentence(String.valueOf(e.getMessage())));
            }
        }
        return any;
    }

    private void obeyOne(TableCommand command) {
        switch (command) {
            case TableCommand.Instruct(var text) -> instruct(text);
            case TableCommand.Reset(var wanted) -> reset(wanted);
            case TableCommand.Fresh _ -> reset(seed + 1);
            case TableCommand.Restore wanted -> restore(wanted);
            case TableCommand.Play _ -> play();
            case TableCommand.Pause _ -> pause();
            case TableCommand.Toggle _ -> {
                if (status == Status.RUNNING) {
                    pause();
                } else {
                    play();
                }
            }
            case TableCommand.Step _ -> {
                if (!over() && !actor.byHand()) {
                    status = Status.PAUSED;
                    act();
                }
            }
            case TableCommand.Choose(var id) -> choose(id);
            case TableCommand.Drag drag -> drag(drag);
            case TableCommand.Hand wanted -> {
                if (actor.byHand()) {
                    hand.point(wanted);
                }
            }
            case TableCommand.Record(var on) -> record(on);
            case TableCommand.Save _ -> save();
            case TableCommand.Discard _ -> recorder.forget();
            case TableCommand.Policies _ -> tellPolicies();
        }
    }

    private void instruct(String text) {
        switch (instructions.read(text, table.scene())) {
            case Instructions.Reading.Unclear(var said, var suggestions) ->
                    tell(Map.of("type", "unclear", "text", said, "suggestions", suggestions));
            case Instructions.Reading.Clear(var wanted, var words) -> give(wanted, words);
        }
    }

    /// Gives the table a task: in the scene as it is, or in a new one if this one lacks what it
    /// needs.
    private void give(Task wanted, String words) {
        forgetTake();
        try {
            seen = table.instruct(wanted, words, limit(wanted));
        } catch (IllegalArgumentException e) {
            if (e.getMessage().contains("already")) {
                tell(
                        Map.of(
                                "type",
                                "unclear",
                                "text",
                                sentence(e.getMessage()),
                                "suggestions",
                                List.of()));
                return;
            }
            var fresh = new Tabletop();
            fresh.reset(wanted, seed, words);
            seen = fresh.instruct(wanted, words, limit(wanted));
            table = fresh;
            notice("", sentence(e.getMessage()).replaceFirst("\\.$", ", so here is another one."));
        }
        task = wanted;
        phrase = words;
        begin();
        start = table.fork();
        tellExamples();
        status = actor.byHand() ? Status.READY : Status.RUNNING;
    }

    private int limit(Task wanted) {
        return actor.byHand() ? Take.LONGEST : wanted.family().limit();
    }

    private void reset(long wanted) {
        forgetTake();
        if (wanted == seed) {
            again();
        } else {
            seen = lay(wanted);
        }
        tellExamples();
    }

    /// Lays the scene that another table had, and lets the same policy act if it is still there.
    private void restore(TableCommand.Restore wanted) {
        if (instructions.read(wanted.text(), table.scene())
                instanceof Instructions.Reading.Clear(var said, var words)) {
            task = said;
            phrase = words;
        }
        seen = lay(wanted.seed());
        tellExamples();
        choose(wanted.policy());
    }

    /// Puts everything back to where the episode started.
    private void again() {
        table = start.fork();
        try {
            seen = table.instruct(task, phrase, limit(task));
            begin();
        } catch (IllegalArgumentException _) {
            // Somebody moved a block to its goal before the start: then from the seed.
            seen = lay(seed);
        }
    }

    /// Lays the scene of a seed for the present task.
    private Observation lay(long wanted) {
        var fresh = new Tabletop();
        fresh.reset(task, wanted, phrase);
        var first = fresh.instruct(task, phrase, limit(task));
        table = fresh;
        seed = wanted;
        start = table.fork();
        begin();
        return first;
    }

    private void begin() {
        episode++;
        step = 0;
        limit = limit(task);
        status = Status.READY;
        why = "";
        broken = false;
        action = new float[4];
        hand.forget();
        actor.reset(seed);
    }

    private void play() {
        if (actor.byHand()) {
            throw new IllegalArgumentException("you act now; choose a policy to let it act");
        }
        if (!over()) {
            status = Status.RUNNING;
        }
    }

    private void pause() {
        status = status == Status.RUNNING ? Status.PAUSED : status;
    }

    private boolean over() {
        return status == Status.SUCCESS || status == Status.TIMEOUT || status == Status.FAILED;
    }

    /// Lets another act: at once if an episode is under way, else from the start of the scene.
    private void choose(String id) {
        if (id.equals(actor.id())) {
            return;
        }
        forgetTake();
        boolean anew = over() || actor.byHand() || id.equals(Actor.HAND);
        loading = id;
        publish();
        try {
            actor.choose(id);
        } finally {
            loading = "";
        }
        if (anew) {
            reset(seed);
        } else {
            actor.reset(seed);
            tellExamples();
        }
    }

    private void drag(TableCommand.Drag drag) {
        if (recorder.on() || actor.byHand()) {
            throw new IllegalArgumentException("blocks are moved with the gripper while you act");
        }
        seen = table.place(drag.block(), drag.x(), drag.y());
        actor.forget();
        if (status == Status.READY) {
            start = table.fork();
        }
        if (drag.drop()) {
            tellExamples();
        }
    }

    private void record(boolean on) {
        if (!on) {
            recorder.stop();
            return;
        }
        choose(Actor.HAND);
        reset(seed);
        recorder.begin(phrase);
    }

    private void save() {
        var kept = takes.keep(recorder.waiting(), seed);
        recorder.forget();
        notice("good", "Saved as episode %d of %s.".formatted(kept.episode(), kept.set()));
        tellTakes();
    }

    private void tellTakes() {
        try {
            tell(Map.of("type", "takes", "takes", takes.list()));
        } catch (Refusal e) {
            notice("bad", sentence(e.getMessage()));
        }
    }

    private void forgetTake() {
        if (recorder.forget()) {
            notice("", "The demonstration that was not saved is gone.");
        }
    }

    /// Lets whoever acts take one step; false if nothing moved.
    private boolean act() {
        try {
            if (actor.byHand()) {
                var next = hand.act(seen.state());
                next.ifPresent(this::advance);
                return next.isPresent();
            }
            advance(actor.decide(seen));
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "policy " + actor.id() + " failed", e);
            status = Status.FAILED;
            broken = true;
            why = sentence(String.valueOf(e.getMessage()));
        }
        return true;
    }

    private void advance(float[] chosen) {
        var before = seen;
        Step result = table.step(chosen);
        seen = result.observation();
        action = chosen;
        step++;
        boolean success = table.success();
        recorder.add(
                new Frame<>(before, chosen, result.reward(), result.last(), success), hand.still());
        if (result.last()) {
            end(result, success);
            recorder.stop();
        }
    }

    private void end(Step last, boolean success) {
        status = success ? Status.SUCCESS : last.truncated() ? Status.TIMEOUT : Status.FAILED;
        why = TableView.words(table.outcome());
    }

    private void greet() {
        tellTakes();
        tellPolicies();
        tellExamples();
    }

    private void tellPolicies() {
        tell(Map.of("type", "policies", "policies", actor.choices()));
    }

    private void tellExamples() {
        var examples = instructions.examples(table, seed, actor.skill());
        tell(Map.of("type", "examples", "examples", examples));
    }

    private void notice(String level, String text) {
        tell(Map.of("type", "notice", "level", level, "text", text));
    }

    private void tell(Map<String, Object> message) {
        outbox.message(Json.write(message));
    }

    private void publish() {
        var frame = new LinkedHashMap<String, Object>();
        frame.put("type", "frame");
        frame.put("episode", episode);
        frame.put("seed", seed);
        frame.put("step", step);
        frame.put("limit", limit);
        frame.put("status", status.name().toLowerCase(Locale.ROOT));
        frame.put("why", why);
        frame.put("instruction", phrase);
        frame.put("family", task.family());
        frame.put("policy", actor.id());
        frame.put("loading", loading);
        frame.put("broken", broken);
        frame.put("latency", actor.latency());
        frame.put("scene", TableView.scene(table.scene()));
        frame.put("images", TableView.images(seen));
        frame.put("state", TableView.numbers(seen.state()));
        frame.put("action", TableView.numbers(action));
        frame.put("chunk", over() ? List.of() : TableView.path(actor.outlook(), seen.state()));
        frame.put("committed", actor.committed());
        recorder.show(frame);
        outbox.frame(Json.write(frame));
    }

    private static String sentence(String message) {
        return message.isEmpty()
                ? "That did not work."
                : Character.toUpperCase(message.charAt(0))
                        + message.substring(1)
                        + (message.endsWith(".") ? "" : ".");
    }
}
