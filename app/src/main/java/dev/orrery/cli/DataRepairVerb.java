package dev.orrery.cli;

import dev.orrery.data.lerobot.Repair;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "repair",
        description = {
            "Rescue what is whole in a damaged data set, or in the NAME.partial of a stopped writer.",
            "Times, indices, counts and statistics are made anew; the source stays as it is."
        },
        mixinStandardHelpOptions = true)
final class DataRepairVerb implements Callable<Integer> {

    @Mixin private DataOutput output;

    @Parameters(paramLabel = "DIR", description = "The damaged data set's folder.")
    private Path folder;

    @Override
    public Integer call() {
        var out = output.need();
        var outcome = Repair.run(folder, out, output.progress("repair"));
        var facts = new LinkedHashMap<String, Object>();
        facts.put("episodes", outcome.episodes());
        facts.put("frames", outcome.frames());
        facts.put("notes", outcome.notes());
        return output.done(out, facts);
    }
}
