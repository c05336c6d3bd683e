package dev.orrery.catalog;

import dev.orrery.catalog.Entry.Planned;
import dev.orrery.catalog.Entry.Ready;
import dev.orrery.env.Nearest;
import dev.orrery.policy.Plays;
import dev.orrery.policy.finetune.Finetunes;
import dev.orrery.system.delora.DeloraClaim;
import dev.orrery.system.delora.DeloraRecipe;
import dev.orrery.system.dynalang.DreamerRecipe;
import dev.orrery.system.dynalang.DynalangClaim;
import dev.orrery.system.dynalang.DynalangRecipe;
import dev.orrery.system.flowmatching.FlowMatchingClaim;
import dev.orrery.system.flowmatching.FlowMatchingRecipe;
import dev.orrery.system.genie.GenieClaim;
import dev.orrery.system.genie.GenieRecipe;
import dev.orrery.system.internvlam1.InternVlaM1Claim;
import dev.orrery.system.internvlam1.InternVlaM1Recipe;
import dev.orrery.system.lora.LoraClaim;
import dev.orrery.system.lora.LoraRecipe;
import dev.orrery.system.openvla.OpenVlaClaim;
import dev.orrery.system.openvla.OpenVlaRecipe;
import dev.orrery.system.pi0.Pi0Claim;
import dev.orrery.system.pi0.Pi0Recipe;
import dev.orrery.system.rt2.RtTwoClaim;
import dev.orrery.system.rt2.RtTwoRecipe;
import dev.orrery.worldmodel.Imagines;
import dev.orrery.worldmodel.play.Dreams;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The one explicit list of all systems: those that run, and those that are planned.
public final class Catalog {

    private static final String IMAGINE = "imagine",
            ACT = "act",
            REASON = "reason",
            GENERATE = "generate",
            PERCEIVE = "perceive";

    /// What trains, and opens, the policies that others adapt.
    private static final Pi0Recipe PI0 = new Pi0Recipe();

    private Catalog() {}

    /// All systems, grouped by what they do.
    public static List<Entry> entries() {
        return List.of(
                new Ready(
                        "genie",
                        IMAGINE,
                        "playable world model from unlabelled video",
                        new GenieRecipe(),
                        Optional.of(new GenieClaim())),
                new Ready(
                        "dynalang",
                        IMAGINE,
                        "agent whose world model reads language",
                        new DynalangRecipe(),
                        Optional.of(new DynalangClaim())),
                new Ready(
                        "dreamerv3",
                        IMAGINE,
                        "agent that learns by dreaming: dynalang without words",
                        new DreamerRecipe(),
                        Optional.empty()),
                planned("rig", IMAGINE, "one transformer that reasons, acts and imagines images"),
                planned("physmaster", IMAGINE, "image to video with a physics encoder"),
                new Ready(
                        "flow-matching",
                        ACT,
                        "velocity regression and ODE sampling",
                        new FlowMatchingRecipe(),
                        Optional.of(new FlowMatchingClaim())),
                new Ready(
                        "lora",
                        ACT,
                        "low-rank adapters",
                        new LoraRecipe(PI0, PI0),
                        Optional.of(new LoraClaim(PI0, PI0))),
                new Ready(
                        "delora",
                        ACT,
                        "low-rank adapters of bounded strength",
                        new DeloraRecipe(),
                        Optional.of(new DeloraClaim(PI0, PI0))),
                new Ready(
                        "rt-2",
                        ACT,
                        "robot actions as text tokens",
                        new RtTwoRecipe(),
                        Optional.of(new RtTwoClaim())),
                new Ready(
                        "openvla",
                        ACT,
                        "autoregressive vision-language-action model",
                        new OpenVlaRecipe(),
                        Optional.of(new OpenVlaClaim())),
                new Ready(
                        "pi0",
                        ACT,
                        "flow-matching vision-language-action policy",
                        PI0,
                        Optional.of(new Pi0Claim())),
                new Ready(
                        "internvla-m1",
                        ACT,
                        "spatial grounding before acting",
                        new InternVlaM1Recipe(),
                        Optional.of(new InternVlaM1Claim())),
                planned("tokenhsi", ACT, "one humanoid policy for many scene skills"),
                planned("actionstudio", ACT, "training models that call tools"),
                planned("open-reasoner-zero", REASON, "plain PPO on a base language model"),
                planned("scalerl", REASON, "RL whose pass rate follows a predictable curve"),
                planned("reward-bridge", REASON, "soft rewards from a small verifier"),
                planned("east", REASON, "self-training weighted by answer entropy"),
                planned("thinking-intervention", REASON, "steering a model while it thinks"),
                planned("test-time-scaling", REASON, "accuracy for inference compute"),
                planned("efficient-reasoning", REASON, "fewer thinking tokens at equal accuracy"),
                planned("query-and-conquer", REASON, "SQL chosen by what it returns"),
                planned(
                        "llm-heuristic-planning",
                        REASON,
                        "planning heuristics written as programs"),
                planned("meshcraft", GENERATE, "triangle meshes with a requested face count"),
                planned("dso", GENERATE, "3D objects that stand by themselves"),
                planned("triplane-turbo", GENERATE, "text to mesh in four steps"),
                planned("avatar-artist", GENERATE, "head avatars from one portrait"),
                planned("sketch-video", GENERATE, "video controlled by sketches"),
                planned("mocha", GENERATE, "talking characters from speech and text"),
                planned("text-crafter", GENERATE, "several correct texts in one image"),
                planned("pave", PERCEIVE, "side channels patched into a video model"),
                planned("easi3r", PERCEIVE, "motion from the attention of a static model"),
                planned("jegal", PERCEIVE, "gestures, speech and words in one space"),
                planned("unicorn", PERCEIVE, "vision-language training data without images"),
                planned("tele-antifraud", PERCEIVE, "fraud detection in telephone calls"),
                planned("koffvqa", PERCEIVE, "free-form answers scored by criteria"),
                planned("upme", PERCEIVE, "models that rank each other without labels"),
                planned(
                        "evolutionary-multiobjective",
                        PERCEIVE,
                        "many-objective evolution on tensors"));
    }

