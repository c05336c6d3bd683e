package dev.orrery.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// The verbs of the tabletop world.
@Command(
        name = "tabletop",
        description = "The tabletop, for policies that live elsewhere.",
        synopsisSubcommandLabel = "WHAT",
        subcommands = {TabletopServeVerb.class},
        mixinStandardHelpOptions = true)
final class TabletopVerb implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getOut());
        return Main.DONE;
    }
}
