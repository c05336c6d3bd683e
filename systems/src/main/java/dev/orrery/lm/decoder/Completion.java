package dev.orrery.lm.decoder;

import java.util.List;

/// What a language model wrote after a prompt.
///
/// @param prompt which prompt, by its place in the list
/// @param tokens what was written, the end token included
/// @param end why it ended
public record Completion(int prompt, List<Sampler.Draw> tokens, End end) {

    public Completion {
        tokens = List.copyOf(tokens);
    }

    /// Why a completion ended.
    public enum End {
        /// The model wrote an end token.
        EOS,
        /// One of the stop texts was written.
        STOP,
        /// The most tokens were written.
        LENGTH,
        /// Somebody asked for it, or time was over.
        INTERRUPTED
    }

    /// The ids, the end token included.
    public long[] ids() {
        return tokens.stream().mapToLong(Sampler.Draw::id).toArray();
    }

    /// The log-probability of all of it under the distribution that it was drawn from.
    public double logProb() {
        return tokens.stream().mapToDouble(Sampler.Draw::logProb).sum();
    }

    /// The log-probability of all of it under the model's own distribution.
    public double plainLogProb() {
        return tokens.stream().mapToDouble(Sampler.Draw::plainLogProb).sum();
    }
}
