package dev.orrery.policy;

import dev.orrery.data.text.Tokenizer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// The ids of a language model, as far as they matter to [ActionTokenizer].
///
/// @param size ids that texts are made of; rows that only pad the embedding table do not count
/// @param kept ids that must go on meaning what they mean, such as special and added tokens, with
///   what that is
/// @param counts how often ids occur in a corpus of texts; those that are missing never do
/// @param numbers ids of words for numbers, the smallest number first
public record ActionVocabulary(
        long size, SortedMap<Long, String> kept, Map<Long, Long> counts, List<Long> numbers) {

    public ActionVocabulary {
        if (size < 1) {
            throw new IllegalArgumentException(
                    "action tokens: a vocabulary of %d ids; it needs at least 1".formatted(size));
        }
        kept = Collections.unmodifiableSortedMap(new TreeMap<>(kept));
        counts = Map.copyOf(counts);
        numbers = List.copyOf(numbers);
    }

    /// A vocabulary of which nothing but the kept ids is known.
    public static ActionVocabulary of(long size, SortedMap<Long, String> kept) {
        return new ActionVocabulary(size, kept, Map.of(), List.of());
    }

    /// That of a published tokenizer, whose special and added tokens are kept.
    ///
    /// @param size ids that the model was trained with, which is not always the tokenizer's size
    public static ActionVocabulary of(Tokenizer tokenizer, long size) {
        return of(size, tokenizer.added());
    }
}
