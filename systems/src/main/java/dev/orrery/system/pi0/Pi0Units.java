package dev.orrery.system.pi0;

import dev.orrery.policy.DeltaActions;
import dev.orrery.policy.Norms;
import dev.orrery.policy.Statistics;
import dev.orrery.policy.Wording;
import dev.orrery.policy.finetune.FinetuneConfig;
import dev.orrery.policy.finetune.LeRobotFrames;
import dev.orrery.policy.finetune.Preflight;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/// In what units a policy of the family learns a robot's data: by whose statistics, and which
/// actions are relative.
///
/// @param warnings gets what looks wrong and is not refused
record Pi0Units(FinetuneConfig config, LeRobotFrames frames, List<String> warnings) {

    /// How statistics are used.
    @FunctionalInterface
    interface Rules {
        /// @param states of the data
        /// @param actions of the data
        Norms of(Statistics states, Statistics actions);
    }

    /// The relative actions: those that are asked for, else the checkpoint's own.
    ///
    /// @throws IllegalArgumentException if they do not fit the data
    Optional<DeltaActions> relative(Supplier<Optional<DeltaActions>> own) {
        if (config.relative().isEmpty()) return own.get();
        var runs = config.relative().stream().mapToInt(r -> r).toArray();
        int total = Arrays.stream(runs).map(Math::abs).sum();
        if (total != frames.actionDims() || frames.stateDims() < total) {
            throw new IllegalArgumentException(
                    "--relative %s speaks of %d actions; the data has %d actions and %d state values"
                            .formatted(
                                    config.relative(),
                                    total,
                                    frames.actionDims(),
                                    frames.stateDims()));
        }
        return Optional.of(DeltaActions.of(runs));
    }

    /// The statistics that are used.
    ///
    /// @param own the checkpoint's
    /// @throws IllegalArgumentException if those are of other sizes, or a dimension hardly moves
    Norms norms(Optional<DeltaActions> relative, Rules rules, Supplier<Norms> own) {
        var states = frames.stateStatistics();
        var actions = frames.actionStatistics(relative);
        return switch (config.statistics()) {
            case DATA -> {
                var constant = config.constants();
                yield rules.of(constant.sound(states, "state"), constant.sound(actions, "action"));
            }
            case CHECKPOINT -> {
                var norms = own.get();
                Preflight.same("state", norms.states().dims(), states.dims());
                Preflight.same("action", norms.actions().dims(), actions.dims());
                warnings.addAll(Preflight.far("state", states, norms.stateRule(), norms.states()));
                warnings.addAll(
                        Preflight.far("action", actions, norms.actionRule(), norms.actions()));
                yield norms;
            }
        };
    }

    /// Every task must have words.
    ///
    /// @throws IllegalArgumentException naming one that has none
    void requireWords(Wording wording) {
        frames.tell(task -> wording.tokens(task, new float[frames.stateDims()]));
    }

    /// The statistics in words.
    String line(Norms norms) {
        return "of the %s, state by %s, action by %s"
                .formatted(
                        config.statistics().name().toLowerCase(Locale.ROOT),
                        norms.stateRule(),
                        norms.actionRule());
    }
}
