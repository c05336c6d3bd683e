package dev.orrery.system.genie;

import dev.orrery.fidelity.Clip;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What a [Genie] makes of any number of clips of bytes, some at a time.
final class GenieBatches {

    private static final int CHUNK = 32;

    private final Genie genie;
    private final MaskGitSampler sampler;
    private final Runnable pause;

    /// @param pause called between batches, to end the work if somebody asked for it
    GenieBatches(Genie genie, MaskGitSampler sampler, Runnable pause) {
        this.genie = genie;
        this.sampler = sampler;
        this.pause = pause;
    }

    Genie genie() {
        return genie;
    }

    /// The latent actions that lead through each clip, `T - 1` each.
    long[][] infer(List<Clip> clips) {
        var codes = new long[clips.size()][];
        for (int from = 0; from < clips.size(); from += CHUNK) {
            try (var _ = TensorScope.open()) {
                var chunk = chunk(clips, from);
                var ids = genie.infer(pixels(chunk));
                int steps = (int) ids.size(1);
                var values = ids.toLongs();
                for (int i = 0; i < chunk.size(); i++) {
                    codes[from + i] = Arrays.copyOfRange(values, i * steps, (i + 1) * steps);
                }
            }
            pause.run();
        }
        return codes;
    }

    /// Clips through the tokenizer and back, as many frames at a time as it sees.
    List<Clip> reconstruct(List<Clip> clips) {
        int context = genie.config().data().context();
        var made = new ArrayList<Clip>();
        for (int from = 0; from < clips.size(); from += CHUNK) {
            try (var _ = TensorScope.open();
                    var _ = Grad.disabled()) {
                var video = pixels(chunk(clips, from));
                var parts = new ArrayList<Tensor>();
                for (long t = 0; t < video.size(1); t += context) {
                    var part = video.narrow(1, t, Math.min(context, video.size(1) - t));
                    var tokenizer = genie.tokenizer();
                    parts.add(tokenizer.decode(tokenizer.encode(part)));
                }
                made.addAll(clips(Tensor.cat(parts, 1)));
            }
            pause.run();
        }
        return made;
    }

    /// The first frame of each clip and what follows when these codes are done; the draws depend on
    /// the seed and a clip's place in the list only.
    ///
    /// @param codes F for each clip
    /// @return clips of `F + 1` frames
    List<Clip> imagine(List<Clip> prompts, long[][] codes, Seed seed) {
        int steps = codes[0].length;
        var dreams = new ArrayList<Clip>();
        for (int from = 0; from < prompts.size(); from += CHUNK) {
            try (var _ = TensorScope.open();
                    var _ = Grad.disabled()) {
                var chunk = chunk(prompts, from);
                var first = pixels(chunk.stream().map(c -> c.slice(0, 1)).toList());
                var flat = new long[chunk.size() * steps];
                for (int i = 0; i < chunk.size(); i++) {
                    System.arraycopy(codes[from + i], 0, flat, i * steps, steps);
                }
                var dream =
                        genie.imagine(
                                first,
                                Tensor.of(new long[0], chunk.size(), 0),
                                Tensor.of(flat, chunk.size(), steps),
                                sampler,
                                seed.split(from));
                dreams.addAll(clips(Tensor.cat(List.of(first, dream), 1)));
            }
            pause.run();
        }
        return dreams;
    }

    private static List<Clip> chunk(List<Clip> clips, int from) {
        return clips.subList(from, Math.min(clips.size(), from + CHUNK));
    }

    /// Clips of one size as numbers in [0, 1], `(B, T, H, W, 3)`.
    static Tensor pixels(List<Clip> clips) {
        var first = clips.getFirst();
        var bytes = new byte[clips.size() * first.rgb().length];
        for (int i = 0; i < clips.size(); i++) {
            System.arraycopy(
                    clips.get(i).rgb(), 0, bytes, i * first.rgb().length, first.rgb().length);
        }
        return VideoTokenizer.pixels(
                Tensor.of(bytes, clips.size(), first.frames(), first.height(), first.width(), 3));
    }

    private static List<Clip> clips(Tensor pixels) {
        int frames = (int) pixels.size(1), height = (int) pixels.size(2);
        int width = (int) pixels.size(3), size = frames * height * width * 3;
        var bytes = VideoTokenizer.rgb(pixels).toBytes();
        var clips = new ArrayList<Clip>();
        for (int from = 0; from < bytes.length; from += size) {
            clips.add(
                    new Clip(frames, height, width, Arrays.copyOfRange(bytes, from, from + size)));
        }
        return clips;
    }

    /// Codes drawn uniformly and independently.
    long[][] random(int clips, int steps, Seed seed) {
        try (var _ = TensorScope.open()) {
            var values = seed.integers(genie.codes(), clips, steps).to(DType.I64).toLongs();
            var codes = new long[clips][];
            for (int i = 0; i < clips; i++) {
                codes[i] = Arrays.copyOfRange(values, i * steps, (i + 1) * steps);
            }
            return codes;
        }
    }
}
