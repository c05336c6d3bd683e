package dev.orrery.lm.decoder;

import dev.orrery.nn.KvCache;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Writes completions of several prompts at once.
///
/// Prompts are padded on the left and positions count real tokens, so what a prompt gets does not
/// depend on its company. Each row draws from a seed of its own, so what is drawn does not either.
/// A prompt that wants several samples is read once. Rows that ended leave the batch once they are
/// more than half of it.
public final class Generator {

    private final CausalLm lm;
    private final Settings settings;

    /// What ends a completion, and how tokens are drawn.
    ///
    /// @param sampler how tokens are drawn
    /// @param most most tokens written
    /// @param samples completions of each prompt
    /// @param ends ids of end tokens
    /// @param stops texts that end a completion wherever they occur in what was written
    public record Settings(
            Sampler sampler, int most, int samples, Set<Long> ends, List<String> stops) {

        public Settings {
            ends = Set.copyOf(ends);
            stops = List.copyOf(stops);
            if (most < 1 || samples < 1) {
                throw new IllegalArgumentException(
                        "generator: %d tokens, %d samples; use at least 1 of each"
                                .formatted(most, samples));
            }
        }

        /// One completion a prompt, without stop texts.
        public static Settings of(Sampler sampler, int most, Set<Long> ends) {
            return new Settings(sampler, most, 1, ends, List.of());
        }
    }

    /// Told each token as it is written.
    @FunctionalInterface
    public interface Listener {
        /// @param prompt the prompt's place in the list
        /// @param sample which of its completions
        void wrote(int prompt, int sample, Sampler.Draw token);
    }

    public Generator(CausalLm lm, Settings settings) {
        this.lm = lm;
        this.settings = settings;
    }

    /// One row of the batch.
    private static final class Row {
        final int prompt, sample, padding;
        final Seed seed;
        final List<Sampler.Draw> written = new ArrayList<>();
        final long[] start;
        Completion.@Nullable End end;

        Row(int prompt, int sample, long[] start, long longest, Seed seed) {
            this.prompt = prompt;
            this.sample = sample;
            padding = (int) longest - start.length;
            this.start = start;
            this.seed = seed;
        }

        long[] all() {
            var ids = Arrays.copyOf(start, start.length + written.size());
            for (int i = 0; i < written.size(); i++) ids[start.length + i] = written.get(i).id();
            return ids;
        }
    }

    /// Completions without stop texts, listeners or interruption.
    public List<Completion> generate(List<long[]> prompts, Seed seed) {
        return generate(prompts, seed, _ -> "", (_, _, _) -> {}, () -> false);
    }

    /// Completions, prompt by prompt, its samples one after the other.
    ///
    /// @param prompts token ids, none empty
    /// @param text what tokens say, for stop texts
    /// @param listener told each token
    /// @param interrupted asked before each step
    /// @throws IllegalArgumentException if a prompt is empty, holds an id that the model lacks, or
    ///   is longer than the model's context
    public List<Completion> generate(
            List<long[]> prompts,
            Seed seed,
            Function<long[], String> text,
            Listener listener,
            BooleanSupplier interrupted) {
        check(prompts);
        if (prompts.isEmpty()) return List.of();
        long longest = prompts.stream().mapToLong(p -> p.length).max().orElseThrow();
        var rows = new ArrayList<Row>();
        for (int p = 0; p < prompts.size(); p++) {
            for (int s = 0; s < settings.samples(); s++) {
                rows.add(new Row(p, s, prompts.get(p), longest, seed.split(p).split(s)));
            }
        }
        var caches = lm.model().caches(longest + settings.most());
        try (var _ = Grad.disabled()) {
            run(prompts, rows, longest, caches, text, listener, interrupted);
        } finally {
            caches.forEach(KvCache::close);
        }
        return rows.stream()
                .map(row ->
                        new Completion(
                                row.prompt,
                                row.written,
                                row.end == null ? Completion.End.INTERRUPTED : row.end))
                .toList();
    }

    private void check(List<long[]> prompts) {
        int vocabulary = lm.model().config().vocabulary();
        int context = lm.model().config().positions().context();
        for (int p = 0; p < prompts.size(); p++) {
            var ids = prompts.get(p);
            if (ids.length == 0 || ids.length >= context) {
                throw new IllegalArgumentException(
                        "generator: prompt %d has %d tokens; the model takes 1 to %d"
                                .formatted(p, ids.length, context - 1));
            }
            for (long id : ids) {
                if (id < 0 || id >= vocabulary) {
                    throw new IllegalArgumentException(
                            "generator: prompt %d holds token %d; the vocabulary has %d"
                                    .formatted(p, id, vocabulary));
                }
            }
        }
    }

