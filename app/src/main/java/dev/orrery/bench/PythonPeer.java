package dev.orrery.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Python's PyTorch in a process of its own, which measures one round of an item when asked to.
final class PythonPeer implements AutoCloseable {

    private static final String READY = "ready ";

    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter requests;
    private final String version;

    private PythonPeer(Process process) throws IOException {
        this.process = process;
        answers = process.inputReader(StandardCharsets.UTF_8);
        requests = process.outputWriter(StandardCharsets.UTF_8);
        var greeting = answers.readLine();
        if (greeting == null || !greeting.startsWith(READY)) {
            throw new IOException("no torch behind this Python");
        }
        version = greeting.substring(READY.length());
    }

    /// Starts the interpreter, if it is there and has torch.
    static Optional<PythonPeer> start(String interpreter, int threads) {
        Process process = null;
        try (var script = PythonPeer.class.getResourceAsStream("peer.py")) {
            if (script == null) throw new IllegalStateException("peer.py is not in the jar");
            var text = new String(script.readAllBytes(), StandardCharsets.UTF_8);
            process =
                    new ProcessBuilder(interpreter, "-u", "-c", text, Integer.toString(threads))
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return Optional.of(new PythonPeer(process));
        } catch (IOException _) {
            if (process != null) process.destroy();
            return Optional.empty();
        }
    }

    /// Version of torch and of Python.
    String version() {
        return version;
    }

    /// One call of the item.
    EngineBench.Timing time(String item) {
        try {
            requests.write(item);
            requests.newLine();
            requests.flush();
            var answer = answers.readLine();
            if (answer == null) throw new IOException("the process ended");
            var numbers = answer.split(" ");
            return new EngineBench.Timing(
                    Double.parseDouble(numbers[0]), Double.parseDouble(numbers[1]));
        } catch (IOException e) {
            throw new UncheckedIOException("Python stopped measuring '%s'".formatted(item), e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
