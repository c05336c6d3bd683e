package dev.orrery.cli;

import dev.orrery.bench.PythonPeer;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// The option that names the Python with torch that a benchmark runs in turn with.
final class PeerOptions {

    private static final String NONE =
            "no Python with torch was found; name one with --python PATH";

    @Option(
            names = "--python",
            paramLabel = "PATH",
            description =
                    "A Python with torch. Default: ORRERY_PYTHON, else python3 and python of PATH.")
    private String python = "";

    /// Interpreters to look for torch in; the first that has it is the peer.
    ///
    /// @throws IllegalArgumentException if the one that was named does not start or has no torch
    List<String> interpreters() {
        if (!python.isEmpty() && !hasTorch(python))
            throw new IllegalArgumentException(
                    "--python %s does not start or has no torch; install torch there or leave the option out"
                            .formatted(python));
        return PythonPeer.interpreters(python);
    }

    private static boolean hasTorch(String interpreter) {
        try {
            return new ProcessBuilder(interpreter, "-c", "import torch")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("stopped while starting " + interpreter, e);
        }
    }

    /// A line about the peer.
    static String said(Optional<String> found) {
        return found.map(version ->
                        "ratio: how many times as good as %s; processor: how many times less processor time"
                                .formatted(version))
                .orElse(NONE);
    }
}
