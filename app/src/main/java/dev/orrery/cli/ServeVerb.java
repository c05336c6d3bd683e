package dev.orrery.cli;

import dev.orrery.data.wire.Value.Fields;
import dev.orrery.run.Machine;
import dev.orrery.serve.Passes;
import dev.orrery.serve.PolicyService;
import dev.orrery.serve.Robot;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "serve",
        description = {
            "Serve a trained policy to robots, in the protocol of openpi's clients:",
            "WebSocket, MessagePack with NumPy arrays, observations in, chunks of actions out;",
            "and in OpenVLA's: POST /act, JSON, a picture and an instruction in, one action out."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "GET /healthz and /metrics say how it goes. docs/formats/policy-server.md has the details."
        })
final class ServeVerb implements Callable<Integer> {

    @Mixin private Console console;
    @Mixin private Listening listening;

    @Parameters(paramLabel = "POLICY", description = PolicyChoice.HELP)
    private String policy;

    @Option(
            names = "--camera",
            paramLabel = "CAMERA=NAME",
            description = "Take a camera's picture from the entry NAME, such as wrist=images/hand.")
    private Map<String, String> cameras = new LinkedHashMap<>();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "What the noise of answers is drawn from; default ${DEFAULT-VALUE}.",
            defaultValue = "0")
    private long seed;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Most robots in one pass through the network; default ${DEFAULT-VALUE}.",
            defaultValue = "8")
    private int batch;

    @Option(
            names = "--window",
            paramLabel = "MS",
            description =
                    "How long a robot's question waits for others to share its pass; default"
                            + " ${DEFAULT-VALUE}.",
            defaultValue = "3")
    private int window;

    @Option(
            names = "--demo",
            description =
                    "Control the tabletop over a socket for a while, print how late actions were,"
                            + " and end.")
    private boolean demo;

    @Option(
            names = "--hertz",
            paramLabel = "N",
            description = "Actions a second in the demo; default ${DEFAULT-VALUE}.",
            defaultValue = "50")
    private double hertz;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "How long the demo takes; default ${DEFAULT-VALUE}.",
            defaultValue = "10")
    private double seconds;

    @Override
    public Integer call() throws IOException, InterruptedException {
        var options = listening.options();
        var choice = PolicyChoice.find(policy);
        var keys = Robot.tabletop().keys();
        for (var camera : cameras.entrySet()) {
            keys = keys.with(camera.getKey(), camera.getValue());
        }
        var about =
                Fields.empty()
                        .with("policy", choice.toString())
                        .with("version", Machine.orreryVersion());
        var robot = Robot.tabletop().with(keys);
        var passes = new Passes(Duration.ofMillis(window), batch);
        var service = PolicyService.of(robot, about, seed, passes, choice::open);
        if (demo) {
            new ServeDemo(hertz, seconds, seed).run(service, options, robot, console);
            return Main.DONE;
        }
        return Listening.serve(service, options, console, "Policy " + choice);
    }
}
