package dev.orrery.system.dynalang;

import dev.orrery.env.Lanes;
import dev.orrery.env.Vocabulary;
import dev.orrery.env.WordEnv;
import dev.orrery.run.Report;
import dev.orrery.system.dynalang.DynalangConfig.Reading;
import dev.orrery.system.dynalang.DynalangConfig.View;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// Worlds side by side, as an agent meets them: what each shows now, and one step of all.
final class Stage {

    private final Lanes<?> lanes;
    private final Senses senses;
    private final boolean sentences, pictures;
    private final List<Manual> manuals;

    private Stage(Lanes<?> lanes, Senses senses, DynalangConfig.World world) {
        this.lanes = lanes;
        this.senses = senses;
        sentences = world.reading() == Reading.SENTENCE;
        pictures = world.view() == View.PIXELS;
        int room = senses.besides().manual();
        manuals =
                Stream.generate(() -> new Manual(room))
                        .limit(room == 0 ? 0 : lanes.size())
                        .toList();
        hear();
    }

    /// Opens several alike.
    static Stage open(DynalangConfig.World world, int count, long seed) {
        var first = Worlds.open(world);
        return new Stage(lanes(first, world, count, seed), Worlds.senses(world, first), world);
    }

    private static <A> Lanes<A> lanes(
            WordEnv<A> like, DynalangConfig.World world, int count, long seed) {
        @SuppressWarnings("unchecked")
        List<WordEnv<A>> worlds =
                Stream.generate(() -> (WordEnv<A>) Worlds.open(world)).limit(count).toList();
        return new Lanes<>(worlds, seed, false);
    }

    Senses senses() {
        return senses;
    }

    int size() {
        return lanes.size();
    }

    /// Steps every world; one that was at its end begins anew instead.
    void step(int[] choices) {
        lanes.step(choices);
        hear();
    }

    private void hear() {
        for (int n = 0; n < manuals.size(); n++) manuals.get(n).hear(lanes.env(n), first()[n]);
    }

    /// What each world shows in symbols, `(N, D)`; empty where only pixels are seen. Where
    /// sentences are seen, the words of the present one follow, 1 for each that is in it.
    float[] symbols() {
        if (senses.symbols() == 0) return new float[0];
        if (!sentences) return lanes.symbols();
        int own = pictures ? 0 : lanes.env(0).symbolCount();
        var all = new float[size() * senses.symbols()];
        for (int n = 0; n < size(); n++) {
            System.arraycopy(lanes.symbols(), n * own, all, n * senses.symbols(), own);
            var env = lanes.env(n);
            for (int word : env.vocabulary().encode(env.utterance()))
                if (word != Vocabulary.PAD) all[n * senses.symbols() + own + word] = 1;
        }
        return all;
    }

    /// What each world shows in pixels, `(N, P, P, 3)`; empty where symbols are seen.
    byte[] pixels() {
        int bytes = senses.pixels() * senses.pixels() * 3;
        var all = new byte[size() * bytes];
        for (int n = 0; n < size() && bytes > 0; n++)
            System.arraycopy(lanes.env(n).picture().rgb(), 0, all, n * bytes, bytes);
        return all;
    }

    int[] tokens() {
        return lanes.tokens();
    }

    /// What has been said in each episode so far, `(N, M)`; empty where nobody looks it up.
    int[] manual() {
        return manuals.stream().flatMapToInt(m -> Arrays.stream(m.words())).toArray();
    }

    float[] rewards() {
        return lanes.rewards();
    }

    boolean[] first() {
        return lanes.first();
    }

    boolean[] last() {
        return lanes.last();
    }

    boolean[] terminal() {
        return lanes.terminal();
    }

    /// What one world says about the episode that has ended in it.
    Report outcome(int lane) {
        return Worlds.outcome(lanes.env(lane));
    }

    /// Everything that the rest depends on.
    long[] state() {
        var manual = Arrays.stream(manual()).asLongStream();
        return LongStream.concat(Arrays.stream(lanes.state()), manual).toArray();
    }

    void restore(long[] state) {
        int room = senses.besides().manual(), end = state.length - manuals.size() * room;
        lanes.restore(Arrays.copyOf(state, end));
        for (int n = 0; n < manuals.size(); n++)
            manuals.get(n)
                    .restore(
                            Arrays.stream(state, end + n * room, end + (n + 1) * room)
                                    .mapToInt(Math::toIntExact)
                                    .toArray());
    }
}
