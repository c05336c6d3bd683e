package dev.orrery.cli;

import dev.orrery.run.Machine;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/// The entry of the command line, and the list of its verbs.
@Command(
        name = "orrery",
        description = "Embodied foundation models on the JVM.",
        synopsisSubcommandLabel = "VERB",
        subcommands = {
            DemoVerb.class,
            ListVerb.class,
            ShowVerb.class,
            TrainVerb.class,
            FinetuneVerb.class,
            EvalVerb.class,
            GenerateVerb.class,
            PlayVerb.class,
            ServeVerb.class,
            TabletopVerb.class,
            ClaimVerb.class,
            CheckpointVerb.class,
            AdapterVerb.class,
            DataVerb.class,
            BenchVerb.class,
            DoctorVerb.class,
            TestVerb.class,
            FormatVerb.class,
            StudioVerb.class,
            WarmUp.class,
        },
        versionProvider = Main.Version.class,
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Begin with:  orrery demo",
            "Every verb answers --help. Exit codes: 0 done, 1 a threshold was missed,"
                    + " 2 wrong usage, 3 failure."
        })
public final class Main implements Callable<Integer> {

    /// Exit codes of every verb.
    static final int DONE = 0, MISSED = 1, USAGE = 2, FAILURE = 3;

    @Spec private CommandSpec spec;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Show the stack trace of a failure.")
    private boolean debug;

    private Main() {}

    /// Runs one command and ends the process with its exit code.
    public static void main(String[] args) {
        Locale.setDefault(Locale.ROOT);
        int code = execute(args);
        Interrupt.ended();
        if (!Interrupt.happening()) {
            System.exit(code);
        }
    }

    /// Runs one command and returns its exit code.
    static int execute(String... args) {
        var line = commandLine();
        try {
            return line.execute(args);
        } catch (Error e) {
            return Failures.answer(e, line);
        }
    }

    static CommandLine commandLine() {
        var line = new CommandLine(new Main());
        line.setParameterExceptionHandler(Failures::answer);
        line.setExecutionExceptionHandler((e, at, _) -> Failures.answer(e, at));
        line.setUsageHelpAutoWidth(true);
        line.registerConverter(Path.class, Main::path);
        inSentences(line);
        return line;
    }

    private static Path path(String text) {
        if (text.isBlank()) {
            throw new TypeConversionException("it is empty; name a file or folder");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new TypeConversionException(
                    "this name cannot be used here (%s); where letters are beyond ASCII, set LC_ALL=C.UTF-8"
                            .formatted(e.getReason()));
        }
    }

    /// Lets descriptions break where the terminal ends, not where the source does, and verbs be
    /// listed by their whole first sentence.
    private static void inSentences(CommandLine line) {
        var usage = line.getCommandSpec().usageMessage();
        usage.description(sentences(usage.description()));
        line.getSubcommands().values().forEach(Main::inSentences);
    }

    private static String[] sentences(String[] lines) {
        return String.join(" ", lines).split("(?<=[a-z)][.]) (?=[A-Z])", 2);
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getOut());
        return DONE;
    }

    boolean debug() {
        return debug;
    }

    /// Says which version this is.
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "orrery %s, Java %s".formatted(Machine.orreryVersion(), Runtime.version())
            };
        }
    }
}
