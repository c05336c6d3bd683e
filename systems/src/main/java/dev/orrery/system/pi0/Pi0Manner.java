package dev.orrery.system.pi0;

import dev.orrery.data.text.Tokenizer;
import dev.orrery.env.tabletop.Camera;
import dev.orrery.policy.DeltaActions;
import dev.orrery.policy.PaligemmaPrompt;
import dev.orrery.policy.Wording;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// How a network is talked to, besides its sizes.
///
/// @param cameras the network's inputs, in its order
/// @param tokenizer PaliGemma's tokenizer file; none for the tabletop's words
/// @param toldState how many state values π0.5's prompt tells, zeros for those that are missing; 0
///   for as many as there are
/// @param relative which actions are relative to the state
record Pi0Manner(
        List<String> cameras,
        Optional<Path> tokenizer,
        int toldState,
        Optional<DeltaActions> relative) {

    Pi0Manner {
        cameras = List.copyOf(cameras);
    }

    /// The tabletop's: two cameras, words, absolute actions.
    static Pi0Manner tabletop() {
        return new Pi0Manner(
                List.of(Camera.OVERHEAD, Camera.WRIST), Optional.empty(), 0, Optional.empty());
    }

    /// What turns instructions into tokens for a network.
    ///
    /// @throws IllegalArgumentException if the tokenizer has more ids than the network
    Wording wording(Pi0Config.Model model) {
        if (tokenizer.isEmpty()) {
            return TabletopWording.of(model);
        }
        var opened = Tokenizer.open(tokenizer.get());
        int length = model.io().textTokens();
        // what was added past the vocabulary's end, such as <image>, is in no prompt
        if (opened.ownSize() > model.io().vocabulary()) {
            throw new IllegalArgumentException(
                    "%s has %d tokens, the network knows %d; use the tokenizer that it was trained with"
                            .formatted(tokenizer.get(), opened.ownSize(), model.io().vocabulary()));
        }
        var prompt =
                switch (model.variant()) {
                    case PI0 -> PaligemmaPrompt.pi0(opened, length);
                    case PI05 -> PaligemmaPrompt.pi05(opened, length);
                };
        return toldState == 0
                ? prompt
                : (text, state) -> prompt.tokens(text, Arrays.copyOf(state, toldState));
    }
}
