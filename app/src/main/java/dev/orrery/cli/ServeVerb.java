package dev.orrery.cli;

import dev.orrery.data.wire.Value.Fields;
import dev.orrery.run.Machine;
import dev.orrery.serve.PolicyService;
import dev.orrery.serve.Robot;
import java.io.IOException;
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
            "WebSocket, MessagePack with NumPy arrays, observations in, chunks of actions out."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "GET /healthz answers OK. docs/formats/policy-server.md has the details."})
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
        var service = PolicyService.of(robot, about, seed, choice::open);
        return Listening.serve(service, options, console, "Policy " + choice);
    }
}
