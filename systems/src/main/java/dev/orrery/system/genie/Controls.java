package dev.orrery.system.genie;

import dev.orrery.worldmodel.play.DreamControls.Meaning;
import java.util.List;

/// Which latent action stands for which of the data's actions, as far as that is known.
///
/// @param names the data's actions
/// @param codes the latent action for each of them; empty if it is not known
/// @param idle the latent action that is done when no key is pressed
/// @param meanings what each latent action was seen to do; empty if that is not known
public record Controls(List<String> names, List<Integer> codes, int idle, List<Meaning> meanings) {

    public Controls {
        names = List.copyOf(names);
        codes = List.copyOf(codes);
        meanings = List.copyOf(meanings);
        if (!codes.isEmpty() && codes.size() != names.size()) {
            throw new IllegalArgumentException(
                    "genie: %d latent actions for %d actions %s; give one for each"
                            .formatted(codes.size(), names.size(), names));
        }
    }

    /// Nothing is known but what to do when no key is pressed.
    public static Controls unknown(int idle) {
        return new Controls(List.of(), List.of(), idle, List.of());
    }
}
