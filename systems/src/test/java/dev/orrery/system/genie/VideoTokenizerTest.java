package dev.orrery.system.genie;

import static dev.orrery.system.genie.TinyGenie.N;
import static dev.orrery.system.genie.TinyGenie.SIDE;
import static dev.orrery.system.genie.TinyGenie.T;
import static dev.orrery.system.genie.TinyGenie.changed;
import static dev.orrery.system.genie.TinyGenie.distance;
import static dev.orrery.system.genie.TinyGenie.genie;
import static dev.orrery.system.genie.TinyGenie.ids;
import static dev.orrery.system.genie.TinyGenie.tiny;
import static dev.orrery.system.genie.TinyGenie.video;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.system.genie.GenieConfig.Fit;
import dev.orrery.system.genie.TokenizerConfig.Variant;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VideoTokenizerTest {

    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void laterFramesNeverChangeEarlierIdsOrPixels() {
        var tokenizer = genie(tiny()).tokenizer();
        var before = tokenizer.encode(video(2));
        var after = tokenizer.encode(changed(video(2), 3));
        assertThat(after.narrow(1, 0, 3).equal(before.narrow(1, 0, 3))).isTrue();
        assertThat(after.select(1, 3).equal(before.select(1, 3))).isFalse();
        var pixels = tokenizer.decode(ids(3));
        var other = ids(3).copy();
        other.select(1, 3).copy_(Seed.of(5).integers(12, 2, N));
        assertThat(distance(tokenizer.decode(other).narrow(1, 0, 3), pixels.narrow(1, 0, 3)))
                .isLessThan(1e-6);
    }

    @Test
    void aSpatialTokenizerSeesFramesAlone() {
        var tokenizer = genie(tiny().with(tiny().tokenizer().with(Variant.SPATIAL))).tokenizer();
        var before = tokenizer.encode(video(2));
        var after = tokenizer.encode(changed(video(2), 0));
        assertThat(after.narrow(1, 1, 3).equal(before.narrow(1, 1, 3))).isTrue();
        var temporal = genie(tiny()).tokenizer();
        assertThat(
                        temporal.encode(changed(video(2), 0))
                                .narrow(1, 1, 3)
                                .equal(temporal.encode(video(2)).narrow(1, 1, 3)))
                .isFalse();
    }

    @Test
    void aCacheDecodesTheSamePixels() {
        var tokenizer = genie(tiny()).tokenizer();
        var whole = tokenizer.decode(ids(3));
        try (var cache = tokenizer.decoderCache()) {
            for (int t = 0; t < T; t++) {
                var next = tokenizer.decodeNext(ids(3).narrow(1, t, 1), cache);
                assertThat(distance(next, whole.narrow(1, t, 1))).isLessThan(1e-4);
            }
        }
    }

    @Test
    void framesThatAreNoMultipleOfAPatchArePaddedOrRefused() {
        var data = new GenieConfig.Data("", 100, T, 6, 7, Fit.PAD, 0.5, 0.1);
        var padded = tiny().with(data);
        var tokenizer = genie(padded).tokenizer();
        var video = Seed.of(4).uniform(1, T, 6, 7, 3);
        assertThat(tokenizer.decode(tokenizer.encode(video)).shape())
                .containsExactly(1, T, 6, 7, 3);
        var exact = new GenieConfig.Data("", 100, T, 6, 7, Fit.EXACT, 0.5, 0.1);
        assertThatThrownBy(() -> tiny().with(exact))
                .hasMessage(
                        "genie: video height 6 is not a multiple of patch 4; crop to 4, pad to 8 or"
                                + " use patch 3 (--set tokenizer.patch, data.height, data.width, or"
                                + " data.fit=PAD)");
    }

    @Test
    void badFramesAndIdsAreNamed() {
        var tokenizer = genie(tiny()).tokenizer();
        assertThatThrownBy(() -> tokenizer.encode(Tensor.full(Double.NaN, 1, 1, SIDE, SIDE, 3)))
                .hasMessageContaining("pixels from NaN to NaN");
        assertThatThrownBy(() -> tokenizer.encode(Tensor.zeros(1, 1, 10, SIDE, 3)))
                .hasMessageContaining("this tokenizer needs (B, T, 8, 8, 3)");
        assertThatThrownBy(() -> tokenizer.encode(Tensor.zeros(1, T + 1, SIDE, SIDE, 3)))
                .hasMessageContaining("5 frames after 0 do not fit the context of 4");
        assertThatThrownBy(() -> tokenizer.decode(Tensor.full(12, DType.I64, 1, 1, N)))
                .hasMessageContaining("code 12 is not in a codebook of 12 codes");
    }

    @Test
    void aShareOfTheStepsMayBeContinuous() {
        var t = GenieConfig.smoke().tokenizer();
        assertThat(t.with(t.budget().withSteps(10)).firstQuantised()).isEqualTo(2);
        assertThatThrownBy(() ->
                        new TokenizerConfig(
                                4, t.variant(), t.encoder(), t.decoder(), t.codes(), t.budget(), 1))
                .hasMessageContaining("tokenizer.continuous is 1.0; use a share, 0 to less than 1");
    }

    @Test
    void codesThatStartFromAVideoMakeItBetter() {
        var tokenizer = genie(tiny()).tokenizer();
        double continuous = tokenizer.continuousLoss(video(2)).item();
        double before = tokenizer.loss(video(2)).quantized().loss().item();
        tokenizer.startCodes(video(2), Seed.of(3));
        var after = tokenizer.loss(video(2));
        assertThat(after.quantized().loss().item()).isLessThan(before / 2);
        assertThat(after.reconstruction().item()).isBetween(continuous / 2, 2 * continuous);
    }
}
