package dev.orrery.cli;

import dev.orrery.env.tabletop.Words;
import dev.orrery.policy.Plays;
import dev.orrery.studio.RunPolicies;
import dev.orrery.studio.Studio;
import dev.orrery.studio.StudioOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "play",
        description = {
            "Let a trained policy do on the tabletop what one types, or open it in a page;",
            "each episode ends with a verdict and leaves a film.",
            "Or play a world model with keys in a page: orrery play genie, which trains it first",
            "if nobody has.",
            "Or watch an agent that imagines, and type hints: orrery play dynalang."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 1 if the one --instruction was not followed."})
final class PlayVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Mixin private DreamOptions dreams;

    @Parameters(paramLabel = "POLICY", description = PolicyChoice.HELP + DreamOptions.HELP)
    private String policy;

    @Option(
            names = "--instruction",
            paramLabel = "TEXT",
            description = "One episode of this; without it, one a line of the standard input.")
    private Optional<String> instruction = Optional.empty();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "What the scene is drawn from, one more for each line; default 1.",
            defaultValue = "1")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where films go; default ${DEFAULT-VALUE}.",
            defaultValue = "films")
    private Path out;

    @Option(names = "--page", description = "Open the studio's tabletop with this policy.")
    private boolean page;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Port of the page, 0 for any free one; default ${DEFAULT-VALUE}.",
            defaultValue = "" + StudioOptions.PORT)
    private int port;

    @Override
    public Integer call() throws IOException, InterruptedException {
        var model = dreams.find(policy);
        if (model.isPresent()) {
            return dream(model.get());
        }
        var foreseen = ForeseenRun.find(policy);
        if (foreseen.isPresent()) {
            return foresee(foreseen.get().toAbsolutePath().normalize());
        }
        var choice = PolicyChoice.find(policy);
        if (page) {
            return page(choice);
        }
        Place.folder("--out", out);
        var ready = choice.open();
        try {
            if (instruction.isPresent()) {
                var played = play(ready, instruction.get(), seed);
                return played.success() ? Main.DONE : Main.MISSED;
            }
            return converse(ready);
        } finally {
            ready.close().run();
        }
    }

    /// Opens the page on which a world model is played, and serves it until the process ends; a
    /// model that is not there yet is trained first.
    private int dream(DreamRun wanted) throws InterruptedException {
        var page = new StudioPage(wanted.folder(), port);
        if (wanted.ready()) {
            page.serve(studio -> dreamed(studio, page), "Play at", console::result);
        } else {
            wanted.train(new TerminalProgress());
            page.serveAnywhere(
                    studio -> dreamed(studio, page), "Play at", console, console::result);
        }
        return Main.DONE;
    }

    private String dreamed(Studio studio, StudioPage page) {
        return studio.dreamAddress(page.id(), dreams.sampling());
    }

    /// Opens the page on which an agent acts and imagines, and serves it until the process ends.
    private int foresee(Path run) throws InterruptedException {
        var page = new StudioPage(run, port);
        page.serve(studio -> studio.imagination(page.id()), "Watch it at", console::result);
        return Main.DONE;
    }

    private PlayedEpisode play(Plays.Ready ready, String words, long from) throws IOException {
        var unknown = Words.unknown(words);
        if (!unknown.isEmpty()) {
            console.warn("the policy does not know the words %s".formatted(unknown));
        }
        var name = "%s-%d.gif".formatted(String.join("-", Words.split(words)), from);
        var played = PlayedEpisode.play(ready, words, from, out.resolve(name));
        console.result(played, played.verdict());
        return played;
    }

    /// One episode a line, until an empty line or the end.
    private int converse(Plays.Ready ready) throws IOException {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        long from = seed;
        console.say("What should it do? (an empty line ends)");
        for (var line = in.readLine(); line != null && !line.isBlank(); line = in.readLine()) {
            try {
                play(ready, line.strip(), from++);
            } catch (IllegalArgumentException e) {
                console.warn(String.valueOf(e.getMessage()));
            }
            console.say("And now?");
        }
        return Main.DONE;
    }

    private int page(PolicyChoice choice) throws InterruptedException {
        var run =
                choice.run()
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "%s belongs to no run; a page opens policies of runs"
                                                .formatted(choice)))
                        .toAbsolutePath()
                        .normalize();
        var policies = new RunPolicies(Optional.ofNullable(run.getParent()).orElse(run));
        new StudioPage(run, port)
                .serve(
                        studio -> policies.best(run).map(studio::address).orElse(studio.address()),
                        "Play at",
                        console::result);
        return Main.DONE;
    }
}
