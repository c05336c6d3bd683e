package dev.orrery.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// The verbs for adapters in PEFT's folders.
@Command(
        name = "adapter",
        description = "Look into, merge, extract and compare adapters in PEFT's folders.",
        synopsisSubcommandLabel = "VERB",
        subcommands = {
            AdapterInspectVerb.class,
            AdapterMergeVerb.class,
            AdapterExtractVerb.class,
            AdapterDiffVerb.class,
        },
        mixinStandardHelpOptions = true)
final class AdapterVerb implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getOut());
        return Main.DONE;
    }
}
