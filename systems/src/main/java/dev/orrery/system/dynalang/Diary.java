package dev.orrery.system.dynalang;

import dev.orrery.replay.Column;
import dev.orrery.replay.Replay;
import dev.orrery.replay.ReplayFolder;
import dev.orrery.replay.Row;
import dev.orrery.replay.Sample;
import dev.orrery.replay.Schema;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.worldmodel.Form;
import dev.orrery.worldmodel.Rssm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What happened, as rows of a [Replay], and lessons made of it.
///
/// A row is one moment: what was perceived, the reward and flags that came with it, and the action
/// taken after it. In the 2024 form it also holds the agent's state, which a sequence drawn later
/// starts from, one step of context before its first.
final class Diary {

    private final DynalangConfig config;
    private final Senses senses;
    private final Rssm.Config sizes;
    private final int context, heard;
    private final Replay replay;
    private final ReplayFolder folder;
    private final Row row;
    private final long[] episode, step;

    Diary(DynalangConfig config, Dynalang model, Path folder) {
        this.config = config;
        senses = model.senses;
        sizes = model.rssm.config();
        boolean stateful = config.model().form() == Form.V2024;
        context = stateful ? 1 : 0;
        heard = model.heardWidth();
        var training = config.training();
        var kept = config.experience();
        replay =
                new Replay(
                        schema(stateful),
                        new Replay.Settings(
                                training.length() + context,
                                context,
                                stateful,
                                new Replay.Limits(
                                        kept.steps(),
                                        kept.memoryMegabytes() << 20,
                                        kept.diskMegabytes() << 20)),
                        training.worlds(),
                        folder);
        this.folder = new ReplayFolder(folder);
        row = new Row(replay.schema());
        episode = new long[training.worlds()];
        step = new long[training.worlds()];
    }

    private Schema schema(boolean stateful) {
        var columns = new ArrayList<Column>();
        if (senses.symbols() > 0) columns.add(symbolColumn());
        if (senses.pixels() > 0)
            columns.add(Column.bytes("image", senses.pixels() * senses.pixels() * 3));
        if (senses.hears()) columns.add(Column.ints("token", 1));
        if (senses.besides().manual() > 0)
            columns.add(Column.ints("manual", senses.besides().manual()));
        columns.add(Column.floats("reward", 1));
        columns.add(Column.bytes("is_first", 1));
        columns.add(Column.bytes("is_last", 1));
        columns.add(Column.bytes("is_terminal", 1));
        columns.add(Column.ints("action", senses.choices().length));
        if (stateful) {
            columns.add(Column.halves("deter", sizes.deter()));
            columns.add(Column.bytes("stoch", sizes.groups()));
            if (heard > 0) columns.add(Column.halves("heard", heard));
        }
        return new Schema(columns);
    }

    private Column symbolColumn() {
        return senses.binary()
                ? Column.halves("symbols", senses.symbols())
                : Column.floats("symbols", senses.symbols());
    }

    String estimate() {
        return replay.estimate();
    }

    boolean ready() {
        return replay.ready();
    }

    long size() {
        return replay.size();
    }

    /// Writes down what every world shows now and what was done about it.
    void write(Stage stage, Player player, int[] choices) {
        var pixels = stage.pixels();
        var symbols = stage.symbols();
        var deter = context == 0 ? new float[0] : player.deter();
        var classes = context == 0 ? new byte[0] : player.classes();
        var remembered = context == 0 ? new float[0] : player.heard();
        var manual = stage.manual();
        int vocabulary = Math.max(senses.words(), senses.besides().vocabulary());
        int heads = senses.choices().length;
        for (int n = 0; n < stage.size(); n++) {
            if (stage.first()[n]) {
                episode[n]++;
                step[n] = 0;
            }
            row.at(episode[n] * stage.size() + n, step[n]++);
            if (senses.symbols() > 0) row.set("symbols", symbols, n * senses.symbols());
            if (senses.pixels() > 0) row.set("image", pixels, n * pixels.length / stage.size());
            if (senses.hears()) row.set("token", stage.tokens()[n], vocabulary);
            if (manual.length > 0) row.set("manual", manual, n * senses.besides().manual());
            row.set("reward", stage.rewards()[n])
                    .set("is_first", stage.first()[n])
                    .set("is_last", stage.last()[n])
                    .set("is_terminal", stage.terminal()[n])
                    .set("action", choices, n * heads);
            if (context > 0) {
                row.set("deter", deter, n * sizes.deter());
                row.set("stoch", classes, n * sizes.groups());
                if (heard > 0) row.set("heard", remembered, n * heard);
            }
            replay.append(n, row);
        }
    }

    /// Draws sequences.
    Sample draw(Seed seed) {
        return replay.sample(config.training().batch(), seed);
    }

