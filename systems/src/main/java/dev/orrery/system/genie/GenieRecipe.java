package dev.orrery.system.genie;

import dev.orrery.env.Film;
import dev.orrery.env.Image;
import dev.orrery.run.Need;
import dev.orrery.run.Progress;
import dev.orrery.run.Recipe;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.worldmodel.play.DreamPrompt;
import dev.orrery.worldmodel.play.DreamSession;
import dev.orrery.worldmodel.play.Dreams;
import dev.orrery.worldmodel.play.KeyScript;
import dev.orrery.worldmodel.play.Sampling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/// Trains a [Genie] on clips of a simulated platformer or of one's own videos, measures it on clips
/// of other levels or videos, and leaves a world that can be played.
public final class GenieRecipe
        implements Recipe.Evaluates<GenieConfig>,
                Recipe.Generates<GenieConfig>,
                Recipe.LearnsFromData<GenieConfig>,
                Recipe.Foretells<GenieConfig>,
                Dreams {

    private static final String WORLD = "world", CALIBRATION = "calibration.json";
    private static final int STARTS = 8, FILM = 16, SCALE = 4, MILLIS = 100;

    @Override
    public String name() {
        return "genie";
    }

    @Override
    public SequencedMap<String, GenieConfig> presets() {
        var presets = new LinkedHashMap<String, GenieConfig>();
        presets.put("laptop", GenieConfig.laptop());
        presets.put("smoke", GenieConfig.smoke());
        presets.put("coinrun", GenieConfig.coinrun());
        presets.put("paper", GenieConfig.paper());
        return presets;
    }

    @Override
    public String dataKey() {
        return "data.video";
    }

    @Override
    public Duration foretell(GenieConfig config, Progress progress) {
        return GenieSpeed.training(config, progress);
    }

    @Override
    public List<Need> needs(GenieConfig config) {
        return config.needs();
    }

    @Override
    public Report run(GenieConfig config, Run run) {
        try (var data = data(config, run);
                var genie = new GenieTraining(config, data, run).train()) {
            var calibration = calibrate(genie, data, run);
            keep(genie, data, calibration, run);
            return measure(genie, data, calibration, run);
        }
    }

    private static Optional<Calibration> calibrate(Genie genie, GenieData data, Run run) {
        run.progress().stage("finding out what latent actions do", 1);
        var calibration = new GenieEvaluation(genie, data, run).calibration();
        calibration.ifPresent(found -> run.write(CALIBRATION, found));
        return calibration;
    }

    private static GenieData data(GenieConfig config, Run run) {
        return GenieData.of(config.data(), run.seed("data"), run.progress());
    }

    /// Where a run keeps what can be played.
    static Path world(Run run) {
        return run.folder().resolve(WORLD);
    }

    private static void keep(
            Genie genie, GenieData data, Optional<Calibration> calibration, Run run) {
        var config = genie.config().data();
        var starts =
                config.video().isEmpty()
                        ? IntStream.range(0, STARTS)
                                .mapToObj(n -> PlayStart.of(run.seed("data"), n))
                                .toList()
                        : List.<PlayStart>of();
        var pictures =
                config.video().isEmpty()
                        ? starts.stream().map(start -> start.picture(config)).toList()
                        : data.firstFrames(STARTS);
        var controls =
                calibration.map(Calibration::controls).orElseGet(() -> uncalibrated(genie, data));
        GenieWeights.save(world(run), genie, controls, starts, pictures);
    }

    private static Controls uncalibrated(Genie genie, GenieData data) {
        int idle = genie.latentActions().isEmpty() ? 0 : new HeldOut(genie, data).usage().most();
        return Controls.unknown(idle);
    }

    private static Report measure(
            Genie genie, GenieData data, Optional<Calibration> calibration, Run run) {
        run.progress().stage("measuring", 1);
        var report = new HeldOut(genie, data).report();
        run.progress().at(1, "");
        return calibration.map(found -> report.plus(found.report())).orElse(report);
    }

    /// Measures what [#run] does and all that the world itself can say about dreams; see
    /// [GenieEvaluation].
    @Override
    public Report evaluate(GenieConfig config, Run run) {
        try (var data = data(config, run);
                var genie = GenieWeights.load(world(run))) {
            var calibration = calibrate(genie, data, run);
            calibration.ifPresent(found -> GenieWeights.save(world(run), found.controls()));
            return measure(genie, data, calibration, run)
                    .plus(new GenieEvaluation(genie, data, run).report(calibration));
        }
    }

    /// Films dreams.
    ///
    /// @param prompt the keys of one dream, see [KeyScript], which becomes `script.gif`; empty for
    ///   dreams that begin alike, one for each latent action, `code-0.gif` and so on
    @Override
    public Report generate(GenieConfig config, Run run, String prompt, Path out) {
        return prompt.isEmpty()
                ? filmCodes(run, out)
                : filmScript(config.evaluation(), run, prompt, out.resolve("script.gif"));
    }

    private static Report filmCodes(Run run, Path out) {
        var start = GenieWeights.prompts(world(run)).getFirst();
        try (var genie = GenieWeights.load(world(run))) {
            run.progress().stage("dreaming", genie.codes());
            for (int code = 0; code < genie.codes(); code++) {
                film(held(genie, start, code), out.resolve("code-%d.gif".formatted(code)));
                run.progress().at(code + 1, "");
                run.heed("dreaming");
            }
            return Report.of("films", genie.codes());
        }
    }

    private static List<Image> held(Genie genie, Image start, int code) {
        var pictures = new ArrayList<Image>();
        try (var dream = Dream.begin(genie, List.of(start), 0)) {
            pictures.add(dream.picture());
            for (int t = 0; t < FILM; t++) {
                pictures.add(dream.step(code));
            }
        }
        return pictures;
    }

    private Report filmScript(GenieConfig.Evaluation settings, Run run, String keys, Path file) {
        try (var session = dream(run.folder())) {
            var codes = KeyScript.codes(keys, session.controls());
            var sampling = new Sampling(settings.maskGitSteps(), settings.temperature());
            run.progress().stage("dreaming", codes.size());
            var pictures = new ArrayList<Image>();
            pictures.add(session.begin(new DreamPrompt.Recorded(0), run.seed()));
            for (int code : codes) {
                pictures.add(session.step(code, sampling));
                run.progress().at(pictures.size() - 1, "");
                run.heed("dreaming");
            }
            film(pictures, file);
            return Report.of("frames", codes.size());
        }
    }

    private static void film(List<Image> pictures, Path file) {
        try {
            Film.gif(file, pictures.stream().map(p -> Film.enlarged(p, SCALE)).toList(), MILLIS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean dreams(Path run) {
        return GenieWeights.isComplete(run.resolve(WORLD));
    }

    @Override
    public DreamSession dream(Path run) {
        return GenieSession.open(run.resolve(WORLD));
    }
}
