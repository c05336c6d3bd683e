package dev.orrery.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "clips",
        description = "Videos to learn from: look at them, pack folders of them into one file.",
        synopsisSubcommandLabel = "VERB",
        subcommands = {
            DataClipsInfoVerb.class,
            DataClipsConvertVerb.class,
            DataClipsVizVerb.class,
        },
        mixinStandardHelpOptions = true)
final class DataClipsVerb implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getOut());
        return Main.DONE;
    }
}
