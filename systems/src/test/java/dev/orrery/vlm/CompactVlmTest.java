package dev.orrery.vlm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.lm.Trace;
import dev.orrery.lm.decoder.Greedy;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vision.SiglipConfig;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CompactVlmTest {

    private static final int PATCHES = 5, WORDS = 4;
    private final TensorScope scope = TensorScope.open();
    private CompactVlm model;

    @BeforeEach
    void build() {
        var tower = new SiglipConfig(32, 2, 4, 64, 8, List.of(), List.of(16, 8));
        model = new CompactVlm(CompactVlm.Size.of(tower, 40, 32, 3, 4, 64), Seed.of(3));
    }

    @AfterEach
    void free() {
        model.close();
        scope.close();
    }

    private static CompactVlm.Prompt prompt(boolean wrist, long[] words, boolean[] real) {
        var seed = Seed.of(8);
        return new CompactVlm.Prompt(
                List.of(
                        seed.split(1).normal(2, 3, 16, 16).clamp(-1, 1),
                        seed.split(2).normal(2, 3, 8, 8).clamp(-1, 1)),
                List.of(
                        Tensor.of(new boolean[] {true, true}, 2),
                        Tensor.of(new boolean[] {wrist, wrist}, 2)),
                Tensor.of(words, 2, words.length / 2),
                Tensor.of(real, 2, words.length / 2));
    }

    private static CompactVlm.Prompt prompt() {
        return prompt(
                true,
                new long[] {0, 7, 8, 2, 9, 10, 11, 2},
                new boolean[] {false, true, true, true, true, true, true, true});
    }

    @Test
    void thePromptSeesItselfBothWaysAndTheAnswerOnlyWhatItSaid() {
        try (var _ = Grad.disabled()) {
            var embedded = model.embed(prompt());
            assertThat(embedded.tokens().shape()).containsExactly(2, PATCHES + WORDS, 32);
            var other = model.embed(prompt(true, new long[] {0, 7, 8, 2, 9, 10, 12, 2}, all()));
            var first = model.read(embedded).last().select(1, 0);
            var changed = model.read(other).last().select(1, 0);
            // the first patch of the second row reads the word that differs
            assertThat(changed.select(0, 1).sub(first.select(0, 1)).abs().max().item())
                    .isGreaterThan(1e-4);
            var one =
                    model.answerWhole(
                            embedded,
                            Tensor.of(new long[] {5, 6, 3, 5, 6, 3}, 2, 3),
                            Trace.ofStates());
            var two =
                    model.answerWhole(
                            embedded,
                            Tensor.of(new long[] {5, 9, 3, 5, 9, 3}, 2, 3),
                            Trace.ofStates());
            assertThat(one.logits().shape()).containsExactly(2, 3, 40);
            var same = two.logits().narrow(1, 0, 2).sub(one.logits().narrow(1, 0, 2));
            assertThat(same.abs().max().item()).isZero();
            assertThat(two.logits().sub(one.logits()).abs().max().item()).isGreaterThan(1e-4);
            // no token of the prompt sees the answer
            var alone = model.read(embedded);
            assertThat(one.read().last().sub(alone.last()).abs().max().item())
                    .isCloseTo(0, within(1e-5));
            assertThat(alone.states()).hasSize(4);
            assertThat(alone.middle().shape()).containsExactly(2, PATCHES + WORDS, 32);
        }
    }

    private static boolean[] all() {
        return new boolean[] {false, true, true, true, true, true, true, true};
    }

    @Test
    void paddingAndMissingCamerasChangeNothing() {
        try (var _ = Grad.disabled()) {
            var answer = Tensor.of(new long[] {5, 6, 5, 6}, 2, 2);
            var close = model.answer(model.embed(prompt()), answer).logits();
            var words = new long[] {0, 0, 0, 7, 8, 2, 0, 0, 9, 10, 11, 2};
            var real =
                    new boolean[] {
                        false, false, false, true, true, true, false, false, true, true, true, true
                    };
            var wide = model.answer(model.embed(prompt(true, words, real)), answer).logits();
            assertThat(wide.sub(close).abs().max().item()).isCloseTo(0, within(1e-5));
            var blind = model.embed(prompt(false, new long[] {0, 7, 8, 2, 9, 10, 11, 2}, all()));
            assertThat(blind.valid().sum().item()).isEqualTo(2 * 8 - 1);
            var noise = blind.tokens().add(0.0);
            noise.narrow(1, 4, 1).add_(9.0);
            var shouted = new CompactVlm.Embedded(noise, blind.valid());
            var quiet = model.answer(blind, answer).logits();
            assertThat(model.answer(shouted, answer).logits().sub(quiet).abs().max().item())
                    .isCloseTo(0, within(1e-5));
        }
    }

    @Test
    void speakingWithACacheSaysWhatTeacherForcingFindsLikeliest() {
        try (var _ = Grad.disabled()) {
            var embedded = model.embed(prompt());
            var said = model.speak(embedded, 4, Greedy.Choice.likeliest());
            var told = model.answer(embedded, said.ids());
            assertThat(told.logits().argmax(-1, false).equal(said.ids())).isTrue();
            assertThat(told.logits().sub(said.logits()).abs().max().item())
                    .isCloseTo(0, within(1e-4));
            List<long[]> slots = List.of(new long[] {20, 21}, new long[] {30, 31, 32});
            var bound = model.speak(embedded, 2, Greedy.Choice.among(slots));
            var ids = bound.ids().toLongs();
            assertThat(ids[0]).isBetween(20L, 21L);
            assertThat(ids[1]).isBetween(30L, 32L);
            for (float mass : bound.outside(slots).toFloats()) assertThat(mass).isBetween(.5f, 1f);
        }
    }

    /// A projector that shrinks patches hides what tells them apart behind what attention adds.
    @Test
    void patchesStartAboutAsLargeAndAsDifferentAsTheTowerMadeThem() {
        try (var _ = Grad.disabled()) {
            var pictures = Seed.of(8).normal(2, 3, 16, 16).clamp(-1, 1);
            var seen = model.vision().forward(pictures, 0);
            var entering = model.look(pictures, 0);
            assertThat(size(entering) / size(seen)).isBetween(.3, 3.0);
            assertThat(size(different(entering)) / size(different(seen))).isBetween(.3, 3.0);
        }
    }

    private static double size(Tensor x) {
        return x.square().mean().sqrt().item();
    }

    private static Tensor different(Tensor patches) {
        return patches.sub(patches.mean(1, true));
    }

    @Test
    void onlyTokensThatCountAreLearned() {
        var embedded = model.embed(prompt());
        var ids = Tensor.of(new long[] {5, 3, 0, 6, 7, 3}, 2, 3);
        var counted = Tensor.of(new boolean[] {true, true, false, true, true, true}, 2, 3);
        var logits = model.answer(embedded, ids).logits();
        var loss = CompactVlm.loss(logits, ids, counted);
        var padding = ids.add(counted.logicalNot().to(DType.I64).mul(9));
        assertThat(CompactVlm.loss(logits, padding, counted).item()).isEqualTo(loss.item());
        loss.backward();
        model.namedParameters()
                .forEach((name, p) ->
                        assertThat(p.grad().abs().sum().item()).as(name).isGreaterThan(0));
    }

    @Test
    void wrongSizesAreToldApart() {
        var tower = new SiglipConfig(32, 2, 4, 64, 8, List.of(), List.of(16, 8));
        assertThatThrownBy(() -> CompactVlm.Size.of(tower, 40, 30, 3, 4, 64))
                .hasMessageContaining("width 30");
        assertThat(CompactVlm.Size.laptop(List.of(64, 32), 512).patches()).isEqualTo(80);
        var prompt = prompt();
        assertThatThrownBy(() ->
                        new CompactVlm.Prompt(
                                prompt.images(), List.of(), prompt.words(), prompt.real()))
                .hasMessageContaining("2 camera tensors with 0 masks");
    }
}
