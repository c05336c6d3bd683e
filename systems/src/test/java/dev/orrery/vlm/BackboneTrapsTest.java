package dev.orrery.vlm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.Trace;
import dev.orrery.lm.decoder.DecoderPass;
import dev.orrery.lm.encoder.T5Encoder;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vision.vit.Dinov2;
import dev.orrery.vision.vit.DualEncoder;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What people trip over in these models, each by its effect.
class BackboneTrapsTest {

    private static final Path GOLDENS = Path.of("src/test/resources/goldens");

    private final TensorScope scope = TensorScope.open();
    private final Grad still = Grad.disabled();

    @AfterEach
    void close() {
        still.close();
        scope.close();
    }

    private static PublicConfig config(String name) {
        return PublicConfig.read(GOLDENS.resolve(name).resolve("config.json"));
    }

    private static Path weights(String name) {
        return GOLDENS.resolve(name).resolve("weights.safetensors");
    }

    private static Tensor read(DualEncoder model, Tensor ids, Tensor mask) {
        return model.words(model.text().forward(ids, mask, Trace.silent()).pooled());
    }

    private static double apart(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item();
    }

    @Test
    void paddingIsAPartOfSiglipButNotOfClip() {
        var text = new long[] {7, 8, 9, 119};
        var longer = new long[] {4, 5, 6, 10, 11, 12, 13, 119};
        try (var siglip = DualEncoder.open(config("siglip"), weights("siglip"));
                var clip = DualEncoder.open(config("clip"), weights("clip"))) {
            var ids = Tensor.of(text, 1, 4);
            var all = Tensor.ones(DType.I64, 1, 4);
            var full = siglip.text().batch(List.of(text), 1);
            assertThat(full.ids().shape()).containsExactly(1, 12);
            // not padded, the same text means something else
            assertThat(apart(read(siglip, full.ids(), full.mask()), read(siglip, ids, all)))
                    .isGreaterThan(1e-3);
            var alone = clip.text().batch(List.of(text), 1);
            var both = clip.text().batch(List.of(text, longer), 1);
            assertThat(both.ids().shape()).containsExactly(2, 8);
            assertThat(
                            apart(
                                    read(clip, alone.ids(), alone.mask()),
                                    read(clip, both.ids(), both.mask()).narrow(0, 0, 1)))
                    .isLessThan(1e-5);
        }
    }

    /// Figures of the transformers library 5.18 with and without an attention mask.
    @Test
    void siglipSeesAllOfATextUnlessAMaskSaysOtherwise() {
        try (var siglip = DualEncoder.open(config("siglip"), weights("siglip"))) {
            var text = siglip.text().batch(List.of(new long[] {7, 8, 9, 119}), 1);
            var mask = Tensor.of(new long[] {1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0}, 1, 12);
            pools(siglip, text.ids(), text.mask(), .9620735f, -.4397475f, .3290918f, -.6223305f);
            pools(siglip, text.ids(), mask, -.5206607f, -.0144027f, .5163620f, -1.5933188f);
        }
    }

    private static void pools(DualEncoder model, Tensor ids, Tensor mask, float... first) {
        var pooled = model.text().forward(ids, mask, Trace.silent()).pooled();
        assertThat(pooled.narrow(1, 0, first.length).flatten().toFloats())
                .containsExactly(first, Offset.offset(2e-5f));
    }

