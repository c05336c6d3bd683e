package dev.orrery.cli;

import dev.orrery.policy.Plays;
import dev.orrery.serve.Robot;
import dev.orrery.system.openvla.OpenVlaPublished;
import dev.orrery.system.openvla.OpenVlaPublished.Weights;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// A published policy's folder that somebody named on the command line, with what it leaves open.
///
/// @param folder holds the model
/// @param choice whose units it acts in, and how it looks
record PublishedChoice(Path folder, OpenVlaPublished.Choice choice) {

    /// The published folder that a word means, if it means one.
    ///
    /// @param unnormKey whose statistics give the units
    /// @param centreCrop whether it looks at the middle 90 %
    /// @param weights how its language model's weights are kept
    /// @throws IllegalArgumentException if the word means something else, which has no such choices
    static Optional<PublishedChoice> find(
            String word, Optional<String> unnormKey, boolean centreCrop, Weights weights) {
        if (OpenVlaPublished.is(Path.of(word))) {
            return Optional.of(
                    new PublishedChoice(
                            Path.of(word),
                            new OpenVlaPublished.Choice(
                                    unnormKey, centreCrop, false, Optional.empty(), weights)));
        }
        if (unnormKey.isPresent() || centreCrop || weights != Weights.STORED) {
            throw new IllegalArgumentException(
                    "%s is no published OpenVLA; leave out --unnorm-key, --centre-crop and --int8"
                            .formatted(word));
        }
        return Optional.empty();
    }

    /// The robot that it acts for.
    Robot robot() {
        var units = OpenVlaPublished.units(folder, choice);
        var bounds = units.bounds();
        return Robot.watched(
                units.unnormKey(),
                bounds.dims(),
                (float) Arrays.stream(bounds.low()).min().orElseThrow(),
                (float) Arrays.stream(bounds.high()).max().orElseThrow());
    }

    /// Opens it, for the thread that calls.
    Plays.Ready open() {
        var policy = OpenVlaPublished.open(folder, choice);
        return new Plays.Ready(policy, 1, policy::close);
    }

    @Override
    public String toString() {
        return "%s, units of '%s'"
                .formatted(folder, OpenVlaPublished.units(folder, choice).unnormKey());
    }
}
