package dev.orrery.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// The verbs for robot data sets.
@Command(
        name = "data",
        description =
                "Look into, check, change and convert robot data sets (LeRobot, RLDS) and clips.",
        synopsisSubcommandLabel = "VERB",
        subcommands = {
            DataInfoVerb.class,
            DataRecordVerb.class,
            DataVerifyVerb.class,
            DataConvertVerb.class,
            DataMergeVerb.class,
            DataSplitVerb.class,
            DataDeleteEpisodesVerb.class,
            DataRenameVerb.class,
            DataAddFeatureVerb.class,
            DataRemoveFeatureVerb.class,
            DataRepairVerb.class,
            DataStatsVerb.class,
            DataLintVerb.class,
            DataViewVerb.class,
            DataVizVerb.class,
            DataExportVerb.class,
            DataClipsVerb.class,
        },
        mixinStandardHelpOptions = true)
final class DataVerb implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getOut());
        return Main.DONE;
    }
}
