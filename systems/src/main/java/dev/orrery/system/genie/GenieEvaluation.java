package dev.orrery.system.genie;

import dev.orrery.env.Film;
import dev.orrery.env.Image;
import dev.orrery.fidelity.Clip;
import dev.orrery.fidelity.PlatformerClip;
import dev.orrery.fidelity.ProbeVideoFeatures;
import dev.orrery.fidelity.Psnr;
import dev.orrery.fidelity.RandomVideoFeatures;
import dev.orrery.fidelity.VideoFeatures;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// Measures a trained [Genie] on clips of levels that nothing was learned from, where the world
/// itself can say what should have been dreamt.
///
/// With `evaluation.clips` N: [DeltaPsnr] on N clips, video distances on 2 N, [TwinRollouts] from N
/// / 8 places, a [Calibration] on 200 labels and 20 N transitions. Of recordings, whose world
/// nobody can ask, the first two only.
final class GenieEvaluation {

    private static final int USUAL = 256, TRANSITIONS = 5_000, SCALE = 4, MILLIS = 100, FILMS = 4;
    private static final int FEWEST = 4;
    private static final String FOLDER = "evaluation";
    private static final Seed PROBE = Seed.of(20_240_224);

    /// Purposes that held-out levels are set apart for: an episode's number begins with it.
    private static final int TEST = 1 << 20, LABEL = 2 << 20, TRANSITION = 3 << 20, TWIN = 4 << 20;

    private final Genie genie;
    private final GenieData data;
    private final Run run;
    private final GenieBatches batches;
    private final Seed seed, levels;
    private final int clips, context;
    private Optional<HeldOutClips> held = Optional.empty();

    /// Clips to dream beside.
    ///
    /// @param truths as the models see them
    /// @param codes what leads through each
    private record HeldOutClips(List<Clip> truths, long[][] codes) {}

    /// @param run gives seeds and is asked to stop between batches
    GenieEvaluation(Genie genie, GenieData data, Run run) {
        this.genie = genie;
        this.data = data;
        this.run = run;
        var config = genie.config();
        batches =
                new GenieBatches(
                        genie,
                        MaskGitSampler.of(config.evaluation()),
                        () -> run.heed("evaluating"));
        seed = Seed.of(run.heldOutSeed());
        levels = run.seed("data");
        clips = config.evaluation().clips();
        context = config.data().context();
    }

    private HeldOutClips held() {
        if (held.isEmpty()) {
            var worlds =
                    simulated()
                            ? collect(TEST, 2 * clips, context, false)
                            : List.<PlatformerClip>of();
            var truths =
                    simulated()
                            ? views(worlds)
                            : recorded((int) Math.min(2L * clips, data.heldOutSize()));
            held = Optional.of(new HeldOutClips(truths, codes(worlds, truths)));
        }
        return held.get();
    }

    private boolean simulated() {
        return genie.config().data().video().isEmpty();
    }

    private List<PlatformerClip> collect(int purpose, int count, int frames, boolean standing) {
        return PlatformerClip.collect(
                episode -> GenieData.level(levels, purpose + episode, 1), count, frames, standing);
    }

    /// Clips at the size that the models see.
    private List<Clip> views(List<PlatformerClip> clips) {
        return clips.stream().map(clip -> view(clip.clip())).toList();
    }

    private Clip view(Clip clip) {
        var size = genie.config().data();
        return clip.resized(size.height(), size.width());
    }

    private List<Clip> recorded(int count) {
        var found = new ArrayList<Clip>();
        for (int first = 0; first < count; first++) {
            try (var _ = TensorScope.open()) {
                var size = genie.config().data();
                var rgb = data.heldOut(first, 1, count).rgb().toBytes();
                found.add(new Clip(context, size.height(), size.width(), rgb));
            }
        }
        return found;
    }

    /// The codes that lead through clips; the data's own actions where the models know those.
    private long[][] codes(List<PlatformerClip> worlds, List<Clip> views) {
        if (genie.latentActions().isPresent()) {
            return batches.infer(views);
        }
        var done = new long[views.size()][];
        for (int i = 0; i < done.length; i++) {
            if (simulated()) {
                done[i] =
                        worlds.get(i).steps().stream()
                                .mapToLong(step -> step.action().ordinal())
                                .toArray();
            } else {
                try (var _ = TensorScope.open()) {
                    done[i] = data.heldOut(i, 1, done.length).actions().toLongs();
                }
            }
        }
        return done;
    }

    // ---- parts

    /// How much the actions matter.
    DeltaPsnr deltaPsnr() {
        var held = held();
        return DeltaPsnr.measure(
                batches, held.truths(), held.codes(), compared(), seed.split("delta"));
    }

    /// How many clips are dreamt several times; recordings may have fewer than asked for.
    private int compared() {
        return Math.min(clips, held().truths().size());
    }

    /// PSNR of clips through the tokenizer and back, in dB.
    Report reconstruction() {
        var truths = held().truths();
        var made = batches.reconstruct(truths);
        double mean =
                IntStream.range(0, truths.size())
                        .mapToDouble(i ->
                                Arrays.stream(Psnr.each(truths.get(i), made.get(i)))
                                        .average()
                                        .orElseThrow())
                        .average()
                        .orElseThrow();
        return Report.of("reconstruction_psnr", mean);
    }

