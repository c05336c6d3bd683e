package dev.orrery.vision;

import java.util.List;

/// The sizes of a [Siglip] tower.
///
/// @param width channels D
/// @param layers number of blocks
/// @param heads attention heads, a divisor of `width`
/// @param mlp hidden channels of the feed-forward layer
/// @param patch pixels of a patch's side
/// @param stem channels of the 3×3 convolutions of stride 2 before the patches; empty in the paper
/// @param imageSizes pixels of each camera's side, at least a patch; rows and columns that fill no
///   patch are left out, but with a stem there must be none. A single size is shared by all
///   cameras, with one table of positions
public record SiglipConfig(
        int width,
        int layers,
        int heads,
        int mlp,
        int patch,
        List<Integer> stem,
        List<Integer> imageSizes) {

    static final double EPSILON = 1e-6;

    public SiglipConfig {
        stem = List.copyOf(stem);
        imageSizes = List.copyOf(imageSizes);
        if (layers < 0 || mlp < 1) {
            throw new IllegalArgumentException(
                    "siglip: layers is %d and mlp %d; use 0 and 1 or more".formatted(layers, mlp));
        }
        if (heads < 1 || width < heads || width % heads != 0) {
            throw new IllegalArgumentException(
                    "siglip: width %d does not split over %d heads; use a multiple"
                            .formatted(width, heads));
        }
        if (patch < 1 || patch % (1 << stem.size()) != 0) {
            throw new IllegalArgumentException(
                    "siglip: a stem of %d strided convolutions needs a patch that is a multiple of %d, got %d"
                            .formatted(stem.size(), 1 << stem.size(), patch));
        }
        for (int channels : stem) StemLayer.requireGroups(channels);
        if (imageSizes.isEmpty()) {
            throw new IllegalArgumentException("siglip: imageSizes is empty; name one size");
        }
        for (int size : imageSizes) {
            if (size < patch || !stem.isEmpty() && size % patch != 0) {
                throw new IllegalArgumentException(
                        "siglip: imageSizes has %d, patches have %d pixels a side; use %s"
                                .formatted(
                                        size,
                                        patch,
                                        size < patch ? "at least that" : "a multiple"));
            }
        }
    }

    /// So400m/14 at 224 pixels, as in PaliGemma and π0.
    public static SiglipConfig so400m() {
        return new SiglipConfig(1152, 27, 16, 4304, 14, List.of(), List.of(224));
    }

    /// Pixels of a camera's side.
    ///
    /// @throws IllegalArgumentException if the tower has no such camera
    public int imageSize(int camera) {
        return imageSizes.get(index(camera));
    }

    /// Tokens S of one camera's picture.
    public int tokens(int camera) {
        int side = imageSize(camera) / patch;
        return side * side;
    }

    /// The first row of a camera's positions.
    int firstPosition(int camera) {
        int first = 0;
        for (int i = 0; i < index(camera); i++) {
            first += tokens(i);
        }
        return first;
    }

    /// Rows of the table of positions.
    int positions() {
        return firstPosition(imageSizes.size() - 1) + tokens(imageSizes.size() - 1);
    }

    private int index(int camera) {
        if (imageSizes.size() == 1) {
            return 0;
        }
        if (camera < 0 || camera >= imageSizes.size()) {
            throw new IllegalArgumentException(
                    "siglip: there is no camera %d, the tower has %d"
                            .formatted(camera, imageSizes.size()));
        }
        return camera;
    }
}
