package dev.orrery.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.optim.AdamW;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VectorQuantizerTest {

    private static final VectorQuantizer.Config COSINE = VectorQuantizer.Config.cosine(4, 3);

    private static VectorQuantizer withCodes(VectorQuantizer.Config config, float... codes) {
        var quantizer = new VectorQuantizer(config, Seed.of(1));
        quantizer.load(
                Map.of(
                        "codebook",
                        Tensor.of(codes, config.codes(), config.width()),
                        "idle",
                        Tensor.zeros(DType.I64, config.codes())));
        return quantizer;
    }

    private static VectorQuantizer.Config with(VectorQuantizer.Config c, Revival revival) {
        return new VectorQuantizer.Config(
                c.codes(),
                c.width(),
                c.distance(),
                c.learning(),
                c.commitment(),
                c.route(),
                revival);
    }

    @Test
    void cosineIgnoresLengthsAndGivesCodesOfLengthOne() {
        var quantizer = withCodes(COSINE, 1, 0, 0, 0, 2, 0, 0, 0, 3, -1, 0, 0);
        var quantized = quantizer.forward(Tensor.of(new float[] {0, 9, 1, -5, 0, 1}, 1, 2, 3));
        assertThat(quantized.ids().toLongs()).containsExactly(1, 3);
        assertThat(quantized.ids().shape()).containsExactly(1, 2);
        assertThat(quantized.embedding().toFloats())
                .containsExactly(new float[] {0, 1, 0, -1, 0, 0}, within(1e-6f));
        assertThat(quantizer.lookup(quantized.ids()).toFloats())
                .containsExactly(new float[] {0, 1, 0, -1, 0, 0}, within(1e-6f));
    }

    @Test
    void euclideanTakesTheNearestOfAllByHand() {
        var config =
                new VectorQuantizer.Config(
                        20,
                        5,
                        Distance.EUCLIDEAN,
                        CodebookLearning.gradient(),
                        0.25,
                        Route.STRAIGHT_THROUGH,
                        Revival.never());
        var quantizer = withCodes(config, Seed.of(3).normals(100));
        var z = Seed.of(4).normal(30, 5);
        var ids = quantizer.forward(z).ids().toLongs();
        float[] vectors = z.toFloats(), codes = quantizer.codes().toFloats();
        for (int n = 0; n < 30; n++) {
            int best = 0;
            double least = Double.MAX_VALUE;
            for (int k = 0; k < 20; k++) {
                double squares = 0;
                for (int d = 0; d < 5; d++)
                    squares += Math.pow(vectors[5 * n + d] - codes[5 * k + d], 2);
                if (squares < least) {
                    least = squares;
                    best = k;
                }
            }
            assertThat(ids[n]).as("vector %d", n).isEqualTo(best);
        }
    }

    @Test
    void lossIsTheCodebookTermAndAQuarterOfTheCommitment() {
        var config =
                new VectorQuantizer.Config(
                        2,
                        2,
                        Distance.EUCLIDEAN,
                        CodebookLearning.gradient(),
                        0.25,
                        Route.STRAIGHT_THROUGH,
                        Revival.never());
        var quantizer = withCodes(config, 0, 0, 10, 10);
        var z = Tensor.of(new float[] {1, 2}, 1, 2).requiresGrad_(true);
        var quantized = quantizer.forward(z);
        assertThat(quantized.loss().item()).isEqualTo(1.25 * 2.5, within(1e-6));
        quantized.loss().backward();
        assertThat(z.grad().toFloats()).containsExactly(new float[] {0.25f, 0.5f}, within(1e-6f));
        assertThat(quantizer.namedParameters().get("codebook").grad().toFloats())
                .containsExactly(new float[] {-1, -2, 0, 0}, within(1e-6f));
    }

    @Test
    void gradientsPassStraightThroughAndNeverReachTheCodes() {
        var quantizer = new VectorQuantizer(COSINE, Seed.of(2));
        var z = Distance.unit(Seed.of(5).normal(6, 3)).requiresGrad_(true);
        var weight = Seed.of(6).normal(6, 3);
        quantizer.forward(z).embedding().mul(weight).sum().backward();
        // Of unit vectors, the normalisation lets through what is across them.
        var unit = z.detach();
        var across = weight.sub(unit.mul(weight.mul(unit).sum(-1, true)));
        assertThat(z.grad().allclose(across, 1e-5, 1e-6)).isTrue();
        assertThat(quantizer.namedParameters().get("codebook").hasGrad()).isFalse();
    }

    @Test
    void codesFollowTheVectorsWhenTheLossIsMinimised() {
        var quantizer = new VectorQuantizer(COSINE, Seed.of(7));
        var optimizer = new AdamW(quantizer.parameters(), 0.05);
        var z = Tensor.of(new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1, -1, -1, -1}, 4, 3);
        for (int step = 0; step < 120; step++)
            try (var _ = TensorScope.open()) {
                var quantized = quantizer.forward(z);
                optimizer.minimise(quantized.loss());
                quantizer.endStep(List.of(quantized), Seed.of(step));
            }
        var quantized = quantizer.forward(z);
        assertThat(quantizer.usage(quantized).used()).isEqualTo(4);
        assertThat(quantized.loss().item()).isLessThan(1e-3);
    }

    @Test
    void aCodeIsRevivedFromTheBatchWhenItsPatienceIsOver() {
        var quantizer =
                withCodes(
                        with(COSINE, Revival.fromLatents(3)), 1, 0, 0, 0, 1, 0, 0, 0, 1, -1, 0, 0);
        var z = Tensor.of(new float[] {1, 0.1f, 0, 0.1f, 1, 0}, 2, 3);
        for (int step = 0; step < 2; step++)
            assertThat(quantizer.endStep(List.of(quantizer.forward(z)), Seed.of(step))).isZero();
        assertThat(quantizer.idle()).containsExactly(0, 0, 2, 2);
        assertThat(quantizer.endStep(List.of(quantizer.forward(z)), Seed.of(9))).isEqualTo(2);
        assertThat(quantizer.idle()).containsExactly(0, 0, 0, 0);
        var latents = Distance.unit(z).toFloats();
        var revived = quantizer.codes().narrow(0, 2, 2);
        // Two vectors for two codes: each once, in either order.
        var order =
                revived.toFloats()[0] > revived.toFloats()[1] ? new int[] {0, 3} : new int[] {3, 0};
        for (int i = 0; i < 3; i++) {
            assertThat(revived.toFloats()[i]).isEqualTo(latents[order[0] + i], within(1e-6f));
            assertThat(revived.toFloats()[3 + i]).isEqualTo(latents[order[1] + i], within(1e-6f));
        }
    }

    @Test
    void aCodeThatIsUsedInBetweenStartsToWaitAnew() {
        var quantizer =
                withCodes(
                        with(COSINE, Revival.fromLatents(2)), 1, 0, 0, 0, 1, 0, 0, 0, 1, -1, 0, 0);
        var all = Tensor.of(new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1, -1, 0, 0}, 4, 3);
        var few = all.narrow(0, 0, 2);
        for (int step = 0; step < 6; step++) {
            var batch = quantizer.forward(step % 2 == 0 ? few : all);
            assertThat(quantizer.endStep(List.of(batch), Seed.of(step))).isZero();
        }
    }

    @Test
    void revivalFromLiveCodesStaysBesideACodeThatIsUsed() {
        var quantizer =
                withCodes(
                        with(COSINE, Revival.fromLiveCodes(1)),
                        1,
                        0,
                        0,
                        0,
                        1,
                        0,
                        0,
                        0,
                        1,
                        -1,
                        0,
                        0);
        var z = Tensor.of(new float[] {0, 2, 0}, 1, 3);
        assertThat(quantizer.endStep(List.of(quantizer.forward(z)), Seed.of(1))).isEqualTo(3);
        var codes = quantizer.codes().toFloats();
        for (int k = 0; k < 4; k++) assertThat(codes[3 * k + 1]).isGreaterThan(0.99f);
        assertThat(codes[1]).isNotEqualTo(codes[7]);
    }

    @Test
    void aStepOfSeveralBatchesCountsThemTogether() {
        var quantizer =
                withCodes(
                        with(COSINE, Revival.fromLatents(1)), 1, 0, 0, 0, 1, 0, 0, 0, 1, -1, 0, 0);
        var all = Tensor.of(new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1, -1, 0, 0}, 4, 3);
        var first = quantizer.forward(all.narrow(0, 0, 2));
        var second = quantizer.forward(all.narrow(0, 2, 2));
        assertThat(quantizer.endStep(List.of(first, second), Seed.of(1))).isZero();
    }

    @Test
    void averagesMoveToTheVectorsAndAreSmoothed() {
        var quantizer = new VectorQuantizer(VectorQuantizer.Config.average(2, 1, 0.5), Seed.of(1));
        quantizer.load(
                Map.of(
                        "codebook", Tensor.of(new float[] {0, 10}, 2, 1),
                        "cluster_size", Tensor.ones(2),
                        "codebook_sum", Tensor.of(new float[] {0, 10}, 2, 1),
                        "idle", Tensor.zeros(DType.I64, 2)));
        var quantized = quantizer.forward(Tensor.of(new float[] {1, 2, 3}, 3, 1));
        assertThat(quantized.loss().item()).isEqualTo(0.25 * 14 / 3, within(1e-6));
        quantizer.endStep(List.of(quantized), Seed.of(0));
        // Sizes (1 + 3)/2 and 1/2, sums (0 + 6)/2 and 5.
        assertThat(quantizer.codes().toFloats())
                .containsExactly(new float[] {1.5f, 10}, within(1e-3f));
        assertThat(quantizer.parameters()).isEmpty();
    }

    @Test
    void aRunThatGoesOnFromACheckpointIsTheSameToTheBit(@TempDir Path folder) {
        var config = with(VectorQuantizer.Config.cosine(32, 6), Revival.fromLatents(4));
        var whole = new VectorQuantizer(config, Seed.of(8));
        var optimizer = new AdamW(whole.parameters(), 0.01);
        train(whole, optimizer, 0, 6);
        whole.save(folder.resolve("codes.safetensors"));
        Safetensors.write(folder.resolve("adam.safetensors"), optimizer.stateDict(), Map.of());
        int revived = train(whole, optimizer, 6, 14);
        assertThat(revived).isPositive();

        var again = new VectorQuantizer(config, Seed.of(99));
        again.load(folder.resolve("codes.safetensors"));
        var more = new AdamW(again.parameters(), 0.01);
        more.load(Safetensors.read(folder.resolve("adam.safetensors")));
        assertThat(train(again, more, 6, 14)).isEqualTo(revived);
        whole.stateDict()
                .forEach((name, tensor) ->
                        assertThat(again.stateDict().get(name).equal(tensor)).as(name).isTrue());
    }

    private static int train(VectorQuantizer quantizer, AdamW optimizer, int from, int to) {
        int revived = 0;
        for (int step = from; step < to; step++)
            try (var _ = TensorScope.open()) {
                var quantized = quantizer.forward(Seed.of(step).normal(5, 6));
                optimizer.minimise(quantized.loss());
                revived += quantizer.endStep(List.of(quantized), Seed.of(step).split("codes"));
            }
        return revived;
    }

    @Test
    void paddingIsNotLearnedFromAndComesOutAsZero() {
        var config = VectorQuantizer.Config.average(4, 3, 0.5);
        var whole = new VectorQuantizer(config, Seed.of(3));
        var padded = new VectorQuantizer(config, Seed.of(3));
        var z = Seed.of(4).normal(1, 5, 3);
        var alone = whole.forward(z.narrow(1, 0, 2));
        var mask = Tensor.of(new boolean[] {true, true, false, false, false}, 1, 5);
        var masked = padded.forward(z, mask);
        assertThat(masked.loss().item()).isEqualTo(alone.loss().item());
        assertThat(masked.ids().toLongs()).endsWith(-1, -1, -1);
        assertThat(masked.embedding().narrow(1, 2, 3).abs().sum().item()).isZero();
        assertThat(padded.usage(masked).total()).isEqualTo(2);
        whole.endStep(List.of(alone), Seed.of(1));
        padded.endStep(List.of(masked), Seed.of(1));
        assertThat(padded.codes().equal(whole.codes())).isTrue();
        assertThatThrownBy(() -> padded.forward(z, mask.narrow(1, 2, 3)))
                .hasMessageContaining("need a mask [1, 5]");
    }

    @Test
    void wrongVectorsAndIdsAreNamed() {
        var quantizer = new VectorQuantizer(COSINE, Seed.of(1));
        assertThatThrownBy(() -> quantizer.forward(Tensor.zeros(2, 5)))
                .hasMessageContaining("(..., 3), got F32[2, 5]");
        assertThatThrownBy(() -> quantizer.lookup(Tensor.of(new long[] {0, 4}, 2)))
                .hasMessageContaining("code 4 is not in a codebook of 4");
        assertThatThrownBy(() -> CodeUsage.of(Tensor.of(new long[] {-2}, 1), 4))
                .hasMessageContaining("code -2");
    }

    @Test
    void codesStartWhereTheVectorsAre() {
        try (var _ = TensorScope.open()) {
            var quantizer = new VectorQuantizer(VectorQuantizer.Config.cosine(4, 8), Seed.of(1));
            var places = Seed.of(2).normal(4, 8);
            var vectors = places.repeat(50, 1).add(Seed.of(3).normal(200, 8).mul(0.02));
            quantizer.start(vectors, Seed.of(4));
            assertThat(CodeUsage.of(quantizer.encode(vectors), 4).perplexity())
                    .isCloseTo(4, within(1e-6));
            assertThat(quantizer.forward(vectors).loss().item()).isLessThan(1e-3);
        }
    }

    @Test
    void codesNeedAsManyVectorsToStartFrom() {
        try (var _ = TensorScope.open()) {
            var quantizer = new VectorQuantizer(VectorQuantizer.Config.cosine(4, 8), Seed.of(1));
            assertThatThrownBy(() -> quantizer.start(Seed.of(2).normal(3, 8), Seed.of(4)))
                    .hasMessage("4 codes cannot start from 3 vectors; give at least as many");
        }
    }
}
