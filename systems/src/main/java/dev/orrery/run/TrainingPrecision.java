package dev.orrery.run;

import dev.orrery.nn.Precision;
import dev.orrery.tensor.EngineReport;

/// What a training says at its start about the products that it computes: the switch
/// `training.precision` of its configuration.
///
/// The switch changes how linear layers multiply, forward and backward. Weights, gradients and
/// optimizer state stay F32, so that checkpoints are the same, and a run may be measured and played
/// on a machine without bf16. A run goes on with the precision that it began with, which is in its
/// `config.json`.
public final class TrainingPrecision {

    private TrainingPrecision() {}

    /// Notes which products are used; warns where they are slower than the others.
    public static void say(Precision precision, Progress progress) {
        progress.note(words(precision, EngineReport.current().bf16()));
    }

    /// @param hardware whether the processor multiplies bf16 in hardware
    static String words(Precision precision, boolean hardware) {
        return switch (precision) {
            case F32 ->
                    "linear layers multiply in F32%s"
                            .formatted(
                                    hardware
                                            ? "; this processor multiplies bf16 in hardware, which"
                                                    + " training.precision=BF16 uses"
                                            : "");
            case BF16 ->
                    hardware
                            ? "linear layers multiply in bf16, in hardware; all else is F32"
                            : "warning: linear layers multiply in bf16, which this processor"
                                    + " emulates: slower than training.precision=F32 and rounded more"
                                    + " (orrery doctor)";
        };
    }
}