    /// The system called `name`.
    ///
    /// @throws IllegalArgumentException if there is none; the message names the nearest
    public static Entry entry(String name) {
        return entries().stream()
                .filter(e -> e.name().equals(name))
                .findFirst()
                .orElseThrow(() -> unknown(name));
    }

    /// The runnable system called `name`.
    ///
    /// @throws IllegalArgumentException if there is none, or it is only planned
    public static Ready ready(String name) {
        return switch (entry(name)) {
            case Ready ready -> ready;
            case Planned planned ->
                    throw new IllegalArgumentException(
                            "%s (%s) is planned, not built yet; systems that run: %s"
                                    .formatted(name, planned.summary(), readyNames()));
        };
    }

    /// What opens the policies that a system trains, if it trains any.
    public static Optional<Plays> player(String system) {
        return able(system, Plays.class);
    }

    /// What opens policies, of every system that trains any.
    public static List<Plays> players() {
        return able(Plays.class).toList();
    }

    /// What can be asked what a system's world models foresee, if it trains any.
    public static Optional<Imagines> imaginer(String system) {
        return able(system, Imagines.class);
    }

    /// What opens the world models that a system trains to be played, if it trains any.
    public static Optional<Dreams> dreamer(String system) {
        return able(system, Dreams.class);
    }

    /// What adapts the published policy in a folder.
    ///
    /// @throws IllegalArgumentException if there is no such folder, or nothing knows its policy
    public static Finetunes finetunes(Path checkpoint) {
        if (!Files.isDirectory(checkpoint)) {
            throw new IllegalArgumentException(
                    "finetune: there is no checkpoint folder " + checkpoint);
        }
        return able(Finetunes.class)
                .filter(family -> family.canFinetune(checkpoint))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "%s: no system knows a policy that looks like this; published policies are adapted of: %s"
                                        .formatted(checkpoint, adapted())));
    }

    private static String adapted() {
        return entries().stream()
                .filter(entry -> able(entry, Finetunes.class).findAny().isPresent())
                .map(Entry::name)
                .collect(Collectors.joining(", "));
    }

    private static <T> Stream<T> able(Class<T> what) {
        return entries().stream().flatMap(entry -> able(entry, what));
    }

    private static <T> Optional<T> able(String system, Class<T> what) {
        return entries().stream()
                .filter(entry -> entry.name().equals(system))
                .flatMap(entry -> able(entry, what))
                .findFirst();
    }

    private static <T> Stream<T> able(Entry entry, Class<T> what) {
        return entry instanceof Ready ready && what.isInstance(ready.recipe())
                ? Stream.of(what.cast(ready.recipe()))
                : Stream.of();
    }

    private static IllegalArgumentException unknown(String name) {
        var names = entries().stream().map(Entry::name).toList();
        var nearest = Nearest.to(name, names).map("did you mean '%s'? "::formatted).orElse("");
        return new IllegalArgumentException(
                "there is no system '%s'; %ssystems that run: %s; all: orrery list"
                        .formatted(name, nearest, readyNames()));
    }

    private static String readyNames() {
        var names = entries().stream().filter(Ready.class::isInstance).map(Entry::name).toList();
        return names.isEmpty() ? "none yet" : String.join(", ", names);
    }

    private static Entry planned(String name, String group, String summary) {
        return new Planned(name, group, summary);
    }
}