    @Test
    void textsThatAModelCannotReadAreRefused() {
        try (var clip = DualEncoder.open(config("clip"), weights("clip"))) {
            assertThatThrownBy(() -> clip.text().batch(List.of(new long[17]), 1))
                    .hasMessageContaining("text 0 has 17 tokens; the model takes 1 to 16");
            assertThatThrownBy(() -> clip.text().batch(List.of(new long[] {120}), 1))
                    .hasMessageContaining("token 120, the vocabulary has 120");
            var without = clip.text().batch(List.of(new long[] {3, 4}), 1);
            assertThatThrownBy(() -> read(clip, without.ids(), without.mask()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no end token 119, where CLIP pools");
        }
    }

    @Test
    void clipPoolsAtTheFirstEndAndLegacyFilesAtTheHighestId() {
        try (var clip = DualEncoder.open(config("clip"), weights("clip"))) {
            var once = clip.text().batch(List.of(new long[] {3, 119}), 1);
            var twice = clip.text().batch(List.of(new long[] {3, 119, 119, 119}), 1);
            // what is behind the first end is not looked at: attention is causal
            assertThat(
                            apart(
                                    read(clip, once.ids(), once.mask()),
                                    read(clip, twice.ids(), twice.mask())))
                    .isLessThan(1e-5);
        }
    }

    @Test
    void dinoTakesOtherSizesByItsOwnTableOnly() {
        try (var dino = Dinov2.open(config("dinov2"), weights("dinov2"))) {
            var usual = dino.embed(Tensor.zeros(1, 3, 16, 16));
            var large = dino.embed(Tensor.zeros(1, 3, 24, 24));
            assertThat(usual.size(1)).isEqualTo(1 + 16);
            assertThat(large.size(1)).isEqualTo(1 + 36);
            // the class token's place is not interpolated
            assertThat(apart(usual.narrow(1, 0, 1), large.narrow(1, 0, 1))).isZero();
            assertThatThrownBy(() -> dino.embed(Tensor.zeros(1, 3, 2, 2)))
                    .hasMessageContaining("at least one patch of 4 pixels");
        }
    }

    @Test
    void siglipRefusesPicturesOfAnotherSize() {
        try (var siglip = DualEncoder.open(config("siglip"), weights("siglip"))) {
            assertThatThrownBy(() ->
                            siglip.vision().forward(Tensor.zeros(1, 3, 24, 24), Trace.silent()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("24");
        }
    }

    @Test
    void wordsOfGemmaAreScaledOnceAndPicturesNotAtAll() {
        try (var model = PaliGemma.open(config("paligemma"), weights("paligemma"))) {
            var fixture = Fixture.read(GOLDENS.resolve("paligemma"));
            var in = fixture.inputs();
            var wanted = fixture.expected().get("logits");
            var pictures = model.look(in.get("pixel_values"));
            long seen = pictures.size(1), length = in.get("input_ids").size(1);
            var words = in.get("input_ids").narrow(1, seen, length - seen);
            long prefix =
                    length
                            - (long)
                                    in.get("token_type_ids")
                                            .select(0, 0)
                                            .to(DType.F32)
                                            .sum()
                                            .item();
            double root = Math.sqrt(model.language().model().config().width());
            var embedded = model.embed(pictures, words);
            assertThat(apart(model.forward(embedded, prefix, Trace.silent()), wanted))
                    .isLessThan(1e-3);
            var scaled = model.embed(pictures.mul(root), words);
            assertThat(apart(model.forward(scaled, prefix, Trace.silent()), wanted))
                    .isGreaterThan(0.1);
            var twice = embedded.copy();
            twice.narrow(1, seen, length - seen).mul_(root);
            assertThat(apart(model.forward(twice, prefix, Trace.silent()), wanted))
                    .isGreaterThan(0.1);
        }
    }

    @Test
    void aSuffixOfPaligemmaChangesNothingBeforeItAndALatePrefixTokenDoes() {
        try (var model = PaliGemma.open(config("paligemma"), weights("paligemma"))) {
            var pictures = model.look(Seed.of(1).normal(1, 3, 16, 16));
            long seen = pictures.size(1), prefix = seen + 4;
            var words = Seed.of(2).integers(100, 1, 4);
            var before = model.forward(model.embed(pictures, words), prefix, Trace.silent());
            var more = Tensor.cat(List.of(words, Seed.of(3).integers(100, 1, 3)), 1);
            var after = model.forward(model.embed(pictures, more), prefix, Trace.silent());
            assertThat(apart(after.narrow(1, 0, prefix), before)).isLessThan(1e-4);
            var other = words.copy();
            other.narrow(1, 3, 1).add_(1);
            var changed = model.forward(model.embed(pictures, other), prefix, Trace.silent());
            assertThat(apart(changed.narrow(1, 0, 1), before.narrow(1, 0, 1))).isGreaterThan(1e-4);
        }
    }

    @Test
    void paddingOnTheRightDoesNotReachT5() {
        try (var t5 = T5Encoder.open(config("t5-encoder"), weights("t5-encoder"))) {
            var ids = Seed.of(1).integers(50, 1, 6);
            var padded = Tensor.cat(List.of(ids, Tensor.zeros(DType.I64, 1, 3)), 1);
            var mask = Tensor.ones(DType.I64, 1, 9);
            mask.narrow(1, 6, 3).mul_(0);
            var alone = t5.forward(ids, Tensor.ones(DType.I64, 1, 6), Trace.silent());
            var company = t5.forward(padded, mask, Trace.silent());
            assertThat(apart(company.narrow(1, 0, 6), alone)).isLessThan(1e-5);
        }
    }

    @Test
    void decodersNeedSectionsForPositionsOfSeveralAxes() {
        try (var model = PaliGemma.open(config("paligemma"), weights("paligemma"))) {
            var words = model.language().model().embed(Seed.of(2).integers(100, 1, 4));
            var pass = DecoderPass.whole(4).at(Tensor.zeros(DType.I64, 3, 1, 4));
            assertThatThrownBy(() -> model.language().model().forward(words, pass))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("sections [] have 0");
        }
    }
}
