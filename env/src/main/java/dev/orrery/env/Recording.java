package dev.orrery.env;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// One episode of a [WordEnv], moment by moment, for files and films.
///
/// @param shape extents of the symbols
/// @param moments what was perceived, from the first to the last
/// @param choices the choices of each action, one fewer than moments
/// @param terminated whether the episode ended in the world's own terms
public record Recording(
        int[] shape, List<Moment> moments, List<int[]> choices, boolean terminated) {

    /// One moment.
    ///
    /// @param symbols what was seen
    /// @param picture the same as a picture
    /// @param token the word that was said
    /// @param utterance the sentence that it belongs to
    /// @param reward the reward that led here
    /// @param reading whether the world stood still
    public record Moment(
            float[] symbols,
            Image picture,
            int token,
            String utterance,
            double reward,
            boolean reading) {}

    /// Plays one episode and keeps it.
    public static <A, E extends WordEnv<A>> Recording of(
            E env, Function<? super E, ? extends A> policy, long seed) {
        var moments = new ArrayList<Moment>();
        var choices = new ArrayList<int[]>();
        env.begin(seed);
        moments.add(moment(env, 0));
        while (!env.terminated() && !env.truncated()) {
            A action = policy.apply(env);
            choices.add(env.actions().choices(action));
            moments.add(moment(env, env.advance(action)));
        }
        return new Recording(
                env.symbolShape(), List.copyOf(moments), List.copyOf(choices), env.terminated());
    }

    private static Moment moment(WordEnv<?> env, double reward) {
        return new Moment(
                env.symbols(), env.picture(), env.token(), env.utterance(), reward, env.reading());
    }

    /// The sum of the rewards.
    public double score() {
        return moments.stream().mapToDouble(Moment::reward).sum();
    }

    /// Writes the episode as `.npz` with one entry a moment: `symbols`, `image`, `token`, `reward`,
    /// `action` (that taken there; zeros at the last), `is_first`, `is_last`, `is_terminal`,
    /// `is_read_step`.
    ///
    /// @throws IOException if the file cannot be written
    public void write(Path file) throws IOException {
        int length = moments.size(), width = moments.getFirst().symbols().length;
        int heads = choices.isEmpty() ? 1 : choices.getFirst().length;
        var picture = moments.getFirst().picture();
        var symbols = new float[length * width];
        var images = new byte[length * picture.rgb().length];
        var tokens = new int[length];
        var rewards = new float[length];
        var actions = new int[length * heads];
        var first = new boolean[length];
        var last = new boolean[length];
        var terminal = new boolean[length];
        var reading = new boolean[length];
        for (int t = 0; t < length; t++) {
            var moment = moments.get(t);
            System.arraycopy(moment.symbols(), 0, symbols, t * width, width);
            var rgb = moment.picture().rgb();
            System.arraycopy(rgb, 0, images, t * rgb.length, rgb.length);
            tokens[t] = moment.token();
            rewards[t] = (float) moment.reward();
            reading[t] = moment.reading();
            if (t < choices.size()) {
                System.arraycopy(choices.get(t), 0, actions, t * heads, heads);
            }
        }
        first[0] = true;
        last[length - 1] = true;
        terminal[length - 1] = terminated;
        try (var out = Npz.create(file)) {
            out.floats("symbols", symbols, prepend(length, shape));
            out.bytes("image", images, length, picture.height(), picture.width(), 3);
            out.ints("token", tokens, length);
            out.floats("reward", rewards, length);
            out.ints("action", actions, length, heads);
            out.booleans("is_first", first, length);
            out.booleans("is_last", last, length);
            out.booleans("is_terminal", terminal, length);
            out.booleans("is_read_step", reading, length);
        }
    }

    private static int[] prepend(int first, int... rest) {
        var all = new int[rest.length + 1];
        all[0] = first;
        System.arraycopy(rest, 0, all, 1, rest.length);
        return all;
    }

    /// Writes the pictures as an animated GIF, with what is being said below each.
    ///
    /// @param scale pixels a pixel
    /// @throws IOException if the file cannot be written
    public void film(Path file, int scale, int frameMillis) throws IOException {
        Film.gif(
                file,
                moments.stream()
                        .map(m -> Film.captioned(Film.enlarged(m.picture(), scale), m.utterance()))
                        .toList(),
                frameMillis);
    }
}
