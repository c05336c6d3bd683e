package dev.orrery.vlm;

import dev.orrery.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Places in a text that stand for what pictures become.
public final class PictureTokens {

    private PictureTokens() {}

    /// The words' embeddings with pictures in the places of a mark.
    ///
    /// @param words embeddings of the text `(B, T, D)`, those of the mark among them
    /// @param ids the text `(B, T)`
    /// @param mark the token that stands for a picture's
    /// @param pictures all pictures' tokens in the order of the text `(S, D)`
    /// @throws IllegalArgumentException if there are more marks than tokens, or fewer
    public static Tensor put(Tensor words, Tensor ids, long mark, Tensor pictures) {
        var flat = ids.toLongs();
        var places = IntStream.range(0, flat.length).filter(i -> flat[i] == mark).asLongStream();
        var where = places.toArray();
        if (where.length != pictures.size(0)) {
            throw new IllegalArgumentException(
                    "texts of shape %s hold the picture token %d %d times, the pictures make %d tokens; write it once for each"
                            .formatted(
                                    Arrays.toString(ids.shape()),
                                    mark,
                                    where.length,
                                    pictures.size(0)));
        }
        return words.flatten(0, 1)
                .indexCopy(0, Tensor.of(where, where.length), pictures.to(words.dtype()))
                .view(words.shape());
    }
}