    /// The tensors of drawn sequences.
    Lesson lesson(Sample sample) {
        long batch = sample.batch(), all = sample.length();
        return new Lesson(
                senses.symbols() == 0
                        ? Tensor.zeros(all - context, batch, 0)
                        : later(Tensor.of(sample.floats("symbols"), all, batch, senses.symbols())),
                senses.pixels() == 0
                        ? Tensor.zeros(0)
                        : later(Lesson.images(sample.bytes("image"), senses.pixels(), all, batch)),
                text(sample),
                later(Tensor.of(sample.floats("reward"), all, batch)),
                first(sample),
                later(flags(sample, "is_last")),
                later(flags(sample, "is_terminal")),
                before(sample),
                start(sample));
    }

    private Lesson.Text text(Sample sample) {
        long batch = sample.batch(), all = sample.length();
        int manual = senses.besides().manual();
        var plain =
                Lesson.Text.of(
                        senses.hears()
                                ? later(Tensor.of(sample.ints("token"), all, batch).to(DType.I64))
                                : Tensor.zeros(DType.I64, all - context, batch));
        return new Lesson.Text(
                plain.tokens(),
                manual == 0
                        ? plain.manual()
                        : later(Lesson.manual(sample.ints("manual"), senses, all, batch)),
                heard == 0 || context == 0
                        ? Tensor.zeros(batch, heard)
                        : Tensor.of(
                                Arrays.copyOf(sample.floats("heard"), sample.batch() * heard),
                                batch,
                                heard));
    }

    private Tensor later(Tensor all) {
        return all.narrow(0, context, all.size(0) - context);
    }

    private static Tensor flags(Sample sample, String name) {
        return Tensor.of(sample.bytes(name), sample.length(), sample.batch()).to(DType.F32);
    }

    /// Without a stored state each sequence begins as if it were an episode.
    private Tensor first(Sample sample) {
        var flags = flags(sample, "is_first");
        if (context == 0) flags.select(0, 0).fill_(1);
        return later(flags);
    }

    /// The action that led to each step: the one of the row before it.
    private Tensor before(Sample sample) {
        var actions = sample.ints("action");
        int heads = senses.choices().length, width = senses.actions();
        int batch = sample.batch(), steps = sample.length() - context;
        var before = new float[steps * batch * width];
        for (int t = 1 - context; t < steps; t++)
            for (int b = 0; b < batch; b++) {
                int from = ((t + context - 1) * batch + b) * heads, at = (t * batch + b) * width;
                for (int c = 0; c < heads; c++) {
                    before[at + actions[from + c]] = 1;
                    at += senses.choices()[c];
                }
            }
        return Tensor.of(before, steps, batch, width);
    }

    private Rssm.State start(Sample sample) {
        int batch = sample.batch();
        if (context == 0)
            return new Rssm.State(
                    Tensor.zeros(batch, sizes.deter()), Tensor.zeros(batch, sizes.latents()));
        var deter = Arrays.copyOf(sample.floats("deter"), batch * sizes.deter());
        var classes = sample.bytes("stoch");
        var latents = new float[batch * (int) sizes.latents()];
        for (int i = 0; i < batch * sizes.groups(); i++)
            latents[i * sizes.classes() + Byte.toUnsignedInt(classes[i])] = 1;
        return new Rssm.State(
                Tensor.of(deter, batch, sizes.deter()), Tensor.of(latents, batch, sizes.latents()));
    }

    /// Writes the states that the model found for drawn sequences back.
    ///
    /// @param remembered what actor and critic remembered of words `(T, B, H)`
    void refresh(Sample sample, Rssm.Trace trace, Tensor remembered) {
        if (context == 0) return;
        int batch = sample.batch();
        var deter = trace.deter().detach().toFloats();
        var grouped = trace.latents().detach().unflatten(-1, sizes.groups(), sizes.classes());
        var classes = Player.bytes(grouped.argmax(-1, false));
        replay.rewrite(
                sample,
                "deter",
                context,
                (t, b) -> row.set("deter", deter, (t * batch + b) * sizes.deter()));
        replay.rewrite(
                sample,
                "stoch",
                context,
                (t, b) -> row.set("stoch", classes, (t * batch + b) * sizes.groups()));
        if (heard == 0) return;
        var memory = remembered.detach().toFloats();
        replay.rewrite(
                sample,
                "heard",
                context,
                (t, b) -> row.set("heard", memory, (t * batch + b) * heard));
    }

    void save(long update) {
        folder.save(replay, update);
    }

    void load(long update) {
        folder.load(replay, update);
    }

    void keepOnly(List<Long> updates) {
        folder.keepOnly(replay, updates);
    }

    /// Numbers of episodes and steps, for a saved state.
    long[] counts() {
        var counts = Arrays.copyOf(episode, 2 * episode.length);
        System.arraycopy(step, 0, counts, episode.length, step.length);
        return counts;
    }

    void restoreCounts(long[] counts) {
        System.arraycopy(counts, 0, episode, 0, episode.length);
        System.arraycopy(counts, episode.length, step, 0, step.length);
    }
}
