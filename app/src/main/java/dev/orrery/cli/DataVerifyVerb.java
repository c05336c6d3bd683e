package dev.orrery.cli;

import dev.orrery.data.lerobot.Finding;
import dev.orrery.data.lerobot.Verify;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        aliases = "validate",
        description = {
            "Compare all that a data set says of itself with what its files hold.",
            "If the folder has an expected.json, every value in it is compared too."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 0 if there is no error, else 1; warnings do not count."})
final class DataVerifyVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Parameters(paramLabel = "DIR", description = "The data set's folder.")
    private Path folder;

    @Option(
            names = "--tolerance",
            paramLabel = "SECONDS",
            defaultValue = "1e-4",
            description = "How far timestamps and video frames may be off (${DEFAULT-VALUE}).")
    private double tolerance;

    @Option(
            names = "--quick",
            description = "Decode no pictures, and of videos only the ends of each episode.")
    private boolean quick;

    @Override
    public Integer call() {
        if (!(tolerance > 0)) throw new IllegalArgumentException("--tolerance must be above 0");
        if (!Files.isDirectory(folder))
            throw new IllegalArgumentException("there is no folder " + folder);
        var progress = new TerminalProgress();
        var outcome =
                Verify.run(
                        folder,
                        new Verify.Settings(tolerance, !quick, !quick),
                        (done, of) -> {
                            if (done == 1) progress.stage("verify", of);
                            progress.at(done, "episodes");
                        });
        progress.end();
        console.result(json(outcome), text(outcome));
        return outcome.sound() ? Main.DONE : Main.MISSED;
    }

    private Map<String, Object> json(Verify.Outcome outcome) {
        var out = new LinkedHashMap<String, Object>();
        out.put("dataset", folder.toString());
        out.put("sound", outcome.sound());
        out.put("episodes", outcome.episodes());
        out.put("frames", outcome.frames());
        out.put("compared", outcome.compared());
        out.put("findings", outcome.findings());
        return out;
    }

    private String text(Verify.Outcome outcome) {
        var text = new StringBuilder();
        outcome.findings().forEach(finding -> text.append(finding).append('\n'));
        long errors =
                outcome.findings().stream()
                        .filter(f -> f.severity() == Finding.Severity.ERROR)
                        .count();
        text.append(
                "%s: %d episodes, %d frames%s, %d errors, %d warnings: %s"
                        .formatted(
                                folder,
                                outcome.episodes(),
                                outcome.frames(),
                                outcome.compared() == 0
                                        ? ""
                                        : ", %d expected values".formatted(outcome.compared()),
                                errors,
                                outcome.findings().size() - errors,
                                outcome.sound() ? "sound" : "not sound"));
        return text.toString();
    }
}
