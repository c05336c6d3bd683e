package dev.orrery.worldmodel.play;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// What can be pressed while a model dreams, and from where dreams can begin.
///
/// @param height rows of a frame in pixels
/// @param width columns of a frame
/// @param prompts names of the frames that a dream can begin from, at least one
/// @param codes how many latent actions there are
/// @param idle the code that stands for no key
/// @param actions the calibration: which code stands for an action of the world itself. Actions are
///   named in words, `jump left`; empty where no transition was labelled
/// @param meanings what each code was seen to do, by code; empty where that was not measured
public record DreamControls(
        int height,
        int width,
        List<String> prompts,
        int codes,
        int idle,
        SequencedMap<String, Integer> actions,
        List<Meaning> meanings) {

    /// What a code was seen to do.
    ///
    /// @param does the action that it stood for most often, in words; empty if it was never used
    /// @param share of its transitions that were that action, 0 to 1
    /// @param usage of all transitions that had this code, 0 to 1
    public record Meaning(String does, double share, double usage) {}

    public DreamControls {
        prompts = List.copyOf(prompts);
        actions = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(actions));
        meanings = List.copyOf(meanings);
        if (height < 1 || width < 1 || codes < 1 || prompts.isEmpty()) {
            throw new IllegalArgumentException(
                    "frames of %d x %d, %d codes, %d prompts; each needs to be at least 1"
                            .formatted(height, width, codes, prompts.size()));
        }
        check("idle", idle, codes);
        for (var action : actions.entrySet()) {
            check(action.getKey(), action.getValue(), codes);
        }
        if (!meanings.isEmpty() && meanings.size() != codes) {
            throw new IllegalArgumentException(
                    "%d meanings of %d codes; give one for each".formatted(meanings.size(), codes));
        }
    }

    private static void check(String what, int code, int codes) {
        if (code < 0 || code >= codes) {
            throw new IllegalArgumentException(
                    "%s is code %d; codes are 0 to %d".formatted(what, code, codes - 1));
        }
    }

    /// The action of the world itself that comes nearest to a code: one that the calibration gives
    /// it, or else what it was seen to do. Empty if neither is known.
    public Optional<String> action(int code) {
        check("the key", code, codes);
        var seen = meanings.isEmpty() ? "" : meanings.get(code).does();
        if (!seen.isEmpty()) {
            return Optional.of(seen);
        }
        return actions.entrySet().stream()
                .filter(action -> action.getValue() == code)
                .map(java.util.Map.Entry::getKey)
                .findFirst();
    }
}
