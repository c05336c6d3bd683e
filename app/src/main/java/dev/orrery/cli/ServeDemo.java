package dev.orrery.cli;

import dev.orrery.data.wire.WireClient;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.policy.ChunkPolicy.Held;
import dev.orrery.policy.RealTimeExecutor;
import dev.orrery.serve.ChunkPlan;
import dev.orrery.serve.ControlLoop;
import dev.orrery.serve.Jitter;
import dev.orrery.serve.RemotePolicy;
import dev.orrery.serve.Robot;
import dev.orrery.serve.ServeOptions;
import dev.orrery.serve.Service;
import dev.orrery.serve.WireServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Optional;

/// A robot on the tabletop that is controlled over a socket of this machine, and how late its
/// actions were.
///
/// @param hertz actions a second
/// @param seconds how long
/// @param seed of the first episode
/// @param figure where a picture of the lateness goes, a PNG
record ServeDemo(double hertz, double seconds, long seed, Optional<Path> figure) {

    private static final int TRIALS = 10, WARM_UP = 50;

    /// How many actions a demo takes.
    static int ticks(double hertz, double seconds) {
        return (int) Math.ceil(seconds * hertz);
    }

    /// Serves, runs the loop, says what came of it.
    void run(Service service, ServeOptions options, Robot robot, Console console) {
        var shown =
                options.token()
                        .map(WireClient.Options.USUAL::withToken)
                        .orElse(WireClient.Options.USUAL);
        try (var server = WireServer.start(service, options);
                var remote =
                        RemotePolicy.connect(URI.create(server.address()), robot.keys(), shown)) {
            var table = new Tabletop();
            int horizon = remote.chunk(table.reset(seed), Held.NONE).length;
            double millis = patience(remote, table, horizon);
            int usual = (int) remote.metadata().whole("execute");
            var plan = ChunkPlan.of(horizon, usual, millis, hertz);
            int execute = plan.execute(), delay = plan.delay();
            console.say(
                    "a chunk of %d takes %.1f ms over the socket; at %.0f Hz %d actions of each are executed, and the next is asked for %d early%s"
                            .formatted(
                                    horizon,
                                    millis,
                                    hertz,
                                    execute - delay,
                                    delay,
                                    plan.late() ? ", which is too late for this rate" : ""));
            try (var executor = new RealTimeExecutor(remote, execute, delay)) {
                // What runs for the first time is compiled first, which no robot would wait for.
                ControlLoop.run(executor, table, new ControlLoop.Pace(hertz, WARM_UP), seed);
                var pace = new ControlLoop.Pace(hertz, ticks(hertz, seconds));
                tell(ControlLoop.run(executor, table, pace, seed), millis, delay, console);
            }
        }
    }

    /// How long a chunk that continues another takes, in milliseconds: the slowest but one.
    private double patience(RemotePolicy remote, Tabletop table, int horizon) {
        var seen = table.reset(seed);
        var held = new Held(remote.chunk(seen, Held.NONE), horizon / 4);
        var millis = new double[TRIALS];
        for (int i = -2; i < TRIALS; i++) {
            long start = System.nanoTime();
            remote.chunk(seen, held);
            if (i >= 0) {
                millis[i] = (System.nanoTime() - start) / 1e6;
            }
        }
        Arrays.sort(millis);
        return millis[TRIALS - 2];
    }

    private void draw(Jitter jitter, Path file) {
        try {
            JitterFigure.write(jitter, hertz, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void tell(ControlLoop.Outcome outcome, double millis, int delay, Console console) {
        var jitter = outcome.jitter();
        figure.ifPresent(file -> draw(jitter, file));
        var view = new LinkedHashMap<String, Object>();
        view.put("hertz", hertz);
        view.put("ticks", jitter.late().length);
        view.put("chunk_ms", millis);
        view.put("delay", delay);
        view.put("late_ms_median", jitter.quantile(.5));
        view.put("late_ms_95", jitter.quantile(.95));
        view.put("late_ms_99", jitter.quantile(.99));
        view.put("late_ms_worst", jitter.quantile(1));
        view.put("missed", outcome.missed());
        view.put("waits", outcome.waits());
        view.put("episodes", outcome.episodes());
        view.put("successes", outcome.successes());
        // JSON knows no infinity; the last bar then has no end.
        view.put(
                "bars",
                jitter.bars().stream()
                        .map(bar -> {
                            var fields = new LinkedHashMap<String, Object>();
                            fields.put("from_ms", bar.from());
                            if (!Double.isInfinite(bar.to())) {
                                fields.put("to_ms", bar.to());
                            }
                            fields.put("ticks", bar.ticks());
                            return fields;
                        })
                        .toList());
        console.result(
                view,
                "%s\n%d ticks at %.0f Hz: %d missed, %d waits for a chunk; %d of %d episodes succeeded"
                        .formatted(
                                jitter.text(),
                                jitter.late().length,
                                hertz,
                                outcome.missed(),
                                outcome.waits(),
                                outcome.successes(),
                                outcome.episodes()));
    }
}
