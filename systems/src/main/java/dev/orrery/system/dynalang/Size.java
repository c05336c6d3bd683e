package dev.orrery.system.dynalang;

import dev.orrery.env.Nearest;
import dev.orrery.worldmodel.Form;
import dev.orrery.worldmodel.Rssm;
import java.util.List;

/// The widths of a model, by name.
///
/// Source: arXiv:2301.04104 (`1m` to `400m`), arXiv:2308.01399 (`xl`); `micro` is that of sheeprl's
/// benchmark, `nano` is ours.
///
/// @param name what it is called
/// @param deter width D of the deterministic state
/// @param hidden width of the layers around it
/// @param groups groups G of latents
/// @param classes classes K of each
/// @param blocks blocks of the 2024 recurrence
/// @param depth channels of images are multiples of it
/// @param units width of the other layers
/// @param layers how many of them
record Size(
        String name,
        int deter,
        int hidden,
        int groups,
        int classes,
        int blocks,
        int depth,
        int units,
        Layers layers) {

    /// @param codec layers of encoder and decoder
    /// @param predictors layers of the reward and continue heads
    /// @param behaviour layers of actor and critic
    record Layers(int codec, int predictors, int behaviour) {}

    private static final Layers USUAL = new Layers(3, 1, 3), OLD = new Layers(5, 5, 5);

    private static final List<Size> ALL =
            List.of(
                    new Size("micro", 8, 8, 4, 4, 1, 2, 8, new Layers(1, 1, 1)),
                    new Size("nano", 128, 64, 8, 8, 4, 4, 64, new Layers(1, 1, 2)),
                    published("1m", 512, 64, 4),
                    published("12m", 2048, 256, 16),
                    published("25m", 3072, 384, 24),
                    published("50m", 4096, 512, 32),
                    published("100m", 6144, 768, 48),
                    published("200m", 8192, 1024, 64),
                    published("400m", 12288, 1536, 96),
                    new Size("xl", 4096, 1024, 32, 32, 1, 96, 1024, OLD));

    private static Size published(String name, int deter, int hidden, int classes) {
        return new Size(name, deter, hidden, 32, classes, 8, classes, hidden, USUAL);
    }

    /// The size of this name.
    ///
    /// @throws IllegalArgumentException if there is none; the message names the nearest
    static Size named(String name) {
        return ALL.stream()
                .filter(size -> size.name.equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "there is no size '%s'; %s"
                                        .formatted(name, Nearest.hint(name, names()))));
    }

    /// All names, the smallest first.
    static List<String> names() {
        return ALL.stream().map(Size::name).toList();
    }

    Rssm.Config rssm(Form form, double unimix, int actions, long embedding) {
        return new Rssm.Config(
                form,
                deter,
                hidden,
                groups,
                classes,
                form == Form.V2023 ? 1 : blocks,
                unimix,
                actions,
                Math.toIntExact(embedding));
    }
}
