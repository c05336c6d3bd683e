package dev.orrery.system.lora;

import dev.orrery.adapter.Strength;
import dev.orrery.policy.adapt.Adaptation;
import dev.orrery.policy.adapt.Adapts;
import dev.orrery.policy.adapt.Pupil;
import dev.orrery.policy.adapt.ShiftedLab;
import dev.orrery.policy.tabletop.PictureSheet;
import dev.orrery.run.Need;
import dev.orrery.run.Recipe;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunState;
import dev.orrery.run.SharedRun;
import dev.orrery.run.TabletopDemonstrations;
import dev.orrery.run.Watch;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Adapts a policy to the shifted table and measures it there and on the table it comes from. The
/// policy is given, or trained first, in the run's folder `base`.
public final class LoraRecipe
        implements Recipe.Evaluates<LoraConfig>, Recipe.Diagnoses<LoraConfig> {

    private static final String ADAPTER = "adapter", BASE = "base";
    private static final int LOG_EVERY = 10, CHECKED = 64;

    private final Recipe<?> training;
    private final Adapts system;

    /// @param training trains bases
    /// @param system opens them
    public LoraRecipe(Recipe<?> training, Adapts system) {
        this.training = training;
        this.system = system;
    }

    @Override
    public String name() {
        return "lora";
    }

    @Override
    public SequencedMap<String, LoraConfig> presets() {
        var presets = new LinkedHashMap<String, LoraConfig>();
        presets.put("laptop", LoraConfig.laptop());
        presets.put("demo", LoraConfig.demo());
        presets.put("smoke", LoraConfig.smoke());
        presets.put(
                "full",
                LoraConfig.laptop().with(LoraConfig.laptop().way().with(LoraConfig.Method.FULL)));
        return presets;
    }

    @Override
    public List<Need> needs(LoraConfig config) {
        var training = config.training();
        return List.of(
                TabletopDemonstrations.need(
                        "training.perFamily", training.families(), training.perFamily()),
                TabletopDemonstrations.need(
                        "training.validation", training.families(), training.validation()),
                Need.numbers("training.batch", training.batch(), PictureSheet.NUMBERS));
    }

    @Override
    public Report run(LoraConfig config, Run run) {
        var lab = lab(config, run);
        try (var pupil = lab.pupil();
                var adaptation = adaptation(config, lab, pupil)) {
            train(config, run, adaptation);
            adaptation
                    .adapter()
                    .ifPresent(a -> a.save(run.folder().resolve(ADAPTER), training.name()));
            return measure(lab, pupil, adaptation);
        }
    }

    @Override
    public Report evaluate(LoraConfig config, Run run) {
        var lab = lab(config, run);
        try (var pupil = lab.pupil();
                var adaptation = adaptation(config, lab, pupil)) {
            run.resume(state(adaptation));
            return measure(lab, pupil, adaptation);
        }
    }

    private ShiftedLab lab(LoraConfig config, Run run) {
        return new ShiftedLab(
                system,
                base(config.base(), run.folder().resolve(BASE), run),
                run.folder().resolve("adapted"),
                config.budget(),
                run.seed(),
                run.heldOutSeed(),
                new Watch(run)::at);
    }

    /// The base's policy folder; trains it in a folder of its own if none is given.
    private Path base(LoraConfig.Base wanted, Path shared, Run run) {
        if (wanted.folder().isEmpty()) {
            var preset = new SharedRun.Wanted(wanted.preset(), wanted.sets());
            return system.saved(SharedRun.of(training, preset, shared, run));
        }
        var given = Path.of(wanted.folder());
        if (!system.canAdapt(given)) {
            throw new IllegalArgumentException(
                    "base.folder %s is no trained policy of %s; name the folder 'policy' of one of its runs"
                            .formatted(given, training.name()));
        }
        return given;
    }

    private static Adaptation adaptation(LoraConfig config, ShiftedLab lab, Pupil pupil) {
        return lab.adaptation(pupil, config.way().manner(), config.training().learningRate());
    }

    private static RunState state(Adaptation adaptation) {
        return RunState.empty()
                .with("adapted", adaptation::state, adaptation::load)
                .with(adaptation.optimizer());
    }

    private static void train(LoraConfig config, Run run, Adaptation adaptation) {
        int steps = config.training().steps();
        adaptation
                .adapter()
                .ifPresent(a ->
                        run.progress().note("adapters on %d layers".formatted(a.paths().size())));
        run.progress().stage("adapting, %,d numbers".formatted(adaptation.trained()), steps);
        var state = state(adaptation);
        for (long step = run.resume(state); step < steps; step++) {
            var numbers = Report.of("loss", adaptation.step(step));
            run.check(step, numbers, adaptation.batch(step));
            if (step % LOG_EVERY == 0) run.log(step, numbers.with("change", change(adaptation)));
            if (run.every(step, config.training().saveEvery()) || step + 1 == steps) {
                run.save(step, state);
            }
        }
    }

    private static double change(Adaptation adaptation) {
        double squares = 0;
        for (var strength : strengths(adaptation).values()) {
            squares += strength.change() * strength.change();
        }
        return Math.sqrt(squares);
    }

    private static Map<String, Strength> strengths(Adaptation adaptation) {
        return adaptation
                .adapter()
                .map(a -> (Map<String, Strength>) a.strengths())
                .orElse(Map.of());
    }

    private static Report measure(ShiftedLab lab, Pupil pupil, Adaptation adaptation) {
        return Report.of("success_rate", lab.shifted(pupil))
                .with("original_success_rate", lab.original(pupil))
                .with("validation_loss", lab.validation(pupil))
                .with("trained", adaptation.trained());
    }

    /// Tells whether the adapter is there and does something: the loss on training frames with it
    /// and without, layers matched, and how much each is changed.
    @Override
    public Report diagnose(LoraConfig config, Run run) {
        var lab = lab(config, run);
        try (var pupil = lab.pupil();
                var adaptation = adaptation(config, lab, pupil)) {
            double before = loss(pupil);
            run.resume(state(adaptation));
            double after = loss(pupil);
            var report =
                    Report.of("loss_unadapted", before)
                            .with("loss_adapted", after)
                            .with(
                                    "layers",
                                    adaptation.adapter().map(a -> a.paths().size()).orElse(0));
            if (!(after < before)) {
                run.progress()
                        .note(
                                "the adapted policy is no better on its own training frames: is it"
                                        + " trained, and at a sensible rate?");
            }
            return told(report, strengths(adaptation), run);
        }
    }

    private static Report told(Report report, Map<String, Strength> strengths, Run run) {
        if (strengths.isEmpty()) return report;
        var share =
                Comparator.<Map.Entry<String, Strength>>comparingDouble(
                        e -> e.getValue().change() / e.getValue().weight());
        var least = strengths.entrySet().stream().min(share).orElseThrow();
        var most = strengths.entrySet().stream().max(share).orElseThrow();
        for (var entry : List.of(least, most)) {
            var s = entry.getValue();
            run.progress()
                    .note(
                            "%s: changed by %.3g of %.3g"
                                    .formatted(entry.getKey(), s.change(), s.weight()));
        }
        return report.with("least_change", least.getValue().change() / least.getValue().weight())
                .with("most_change", most.getValue().change() / most.getValue().weight());
    }

    private static double loss(Pupil pupil) {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            return pupil.loss(Pupil.Frames.TRAINING, CHECKED, Seed.of(0)).item();
        }
    }
}
