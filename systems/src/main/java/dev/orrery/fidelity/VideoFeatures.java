package dev.orrery.fidelity;

import java.util.List;

/// Numbers that describe a clip as a whole.
public interface VideoFeatures {

    /// A short name for reports.
    String name();

    /// The first 16 hexadecimal digits of the SHA-256 of the weights; distances compare only where
    /// it is the same.
    String hash();

    /// The features of each clip: `(N, D)`.
    ///
    /// @throws IllegalArgumentException if the clips differ in size or length
    float[][] of(List<Clip> clips);

    /// The Fréchet distance between the features of two sets of clips.
    default double distance(List<Clip> one, List<Clip> other) {
        return FrechetDistance.between(FeatureCloud.of(of(one)), FeatureCloud.of(of(other)));
    }
}
