package dev.orrery.system.genie;

import dev.orrery.env.Image;
import dev.orrery.nn.Module;
import dev.orrery.system.genie.GenieConfig.Fit;
import dev.orrery.system.genie.GenieConfig.Network;
import dev.orrery.system.genie.LatentActionsConfig.LamInput;
import dev.orrery.system.genie.TokenizerConfig.Variant;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// A world small enough for tests, whose weights are large enough to tell things apart.
final class TinyGenie {

    /// Frames of a clip, edge of a frame, ids of a frame.
    static final int T = 4, SIDE = 8, N = 4;

    private TinyGenie() {}

    static GenieConfig tiny() {
        var smoke = GenieConfig.smoke();
        var network = Network.of(16, 2, 2);
        var t = smoke.tokenizer();
        var l = smoke.latentActions();
        return smoke.with(new GenieConfig.Data("", 100, T, SIDE, SIDE, Fit.EXACT, 0.5, 0.1))
                .with(
                        new TokenizerConfig(
                                4,
                                Variant.TEMPORAL,
                                network,
                                network,
                                new GenieConfig.Codes(12, 4),
                                t.budget()))
                .with(
                        new LatentActionsConfig(
                                4,
                                LamInput.PIXELS,
                                LatentActionsConfig.Sight.paper(),
                                false,
                                0,
                                network,
                                network,
                                new GenieConfig.Codes(3, 4),
                                l.budget()))
                .with(smoke.dynamics().with(network));
    }

    /// A model whose parts have weights large enough to tell things apart.
    static Genie genie(GenieConfig config) {
        var genie = new Genie(config, List.of("left", "right"), Seed.of(1));
        strengthen(genie.tokenizer());
        genie.latentActions().ifPresent(TinyGenie::strengthen);
        strengthen(genie.dynamics());
        return genie;
    }

    static void strengthen(Module module) {
        module.namedParameters()
                .forEach((name, parameter) -> {
                    if (parameter.rank() > 1 && !name.contains("codebook")) {
                        parameter.detach().mul_(8);
                    }
                });
    }

    static Tensor video(long seed) {
        return Seed.of(seed).uniform(2, T, SIDE, SIDE, 3);
    }

    static Tensor ids(long seed) {
        return Seed.of(seed).integers(12, 2, T, N);
    }

    static double distance(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item();
    }

    /// A video with another frame in one place.
    static Tensor changed(Tensor video, int frame) {
        var other = video.copy();
        other.select(1, frame).copy_(Seed.of(99).uniform(2, SIDE, SIDE, 3));
        return other;
    }

    static Image prompt(int side) {
        return new Image(
                side, side, Seed.of(11).integers(256, side, side, 3).to(DType.U8).toBytes());
    }
}
