package dev.orrery.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A Python script in a process of its own, which measures one round of an item when asked to.
///
/// The script says `ready` and its versions once it has what it needs, or ends. Then it reads one
/// item a line and answers with seconds.
public final class PythonPeer implements AutoCloseable {

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
            throw new IOException("this Python lacks what the script needs");
        }
        version = greeting.substring(READY.length());
    }

    /// Starts the interpreter, if it is there and has what the script needs.
    ///
    /// @param script the name of a resource of this package
    /// @param argument what the script is told
    public static Optional<PythonPeer> start(String interpreter, String script, String argument) {
        Process process = null;
        try (var resource = PythonPeer.class.getResourceAsStream(script)) {
            if (resource == null) throw new IllegalStateException(script + " is not in the jar");
            var text = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
            process =
                    new ProcessBuilder(interpreter, "-u", "-c", text, argument)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return Optional.of(new PythonPeer(process));
        } catch (IOException _) {
            if (process != null) process.destroy();
            return Optional.empty();
        }
    }

    /// The versions that the script named.
    public String version() {
        return version;
    }

    /// One call of the item.
    EngineBench.Timing time(String item) {
        var numbers = ask(item);
        return new EngineBench.Timing(numbers[0], numbers[1]);
    }

    /// Seconds of one call of the item.
    public double seconds(String item) {
        return ask(item)[0];
    }

    private double[] ask(String item) {
        try {
            requests.write(item);
            requests.newLine();
            requests.flush();
            var answer = answers.readLine();
            if (answer == null) throw new IOException("the process ended");
            return Arrays.stream(answer.split(" ")).mapToDouble(Double::parseDouble).toArray();
        } catch (IOException e) {
            throw new UncheckedIOException("Python stopped measuring '%s'".formatted(item), e);
        }
    }

    /// The interpreters to try: the one of an option, else that of `ORRERY_PYTHON`, else `python3`
    /// and `python` of the path.
    public static List<String> interpreters(String option) {
        if (!option.isEmpty()) return List.of(option);
        var named = System.getenv("ORRERY_PYTHON");
        return named != null ? List.of(named) : List.of("python3", "python");
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
