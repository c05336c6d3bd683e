package dev.orrery.cli;

import dev.orrery.policy.ActionBounds;
import dev.orrery.policy.Plays;
import dev.orrery.serve.Robot;
import dev.orrery.system.internvlam1.InternVlaM1Folder;
import dev.orrery.system.internvlam1.InternVlaM1Published;
import dev.orrery.system.openvla.OpenVlaPublished;
import dev.orrery.system.openvla.OpenVlaPublished.Weights;
import dev.orrery.system.pi0.Pi0Published;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A published policy's folder that somebody named on the command line, with what it leaves open.
///
/// @param folder holds the model
/// @param robots the robot that it acts for, called as the data set whose statistics its units are
/// @param opens opens it
record PublishedChoice(Path folder, Supplier<Robot> robots, Supplier<Plays.Ready> opens) {

    /// What a folder leaves open.
    ///
    /// @param unnormKey whose statistics give the units
    /// @param centreCrop whether OpenVLA looks at the middle 90 %
    /// @param weights how OpenVLA's language model's weights are kept
    /// @param base the folder of the Qwen2.5-VL that InternVLA-M1 was trained from
    record Wanted(
            Optional<String> unnormKey, boolean centreCrop, Weights weights, Optional<Path> base) {}

    /// The published folder that a word means, if it means one.
    ///
    /// @param warn is told what is odd
    /// @throws IllegalArgumentException if the word means something else, which has no such choices
    static Optional<PublishedChoice> find(String word, Wanted wanted, Consumer<String> warn) {
        var folder = Path.of(word);
        boolean openVla = wanted.centreCrop || wanted.weights != Weights.STORED;
        if (new InternVlaM1Folder(folder).is()) {
            if (openVla) {
                throw new IllegalArgumentException(
                        "%s is an InternVLA-M1, not an OpenVLA; leave out --centre-crop and --int8"
                                .formatted(word));
            }
            return Optional.of(internVla(folder, wanted, warn));
        }
        if (wanted.base.isPresent()) {
            throw new IllegalArgumentException(
                    "%s is no published InternVLA-M1; leave out --base".formatted(word));
        }
        if (OpenVlaPublished.is(folder)) return Optional.of(openVla(folder, wanted));
        if (Pi0Published.is(folder)) {
            if (openVla) {
                throw new IllegalArgumentException(
                        "%s is of the π0 family, not an OpenVLA; leave out --centre-crop and --int8"
                                .formatted(word));
            }
            return Optional.of(pi0(folder, wanted));
        }
        if (wanted.unnormKey.isPresent() || openVla) {
            throw new IllegalArgumentException(
                    "%s is no published OpenVLA; leave out --unnorm-key, --centre-crop and --int8"
                            .formatted(word));
        }
        return Optional.empty();
    }

    private static PublishedChoice openVla(Path folder, Wanted wanted) {
        var choice =
                new OpenVlaPublished.Choice(
                        wanted.unnormKey,
                        wanted.centreCrop,
                        false,
                        Optional.empty(),
                        wanted.weights);
        return new PublishedChoice(
                folder,
                () -> {
                    var units = OpenVlaPublished.units(folder, choice);
                    return watched(units.unnormKey(), units.bounds());
                },
                () -> {
                    var policy = OpenVlaPublished.open(folder, choice);
                    return new Plays.Ready(policy, 1, policy::close);
                });
    }

    private static PublishedChoice internVla(Path folder, Wanted wanted, Consumer<String> warn) {
        var usual = InternVlaM1Published.Choice.USUAL;
        var choice =
                new InternVlaM1Published.Choice(
                        wanted.unnormKey,
                        wanted.base,
                        usual.compat(),
                        usual.steps(),
                        usual.guidance());
        return new PublishedChoice(
                folder,
                () -> {
                    var units = new InternVlaM1Folder(folder).units(wanted.unnormKey);
                    return watched(units.unnormKey(), units.bounds());
                },
                () -> {
                    var policy = InternVlaM1Published.open(folder, choice, warn);
                    return new Plays.Ready(policy, policy.horizon(), policy::close);
                });
    }

    private static PublishedChoice pi0(Path folder, Wanted wanted) {
        var choice = new Pi0Published.Choice(wanted.unnormKey, Optional.empty());
        return new PublishedChoice(
                folder,
                () -> {
                    var known = Pi0Published.connection(folder, choice);
                    var actions = known.norms().actions();
                    return Robot.felt(
                            wanted.unnormKey.orElse("" + folder.toAbsolutePath().getFileName()),
                            known.cameras(),
                            known.norms().states().dims(),
                            actions.dims(),
                            (float) Arrays.stream(actions.q01()).min().orElseThrow(),
                            (float) Arrays.stream(actions.q99()).max().orElseThrow());
                },
                () -> Pi0Published.ready(folder, choice));
    }

    private static Robot watched(String unnormKey, ActionBounds bounds) {
        return Robot.watched(
                unnormKey,
                bounds.dims(),
                (float) Arrays.stream(bounds.low()).min().orElseThrow(),
                (float) Arrays.stream(bounds.high()).max().orElseThrow());
    }

    /// The robot that it acts for.
    Robot robot() {
        return robots.get();
    }

    /// Opens it, for the thread that calls.
    Plays.Ready open() {
        return opens.get();
    }

    @Override
    public String toString() {
        return "%s, units of '%s'".formatted(folder, robot().name());
    }
}
