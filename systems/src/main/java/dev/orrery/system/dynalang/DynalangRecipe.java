package dev.orrery.system.dynalang;

import dev.orrery.checkpoint.AtomicFile;
import dev.orrery.run.Recipe;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.system.dynalang.DynalangConfig.Reading;
import dev.orrery.system.dynalang.DynalangConfig.View;
import dev.orrery.system.dynalang.DynalangConfig.World;
import dev.orrery.tensor.Seed;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// Trains [Dynalang] in a world that says one word a step, and measures it in worlds that it has
/// not seen.
public final class DynalangRecipe
        implements Recipe.Evaluates<DynalangConfig>, Recipe.Generates<DynalangConfig> {

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
    public Report run(DynalangConfig config, Run run) {
        return trained(config, run);
    }

    /// Trains and measures.
    static Report trained(DynalangConfig config, Run run) {
        var training = new Training(config, run);
        var learned = training.train();
        var report = Exam.of(training.model, config, run.heldOutSeed());
        for (var entry : learned.metrics().entrySet())
            report = report.with(entry.getKey(), entry.getValue());
        return report;
    }

    @Override
    public Report evaluate(DynalangConfig config, Run run) {
        return Exam.of(Training.restored(config, run), config, run.heldOutSeed());
    }

    /// Writes text that the world model makes up after the prompt: `text.txt`.
    @Override
    public Report generate(DynalangConfig config, Run run, String prompt, Path out) {
        var model = Training.restored(config, run);
        var vocabulary = Worlds.open(config.world()).vocabulary();
        var text = FreeText.from(model, vocabulary, prompt, WORDS, Seed.of(run.heldOutSeed()));
        var bytes = (prompt + " | " + text + "\n").getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(
                out.resolve("text.txt"),
                bytes.length,
                channel -> channel.write(ByteBuffer.wrap(bytes)));
        run.progress().note(text);
        return Report.of("words", WORDS);
    }
}
