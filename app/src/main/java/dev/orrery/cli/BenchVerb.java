package dev.orrery.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// The verbs that measure speed.
@Command(
        name = "bench",
        description = "Measure speed and memory.",
        synopsisSubcommandLabel = "WHAT",
        subcommands = {
            BenchEngineVerb.class,
            BenchEnvVerb.class,
            BenchDataVerb.class,
            BenchPi0Verb.class,
            BenchFlowVerb.class,
            BenchDynalangVerb.class,
            BenchGenieVerb.class,
            BenchDecodeVerb.class
        },
        mixinStandardHelpOptions = true)
final class BenchVerb implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getOut());
        return Main.DONE;
    }
}
