package dev.orrery.lm.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.nn.Activation;
import dev.orrery.nn.AttentionConfig.Biases;
import dev.orrery.nn.Rotary;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GeneratorTest {

    private static final int VOCABULARY = 20;

    private final TensorScope scope = TensorScope.open();
    private final CausalLm lm = model();
    private final List<long[]> prompts =
            List.of(new long[] {1, 2, 3, 4, 5}, new long[] {7}, new long[] {9, 8, 7});

    @AfterEach
    void close() {
        lm.close();
        scope.close();
    }

    private static CausalLm model() {
        var config =
                new DecoderConfig(
                        VOCABULARY,
                        16,
                        24,
                        new DecoderConfig.Heads(2, 1, 8, Biases.NONE, false, 1 / Math.sqrt(8), 0),
                        new DecoderConfig.Style(
                                1e-6, false, Activation.SILU, false, false, false, 0),
                        DecoderConfig.Positions.everywhere(Rotary.halves(8, 10_000), 2, 64),
                        false);
        var lm = new CausalLm(config, Seed.of(3));
        try (var _ = Grad.disabled()) {
            lm.namedParameters()
                    .forEach((name, p) -> p.add_(Seed.of(4).split(name).normal(p.shape()), 0.3));
        }
        return lm;
    }

    private List<Completion> write(Generator.Settings settings, List<long[]> what, long seed) {
        return new Generator(lm, settings).generate(what, Seed.of(seed));
    }

    @Test
    void whatAPromptGetsDoesNotDependOnItsCompany() {
        var settings = Generator.Settings.of(Sampler.at(1), 12, Set.of());
        var together = write(settings, prompts, 5);
        // the first prompt of a list draws from the first seed, so it can be compared alone
        var alone = write(settings, prompts.subList(0, 1), 5);
        assertThat(together.getFirst().ids()).isEqualTo(alone.getFirst().ids());
        var greedy = Generator.Settings.of(Sampler.greedy(), 12, Set.of());
        var all = write(greedy, prompts, 5);
        for (int p = 0; p < prompts.size(); p++) {
            var prompt = prompts.get(p);
            var one = Tensor.of(prompt, 1, prompt.length);
            var reference = Greedy.of(lm, one, Tensor.ones(DType.I64, one.shape()), 12);
            assertThat(all.get(p).ids()).isEqualTo(reference.ids().flatten(0, 1).toLongs());
        }
    }

    @Test
    void samplesOfAPromptDifferAndAreThoseOfPromptsReadOneByOne() {
        var settings = new Generator.Settings(Sampler.at(1), 8, 3, Set.of(), List.of());
        var samples = write(settings, prompts.subList(0, 1), 5);
        assertThat(samples).hasSize(3);
        assertThat(samples.stream().map(c -> Arrays.toString(c.ids())).distinct().count())
                .isGreaterThan(1);
        var again = write(settings, prompts, 5).subList(0, 3);
        for (int s = 0; s < 3; s++) {
            assertThat(again.get(s).ids()).isEqualTo(samples.get(s).ids());
        }
    }

    @Test
    void theLogProbabilitiesAreThoseOfATeacherForcedPass() {
        var warm = Generator.Settings.of(Sampler.at(0.7), 6, Set.of());
        var completion = write(warm, prompts.subList(2, 3), 5).getFirst();
        var prompt = prompts.get(2);
        var all = Arrays.copyOf(prompt, prompt.length + 6);
        System.arraycopy(completion.ids(), 0, all, prompt.length, 6);
        try (var _ = Grad.disabled()) {
            var ids = Tensor.of(all, 1, all.length);
            var logits = lm.forward(ids, DecoderPass.whole(all.length)).select(0, 0);
            double plain = 0, drawn = 0;
            for (int i = prompt.length; i < all.length; i++) {
                var row = logits.select(0, i - 1);
                plain += Functional.logSoftmax(row, 0).toFloats()[(int) all[i]];
                drawn += Functional.logSoftmax(row.div(0.7), 0).toFloats()[(int) all[i]];
            }
            assertThat(completion.plainLogProb()).isCloseTo(plain, within(1e-3));
            assertThat(completion.logProb()).isCloseTo(drawn, within(1e-3));
        }
    }

    @Test
    void rowsThatEndLeaveTheOthersAlone() {
        var free = write(Generator.Settings.of(Sampler.at(1), 12, Set.of()), prompts, 5);
        long end = free.getFirst().ids()[2];
        var ended = write(Generator.Settings.of(Sampler.at(1), 12, Set.of(end)), prompts, 5);
        assertThat(ended.getFirst().end()).isEqualTo(Completion.End.EOS);
        for (int p = 0; p < prompts.size(); p++) {
            var short_ = ended.get(p).ids();
            assertThat(short_).isEqualTo(Arrays.copyOf(free.get(p).ids(), short_.length));
            if (ended.get(p).end() == Completion.End.LENGTH) assertThat(short_).hasSize(12);
        }
    }

    @Test
    void aStopTextEndsAcrossTokens() {
        var free =
                write(Generator.Settings.of(Sampler.greedy(), 8, Set.of()), prompts, 5).getFirst();
        var ids = free.ids();
        var stop = "<%d><%d>".formatted(ids[2], ids[3]);
        var settings = new Generator.Settings(Sampler.greedy(), 8, 1, Set.of(), List.of(stop));
        var heard = new ArrayList<Integer>();
        var stopped =
                new Generator(lm, settings)
                        .generate(
                                prompts.subList(0, 1),
                                Seed.of(5),
                                GeneratorTest::said,
                                (_, _, token) -> heard.add(token.id()),
                                () -> false)
                        .getFirst();
        assertThat(stopped.end()).isEqualTo(Completion.End.STOP);
        assertThat(said(stopped.ids())).endsWith(stop);
        assertThat(heard).hasSize(stopped.ids().length);
    }

    private static String said(long[] ids) {
        var text = new StringBuilder();
        for (long id : ids) text.append('<').append(id).append('>');
        return text.toString();
    }

    @Test
    void aPromptWithAnUnknownTokenIsNamed() {
        var settings = Generator.Settings.of(Sampler.greedy(), 2, Set.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> write(settings, List.of(new long[] {1}, new long[] {20}), 1))
                .withMessageContaining("prompt 1")
                .withMessageContaining("token 20");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> write(settings, List.of(new long[0]), 1))
                .withMessageContaining("0 tokens");
    }

    @Test
    void cutsKeepWhatTheyShould() {
        var logits = new float[] {3, 2, 1, 0};
        var none = Sampler.Penalties.none();
        assertThat(drawn(new Sampler(1, 2, 1, 0, none, Map.of()), logits)).containsOnly(0, 1);
        assertThat(drawn(new Sampler(1, 0, 0.6, 0, none, Map.of()), logits)).containsOnly(0);
        assertThat(drawn(new Sampler(1, 0, 0.7, 0, none, Map.of()), logits)).containsOnly(0, 1);
        assertThat(drawn(new Sampler(1, 0, 1, 0.2, none, Map.of()), logits)).containsOnly(0, 1);
        assertThat(drawn(new Sampler(1, 0, 1, 0, none, Map.of(3, 50.0)), logits)).containsOnly(3);
        assertThat(drawn(Sampler.at(1), logits)).containsOnly(0, 1, 2, 3);
        var shy = new Sampler(0, 0, 1, 0, new Sampler.Penalties(1, 2), Map.of());
        assertThat(shy.draw(logits, new long[] {0}, 0).id()).isEqualTo(1);
    }

    private static Set<Integer> drawn(Sampler sampler, float[] logits) {
        return IntStream.range(0, 200)
                .mapToObj(i -> sampler.draw(logits, new long[0], (i + 0.5) / 200).id())
                .collect(java.util.stream.Collectors.toSet());
    }
}
