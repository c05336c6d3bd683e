package dev.orrery.quantize;

import dev.orrery.tensor.Tensor;

/// Checks that quantisers share.
final class Codebook {

    private Codebook() {}

    static int checked(long id, int codes) {
        if (id < 0 || id >= codes)
            throw new IllegalArgumentException(
                    "code %d is not in a codebook of %d codes; ids are from 0 to %d"
                            .formatted(id, codes, codes - 1));
        return (int) id;
    }

    static Tensor checked(Tensor ids, long codes) {
        if (ids.numel() == 0) return ids;
        long least = (long) ids.min().item(), most = (long) ids.max().item();
        if (least < 0 || most >= codes)
            throw new IllegalArgumentException(
                    "code %d is not in a codebook of %d codes; ids are from 0 to %d"
                            .formatted(least < 0 ? least : most, codes, codes - 1));
        return ids;
    }

    static void checkWidth(Tensor z, int width, String what) {
        if (z.rank() == 0 || z.size(-1) != width)
            throw new IllegalArgumentException(
                    "%s needs vectors (..., %d), got %s; project them to %d channels first"
                            .formatted(what, width, z, width));
    }
}
