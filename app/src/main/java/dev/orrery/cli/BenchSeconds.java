package dev.orrery.cli;

import picocli.CommandLine.Option;

/// How long to measure.
final class BenchSeconds {

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "How long each item is measured, at most 60. Default: ${DEFAULT-VALUE}")
    private double seconds = 2;

    /// @throws IllegalArgumentException if it is not more than 0 and at most 60
    double checked() {
        if (!(seconds > 0 && seconds <= 60))
            throw new IllegalArgumentException(
                    "--seconds %s: choose more than 0 and at most 60".formatted(seconds));
        return seconds;
    }
}
