package dev.orrery.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// The verbs for files of weights.
@Command(
        name = "checkpoint",
        description = "Look into, prove and convert files of weights (safetensors).",
        synopsisSubcommandLabel = "VERB",
        subcommands = {
            CheckpointInspectVerb.class,
            CheckpointVerifyVerb.class,
            CheckpointConvertVerb.class,
        },
        mixinStandardHelpOptions = true)
final class CheckpointVerb implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getOut());
        return Main.DONE;
    }
}
