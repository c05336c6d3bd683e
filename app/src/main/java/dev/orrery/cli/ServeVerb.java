package dev.orrery.cli;

import dev.orrery.data.wire.Value.Fields;
import dev.orrery.policy.Plays;
import dev.orrery.run.Machine;
import dev.orrery.serve.ControlLoop;
import dev.orrery.serve.Passes;
import dev.orrery.serve.PolicyService;
import dev.orrery.serve.Robot;
import dev.orrery.serve.ServeOptions;
import dev.orrery.system.openvla.OpenVlaPublished.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
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
            "GET /healthz and /metrics say how it goes. docs/formats/policy-server.md has the"
                    + " details."
        })
final class ServeVerb implements Callable<Integer> {

    @Mixin private Console console;
    @Mixin private Listening listening;

    @Parameters(
            paramLabel = "POLICY",
            description =
                    PolicyChoice.HELP
                            + " Or the folder of a published OpenVLA, InternVLA-M1, π0, π0.5 or"
                            + " π0-FAST.")
    private String policy;

    @Option(
            names = "--unnorm-key",
            paramLabel = "NAME",
            description =
                    "The data set or robot whose statistics give a published policy its units.")
    private Optional<String> unnormKey = Optional.empty();

    @Option(
            names = "--base",
            paramLabel = "FOLDER",
            description =
                    "The Qwen2.5-VL that a published InternVLA-M1 was trained from: configuration,"
                            + " tokenizer and chat template.")
    private Optional<Path> base = Optional.empty();

    @Option(
            names = "--centre-crop",
            description =
                    "Show a published OpenVLA the middle 90 %% of a picture, as those want it that"
                            + " were fine-tuned on random crops.")
    private boolean centreCrop;

    @Option(
            names = "--int8",
            description =
                    "Keep the weights of a published OpenVLA's language model as whole numbers of 8 "
                            + "bits: half the memory traffic of bf16 for each token, and a rounding.")
    private boolean int8;

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

    @Option(
            names = "--figure",
            paramLabel = "FILE",
            description = "Draw how late the demo's actions were as a PNG.")
    private Optional<Path> figure = Optional.empty();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (figure.isPresent() && !demo) {
            throw new IllegalArgumentException(
                    "--figure draws the demo; add --demo, or leave it out");
        }
        figure.ifPresent(file -> Place.file("--figure", file));
        if (demo) {
            new ControlLoop.Pace(hertz, ServeDemo.ticks(hertz, seconds));
        }
        var options = listening.options();
        var published =
                PublishedChoice.find(
                        policy,
                        new PublishedChoice.Wanted(
                                unnormKey, centreCrop, int8 ? Weights.INT8 : Weights.STORED, base),
                        console::say);
        if (published.isPresent()) {
            if (demo) {
                throw new IllegalArgumentException(
                        "the demo controls the tabletop, which %s does not know; leave out --demo"
                                .formatted(policy));
            }
            var choice = published.get();
            return serve(choice.robot(), choice.toString(), choice::open, options);
        }
        var choice = PolicyChoice.find(policy);
        return serve(Robot.tabletop(), choice.toString(), choice::open, options);
    }

    private int serve(Robot known, String name, Supplier<Plays.Ready> open, ServeOptions options)
            throws IOException, InterruptedException {
        var keys = known.keys();
        for (var camera : cameras.entrySet()) {
            keys = keys.with(camera.getKey(), camera.getValue());
        }
        var named = Fields.empty().with("policy", name).with("version", Machine.orreryVersion());
        var robot = known.with(keys);
        var passes = new Passes(Duration.ofMillis(window), batch);
        var service = PolicyService.of(robot, named, seed, passes, open);
        var about = service.metadata();
        if (about.has(PolicyService.KERNELS)) {
            console.say(about.text(PolicyService.KERNELS));
        }
        if (demo) {
            new ServeDemo(hertz, seconds, seed, figure).run(service, options, robot, console);
            return Main.DONE;
        }
        return Listening.serve(service, options, console, "Policy " + name);
    }
}
