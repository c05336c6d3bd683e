package dev.orrery.system.genie;

import dev.orrery.env.platformer.Level;
import dev.orrery.fidelity.Clip;
import dev.orrery.fidelity.EventScore;
import dev.orrery.fidelity.Jumps;
import dev.orrery.fidelity.PlatformerClip;
import dev.orrery.fidelity.PlayerFinder;
import dev.orrery.fidelity.Psnr;
import dev.orrery.fidelity.ScrollFinder;
import dev.orrery.fidelity.Ssim;
import dev.orrery.run.Report;
import dev.orrery.tensor.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// The world and a dream of it from the same first frame, driven by the same actions for 16 steps;
/// the dream is told the codes that a [Calibration] gives for them.
///
/// Rollouts begin where the player stands, as a frame in the air does not say how fast it is. What
/// is measured of dreams is also measured of the true frames after the tokenizer: no dream can be
/// expected to do better. Pixels are the world's own, of 64.
///
/// @param truths the world's frames, as the models see them
/// @param dreams the dreams, first frames included
/// @param tokenized the true frames through the tokenizer and back
/// @param worlds what the world knows about `truths`
record TwinRollouts(
        List<Clip> truths, List<Clip> dreams, List<Clip> tokenized, List<PlatformerClip> worlds) {

    /// Steps of a rollout.
    static final int STEPS = 16;

    private static final int[] HORIZONS = {1, 2, 4, 8, 16};
    private static final int SCROLL_RANGE = 48, LATE = 1;

    /// @param worlds of `STEPS + 1` frames
    static TwinRollouts of(
            GenieBatches batches,
            List<PlatformerClip> worlds,
            List<Clip> truths,
            Controls controls,
            Seed seed) {
        var codes = new long[worlds.size()][];
        for (int i = 0; i < codes.length; i++) {
            codes[i] =
                    worlds.get(i).steps().stream()
                            .mapToLong(s -> controls.codes().get(s.effective().ordinal()))
                            .toArray();
        }
        return new TwinRollouts(
                truths, batches.imagine(truths, codes, seed), batches.reconstruct(truths), worlds);
    }

    /// What is seen in a kind of films.
    private record Seen(double visible, double playerError, double scrollError, double jumps) {}

    Report report() {
        var dream = look(dreams);
        var best = look(tokenized);
        var report = Report.empty();
        for (int h : HORIZONS) {
            report = report.with("twin_psnr@" + h, mean(dreams, (a, b) -> Psnr.of(a, h, b, h)));
        }
        report = report.with("twin_psnr_still@16", mean(truths, (a, b) -> Psnr.of(a, STEPS, b, 0)));
        if (truths.getFirst().height() >= Ssim.WINDOW) {
            for (int h : HORIZONS) {
                report = report.with("twin_ssim@" + h, mean(dreams, (a, b) -> Ssim.of(a, h, b, h)));
            }
        }
        return report.with("player_visible", dream.visible)
                .with("player_error", dream.playerError)
                .with("scroll_error", dream.scrollError)
                .with("jump_f1", dream.jumps)
                .with("player_visible_tokenizer", best.visible)
                .with("player_error_tokenizer", best.playerError)
                .with("scroll_error_tokenizer", best.scrollError)
                .with("jump_f1_tokenizer", best.jumps);
    }

    private interface Measure {
        double of(Clip truth, Clip other);
    }

    private double mean(List<Clip> others, Measure measure) {
        return IntStream.range(0, truths.size())
                .mapToDouble(i -> measure.of(truths.get(i), others.get(i)))
                .average()
                .orElseThrow();
    }

    private Seen look(List<Clip> films) {
        double visible = 0, found = 0, error = 0, scroll = 0, frames = 0;
        var jumps = EventScore.NONE;
        var finders = new HashMap<Long, ScrollFinder>();
        for (int i = 0; i < films.size(); i++) {
            var film = films.get(i);
            var world = worlds.get(i);
            var sightings = sightings(film);
            var finder = finder(finders, world, film);
            for (int t = 1; t < film.frames(); t++) {
                var moment = world.moments().get(t);
                frames++;
                scroll +=
                        Math.abs(
                                finder.find(film, t, moment.scroll(), SCROLL_RANGE)
                                        - moment.scroll());
                if (sightings.get(t).isPresent()) {
                    visible++;
                    found++;
                    error += distance(sightings.get(t).get(), moment);
                }
            }
            jumps = jumps.plus(EventScore.of(jumped(world), Jumps.in(sightings), LATE));
        }
        return new Seen(
                visible / frames,
                found == 0 ? Level.TILE * 8 : error / found,
                scroll / frames,
                jumps.f1());
    }

    private static ScrollFinder finder(
            Map<Long, ScrollFinder> finders, PlatformerClip world, Clip film) {
        return finders.computeIfAbsent(
                world.level(),
                level ->
                        new ScrollFinder(
                                Level.of(level), c -> c.resized(film.height(), film.width())));
    }

    private static List<Optional<PlayerFinder.Sighting>> sightings(Clip film) {
        return IntStream.range(0, film.frames()).mapToObj(t -> PlayerFinder.find(film, t)).toList();
    }

    private static double distance(PlayerFinder.Sighting seen, PlatformerClip.Moment moment) {
        double half = Level.TILE / 2.0;
        return Math.hypot(seen.x() - moment.x() - half, seen.y() - moment.y() - half);
    }

    private static boolean[] jumped(PlatformerClip world) {
        var jumped = new boolean[world.steps().size()];
        for (int t = 0; t < jumped.length; t++) {
            jumped[t] = world.steps().get(t).jumped();
        }
        return jumped;
    }

    /// Truth, tokenized truth and dream side by side, of some rollouts one after another.
    List<Clip> beside(int most) {
        var films = new ArrayList<Clip>();
        for (int i = 0; i < Math.min(most, truths.size()); i++) {
            films.add(join(List.of(truths.get(i), tokenized.get(i), dreams.get(i))));
        }
        return films;
    }

    private static Clip join(List<Clip> clips) {
        var first = clips.getFirst();
        int gap = 2, height = first.height(), width = first.width();
        int wide = clips.size() * (width + gap) - gap;
        var rgb = new byte[first.frames() * height * wide * 3];
        Arrays.fill(rgb, (byte) 255);
        for (int k = 0; k < clips.size(); k++) {
            for (int row = 0; row < first.frames() * height; row++) {
                System.arraycopy(
                        clips.get(k).rgb(),
                        row * width * 3,
                        rgb,
                        (row * wide + k * (width + gap)) * 3,
                        width * 3);
            }
        }
        return new Clip(first.frames(), height, wide, rgb);
    }
}
