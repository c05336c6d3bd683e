package dev.orrery.policy.adapt;

import dev.orrery.policy.tabletop.FrameSource;
import java.nio.file.Path;

/// A system whose saved policies can be trained further.
public interface Adapts {

    /// Where a finished run of the system keeps its policy.
    Path saved(Path run);

    /// Whether a folder is a saved policy that can be trained further.
    boolean canAdapt(Path policy);

    /// Opens a saved policy on other frames; its statistics, units and words stay as they are.
    ///
    /// @param policy its folder
    /// @param training what it learns from; it is closed with the pupil
    /// @param validation what it is judged by; it is closed with the pupil
    /// @throws IllegalArgumentException if the policy cannot learn from these frames
    Pupil open(Path policy, FrameSource training, FrameSource validation);
}