    private void run(
            List<long[]> prompts,
            List<Row> rows,
            long longest,
            List<KvCache> caches,
            Function<long[], String> text,
            Listener listener,
            BooleanSupplier interrupted) {
        List<Row> active = rows;
        var next = first(prompts, longest, caches);
        for (int step = 0; step < settings.most(); step++) {
            if (interrupted.getAsBoolean()) return;
            for (int r = 0; r < active.size(); r++) {
                if (active.get(r).end == null) write(active.get(r), next[r], text, listener);
            }
            var alive = active.stream().filter(row -> row.end == null).toList();
            if (alive.isEmpty()) return;
            if (2 * alive.size() < active.size()) {
                keep(caches, active, alive);
                active = alive;
            }
            if (step + 1 < settings.most()) next = step(active, longest + step, caches);
        }
    }

    /// Reads every prompt once, then gives each of its samples a row.
    private float[][] first(List<long[]> prompts, long longest, List<KvCache> caches) {
        try (var _ = TensorScope.open()) {
            var ids = new long[(int) (prompts.size() * longest)];
            var mask = new long[ids.length];
            for (int p = 0; p < prompts.size(); p++) {
                var prompt = prompts.get(p);
                int from = (int) ((p + 1) * longest) - prompt.length;
                System.arraycopy(prompt, 0, ids, from, prompt.length);
                Arrays.fill(mask, from, from + prompt.length, 1);
            }
            var there = Tensor.of(mask, prompts.size(), longest);
            var pass =
                    DecoderPass.whole(longest)
                            .asking(1)
                            .at(there.cumsum(1).sub(1).clampMin(0))
                            .padded(there)
                            .after(caches);
            var hidden =
                    lm.model()
                            .forward(
                                    lm.model().embed(Tensor.of(ids, prompts.size(), longest)),
                                    pass);
            var logits = last(hidden);
            var all = new float[prompts.size() * settings.samples()][];
            for (int r = 0; r < all.length; r++) all[r] = logits[r / settings.samples()];
            if (settings.samples() > 1) {
                var which = new long[all.length];
                for (int r = 0; r < which.length; r++) which[r] = r / settings.samples();
                caches.forEach(cache -> cache.select(which));
            }
            return all;
        }
    }

    /// One token more for every row; those that ended write on into the void until they leave.
    private float[][] step(List<Row> active, long width, List<KvCache> caches) {
        try (var _ = TensorScope.open()) {
            int count = active.size(), all = (int) width + 1;
            var ids = new long[count];
            var positions = new long[count];
            var mask = new long[count * all];
            for (int r = 0; r < count; r++) {
                var row = active.get(r);
                ids[r] = row.written.getLast().id();
                positions[r] = width - row.padding;
                Arrays.fill(mask, r * all + row.padding, (r + 1) * all, 1);
            }
            var pass =
                    DecoderPass.whole(1)
                            .at(Tensor.of(positions, count, 1))
                            .padded(Tensor.of(mask, count, all))
                            .after(caches);
            var embedded = lm.model().embed(Tensor.of(ids, count, 1));
            return last(lm.model().forward(embedded, pass));
        }
    }

    /// Logits of the last position, row by row.
    private float[][] last(Tensor hidden) {
        var logits = lm.logits(hidden.select(1, -1)).to(DType.F32);
        int count = (int) logits.size(0), width = (int) logits.size(1);
        var flat = logits.toFloats();
        var rows = new float[count][];
        for (int r = 0; r < count; r++) {
            rows[r] = Arrays.copyOfRange(flat, r * width, (r + 1) * width);
        }
        return rows;
    }

    private void write(Row row, float[] logits, Function<long[], String> text, Listener listener) {
        double chance = row.seed.split(row.written.size()).uniforms(1)[0];
        var draw = settings.sampler().draw(logits, row.all(), chance);
        row.written.add(draw);
        listener.wrote(row.prompt, row.sample, draw);
        if (settings.ends().contains((long) draw.id())) {
            row.end = Completion.End.EOS;
        } else if (stopped(row, text)) {
            row.end = Completion.End.STOP;
        } else if (row.written.size() == settings.most()) {
            row.end = Completion.End.LENGTH;
        }
    }

    private boolean stopped(Row row, Function<long[], String> text) {
        if (settings.stops().isEmpty()) return false;
        var ids = row.written.stream().mapToLong(Sampler.Draw::id).toArray();
        var said = text.apply(ids);
        return settings.stops().stream().anyMatch(said::contains);
    }

    private static void keep(List<KvCache> caches, List<Row> active, List<Row> alive) {
        var rows = alive.stream().mapToLong(active::indexOf).toArray();
        caches.forEach(cache -> cache.select(rows));
    }
}
