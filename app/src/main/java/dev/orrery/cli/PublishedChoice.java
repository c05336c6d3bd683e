package dev.orrery.cli;

import dev.orrery.policy.ActionBounds;
import dev.orrery.policy.Plays;
import dev.orrery.serve.Robot;
import dev.orrery.system.internvlam1.InternVlaM1Folder;
import dev.orrery.system.internvlam1.InternVlaM1Published;
import dev.orrery.system.openvla.OpenVlaPublished;
import dev.orrery.system.openvla.OpenVlaPublished.Weights;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A published policy's folder that somebody named on the command line, with what it leaves open.
///
/// @param folder holds the model
/// @param units whose units it acts in
/// @param opens opens it
record PublishedChoice(Path folder, Supplier<Units> units, Supplier<Plays.Ready> opens) {

    /// @param unnormKey the data set whose statistics the units are
    /// @param bounds those statistics
    record Units(String unnormKey, ActionBounds bounds) {}

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
                    return new Units(units.unnormKey(), units.bounds());
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
                    return new Units(units.unnormKey(), units.bounds());
                },
                () -> {
                    var policy = InternVlaM1Published.open(folder, choice, warn);
                    return new Plays.Ready(policy, policy.horizon(), policy::close);
                });
    }

    /// The robot that it acts for.
    Robot robot() {
        var known = units.get();
        var bounds = known.bounds();
        return Robot.watched(
                known.unnormKey(),
                bounds.dims(),
                (float) Arrays.stream(bounds.low()).min().orElseThrow(),
                (float) Arrays.stream(bounds.high()).max().orElseThrow());
    }

    /// Opens it, for the thread that calls.
    Plays.Ready open() {
        return opens.get();
    }

    @Override
    public String toString() {
        return "%s, units of '%s'".formatted(folder, units.get().unnormKey());
    }
}