    /// The distance of dreams from the very clips whose codes they follow, and, to compare, that of
    /// two halves of the true clips.
    Report distances(VideoFeatures features, List<Clip> dreams) {
        if (dreams.size() < FEWEST) {
            run.progress()
                    .note(
                            "%d held-out clips have no %s; it needs %d"
                                    .formatted(dreams.size(), features.name(), FEWEST));
            return Report.empty();
        }
        var name = features.name().replace('-', '_');
        return Report.of(name, features.distance(held().truths(), dreams))
                .with(name + "_halves", features.distance(every(0), every(1)));
    }

    private List<Clip> every(int second) {
        var truths = held().truths();
        return IntStream.range(0, truths.size())
                .filter(i -> i % 2 == second)
                .mapToObj(truths::get)
                .toList();
    }

    private ProbeVideoFeatures probe() {
        double share = Math.min(1, clips / (double) USUAL);
        var usual = ProbeVideoFeatures.Training.USUAL;
        var training =
                new ProbeVideoFeatures.Training(
                        (int) Math.ceil(share * usual.steps()),
                        usual.batch(),
                        (int) Math.max(usual.batch(), share * usual.clips()));
        run.progress().stage("training the probe", training.steps());
        return ProbeVideoFeatures.train(
                training,
                episode -> GenieData.level(PROBE, episode, 1),
                context,
                this::view,
                PROBE);
    }

    /// Which latent action stands for which action; nothing for recordings and for worlds that were
    /// trained with real actions.
    Optional<Calibration> calibration() {
        if (!simulated() || genie.latentActions().isEmpty()) {
            return Optional.empty();
        }
        int transitions = Math.min(TRANSITIONS, 20 * clips);
        var labelled = collect(LABEL, Calibration.labelledClips(), context, false);
        var tested = collect(TRANSITION, Math.ceilDiv(transitions, context - 1), context, false);
        return Optional.of(
                Calibration.of(
                        labelled,
                        batches.infer(views(labelled)),
                        tested,
                        batches.infer(views(tested)),
                        genie.codes()));
    }

    /// The world beside its dream.
    TwinRollouts twins(Controls controls) {
        var worlds = collect(TWIN, Math.max(2, clips / 8), TwinRollouts.STEPS + 1, true);
        return TwinRollouts.of(batches, worlds, views(worlds), controls, seed.split("twin"));
    }

    // ---- all of it

    /// Measures everything; writes `evaluation.json` and pictures into the run's folder.
    ///
    /// @param calibration what [#calibration] found
    Report report(Optional<Calibration> calibration) {
        var hashes = new LinkedHashMap<String, String>();
        run.progress().stage("dreaming held-out clips", 1);
        var delta = deltaPsnr();
        var report = delta.report().plus(reconstruction());
        try (var features = new RandomVideoFeatures()) {
            report = report.plus(distances(features, delta.dreams()));
            hashes.put(features.name(), features.hash());
        }
        if (simulated()) {
            try (var features = probe()) {
                report = report.plus(distances(features, delta.dreams()));
                hashes.put(features.name(), features.hash());
            }
        }
        if (calibration.isPresent()) {
            report = report.plus(calibration.get().report());
        }
        var controls = calibration.map(Calibration::controls).or(this::own);
        if (simulated() && controls.isPresent()) {
            run.progress().stage("dreaming beside the world", 1);
            var twins = twins(controls.get());
            report = report.plus(twins.report());
            film(twins);
        }
        strips();
        write(report, hashes, delta);
        return report;
    }

    /// The controls of a world that was trained with real actions: each is its own code.
    private Optional<Controls> own() {
        var names = genie.actionNames();
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Controls(
                                names,
                                IntStream.range(0, names.size()).boxed().toList(),
                                0,
                                List.of()));
    }

    private void write(Report report, Map<String, String> hashes, DeltaPsnr delta) {
        var page = new LinkedHashMap<String, Object>();
        page.put("metrics", report.metrics());
        page.put("features", hashes);
        page.put("delta_psnr", delta.latent());
        page.put("delta_psnr_shuffled", delta.shuffled());
        page.put("clips", Map.of("delta_psnr", compared(), "distances", held().truths().size()));
        page.put("sampling", genie.config().evaluation());
        run.write("evaluation.json", page);
    }

    private Path picture(String name) {
        return run.folder().resolve(FOLDER).resolve(name);
    }

    /// A film of some rollouts: truth, tokenized truth, dream.
    private void film(TwinRollouts twins) {
        var frames = new ArrayList<Image>();
        for (var film : twins.beside(FILMS)) {
            for (int t = 0; t < film.frames(); t++) {
                frames.add(
                        Film.captioned(
                                Film.enlarged(film.frame(t), SCALE),
                                "world | tokenizer | dream, frame %d".formatted(t)));
            }
        }
        save(() -> Film.gif(picture("twins.gif"), frames, MILLIS));
    }

    /// A row for each code: the first frame and what follows when the code is done again and again.
    private void strips() {
        int steps = context - 1, all = genie.codes();
        var prompts = java.util.Collections.nCopies(all, held().truths().getFirst());
        var held = new long[all][steps];
        for (int code = 0; code < all; code++) {
            Arrays.fill(held[code], code);
        }
        var pictures = new ArrayList<Image>();
        for (var dream : batches.imagine(prompts, held, seed.split("strips"))) {
            pictures.addAll(dream.pictures());
        }
        save(() -> Film.png(picture("codes.png"), Film.sheet(pictures, steps + 1)));
    }

    private interface Saving {
        void save() throws IOException;
    }

    private static void save(Saving saving) {
        try {
            saving.save();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
