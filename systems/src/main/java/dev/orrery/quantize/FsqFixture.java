package dev.orrery.quantize;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.quantize.FiniteScalarQuantizer.Grid;
import dev.orrery.quantize.Frame.Projection;
import dev.orrery.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/// The library's `FSQ` as a [FiniteScalarQuantizer].
final class FsqFixture {

    private final int codebooks;
    private final boolean channelsFirst, listed;
    private final FiniteScalarQuantizer quantizer;
    private final Frame frame;

    private FsqFixture(LibrarySettings settings) {
        var levels = settings.wholes("levels");
        codebooks = settings.whole("num_codebooks", 1);
        channelsFirst = settings.flag("channel_first", false);
        listed = settings.flag("keep_num_codebooks_dim", codebooks > 1);
        settings.off("noise_dropout");
        settings.ignore("scale", "return_indices", "force_quantization_f32", "allowed_dtypes");
        var grid = settings.flag("preserve_symmetry", false) ? Grid.SYMMETRIC : Grid.OFFSET;
        quantizer =
                new FiniteScalarQuantizer(
                        new FiniteScalarQuantizer.Config(
                                levels, grid, settings.flag("bound_hard_clamp", false)));
        boolean biased = settings.flag("projection_has_bias", true);
        frame =
                new Frame(
                        new Frame.Config(
                                settings.whole("dim", levels.size() * codebooks),
                                levels.size(),
                                codebooks,
                                biased ? Projection.LINEAR : Projection.UNBIASED,
                                1,
                                settings.flag("orthogonal_rotation", false)));
    }

    static Map<String, Tensor> run(Fixture fixture, LibrarySettings settings) {
        var model = new FsqFixture(settings);
        settings.finish("FSQ");
        QuantizerFixture.load(model.frame, fixture);
        return model.outputs(fixture);
    }

    private Map<String, Tensor> outputs(Fixture fixture) {
        var inputs = fixture.inputs();
        var z = QuantizerFixture.leaf(inputs, "z", "x");
        boolean moved = channelsFirst || z.rank() >= 4;
        var vectors = frame.split(frame.project(moved ? z.movedim(1, -1) : z));
        var quantized = quantizer.forward(vectors);
        var joined = frame.join(quantized.embedding());
        var out = moved ? joined.movedim(-1, 1) : joined;
        var found = new LinkedHashMap<String, Tensor>();
        found.put("quantized", out.detach());
        found.put("indices", listed ? quantized.ids() : quantized.ids().squeeze(-1));
        found.put("codes_of_all_indices", all(fixture));
        QuantizerFixture.differentiate(out, Tensor.zeros(), inputs, z, found);
        QuantizerFixture.gradients(frame, found);
        return found;
    }

    /// The codes of all ids, as they come out where that is the expected width.
    private Tensor all(Fixture fixture) {
        var codes = quantizer.codes();
        var expected = fixture.expected().get("codes_of_all_indices");
        if (expected == null || expected.size(-1) == codes.size(-1) || codebooks > 1) return codes;
        return frame.join(codes.unsqueeze(-2)).detach();
    }
}
