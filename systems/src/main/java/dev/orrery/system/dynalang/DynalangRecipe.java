package dev.orrery.system.dynalang;

import dev.orrery.checkpoint.AtomicFile;
import dev.orrery.run.Checkpoints;
import dev.orrery.run.Need;
import dev.orrery.run.Recipe;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.system.dynalang.DynalangConfig.Reading;
import dev.orrery.system.dynalang.DynalangConfig.View;
import dev.orrery.system.dynalang.DynalangConfig.World;
import dev.orrery.system.dynalang.Foresight.Said;
import dev.orrery.tensor.Seed;
import dev.orrery.worldmodel.Imagined;
import dev.orrery.worldmodel.Imagines;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Trains [Dynalang] in a world that says one word a step, and measures it in worlds that it has
/// not seen.
public final class DynalangRecipe
        implements Recipe.Evaluates<DynalangConfig>, Recipe.Generates<DynalangConfig>, Imagines {

    private static final int WORDS = 60;

    @Override
    public String name() {
        return "dynalang";
    }

    @Override
    public SequencedMap<String, DynalangConfig> presets() {
        var presets = new LinkedHashMap<String, DynalangConfig>();
        presets.put("laptop", DynalangConfig.laptop());
        presets.put("smoke", DynalangConfig.smoke());
        presets.put("bins-task-only", DynalangConfig.bins("task_only"));
        presets.put("find", DynalangConfig.nano(world("find", "hint"), 40_000, 32));
        presets.put("messenger", DynalangConfig.nano(world("messenger", "mini"), 60_000, 32));
        presets.put("langroom", DynalangConfig.langRoom());
        presets.put("homegrid-pixels", DynalangConfig.homegrid());
        return presets;
    }

    private static World world(String name, String arm) {
        return new World(name, arm, View.SYMBOLS, Reading.TOKEN);
    }

    @Override
    public List<Need> needs(DynalangConfig config) {
        return config.needs();
    }

    @Override
    public Report run(DynalangConfig config, Run run) {
        return trained(config, run);
    }

    /// Trains and measures.
    static Report trained(DynalangConfig config, Run run) {
        var training = new Training(config, run);
        var learned = training.train();
        return Exam.of(training.model, config, run.heldOutSeed()).plus(learned);
    }

    @Override
    public Report evaluate(DynalangConfig config, Run run) {
        return Exam.of(Training.restored(config, run), config, run.heldOutSeed());
    }

    /// Writes what the agent of the saved model sees, reads and imagines from an unseen start, told
    /// what the world says or, with a prompt, the prompt instead: `imagination.gif`, and the same
    /// as an imagination file of the run. A model that reads also makes up text that goes on from
    /// the prompt: `text.txt`.
    @Override
    public Report generate(DynalangConfig config, Run run, String prompt, Path out) {
        try (var model = Training.restored(config, run)) {
            long start = run.heldOutSeed() + 1;
            long step =
                    run.checkpoints().all().stream().mapToLong(Checkpoints::steps).max().orElse(0);
            var foresight = new Foresight(model, config.world());
            var said = prompt.isBlank() ? new Said.AsItComes() : new Said.Words(prompt);
            var imagined = foresight.imagine(step, start, List.of(said));
            var branch = imagined.branches().getFirst();
            DreamFilm.write(out.resolve("imagination.gif"), imagined.context(), branch);
            run.write("imagination/step-%08d-generated.json".formatted(step), imagined.json());
            var report =
                    Report.of("steps", branch.moments().size()).with("seen", imagined.context());
            return model.senses.words() == 0
                    ? report
                    : text(config, run, prompt, out, model, report);
        }
    }

    private static Report text(
            DynalangConfig config,
            Run run,
            String prompt,
            Path out,
            Dynalang model,
            Report report) {
        var vocabulary = Worlds.open(config.world()).vocabulary();
        var text = FreeText.from(model, vocabulary, prompt, WORDS, Seed.of(run.heldOutSeed()));
        var bytes = (prompt + " | " + text + "\n").getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(
                out.resolve("text.txt"),
                bytes.length,
                channel -> channel.write(ByteBuffer.wrap(bytes)));
        run.progress().note(text);
        return report.with("words", WORDS);
    }

    @Override
    public Asking asking(Path run) {
        return Foresight.asking(run);
    }

    @Override
    public Imagined imagine(Path run, long start, List<String> hints) {
        return Foresight.of(run, start, hints);
    }
}
