package dev.orrery.system.openvla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Words;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.nn.Module;
import dev.orrery.optim.AdamW;
import dev.orrery.policy.ActionChunks;
import dev.orrery.policy.ActionTokenizer.Mode;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.system.openvla.OpenVlaConfig.Answer;
import dev.orrery.system.openvla.OpenVlaConfig.Head;
import dev.orrery.system.openvla.OpenVlaConfig.Sight;
import dev.orrery.system.openvla.OpenVlaConfig.Vision;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OpenVlaTest {

    private static final Seed SEED = Seed.of(5);

    private final TensorScope scope = TensorScope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    /// A model none of whose parameters is zero, as modulations are at first.
    private static OpenVla stirred(OpenVlaConfig.Model config) {
        var model = new OpenVla(config, TabletopTokens.of(config.io(), List.of()), Seed.of(1));
        try (var _ = Grad.disabled()) {
            model.namedParameters()
                    .forEach((name, p) -> p.add_(SEED.split(name).normal(p.shape()), 0.05));
        }
        return model;
    }

    static OpenVlaConfig.Model small() {
        var model = OpenVlaConfig.Model.tabletop();
        return new OpenVlaConfig.Model(
                new Vision(Sight.FUSED, 16, 24, 2, List.of(8, 8), 32),
                new OpenVlaConfig.Language(32, 2, 2, 48),
                model.io(),
                model.answer());
    }

    /// Two prompts, the second of which has three words and no wrist picture.
    private static OpenVla.Prompt prompt(String seed, int channels) {
        var words = new long[32];
        var real = new boolean[32];
        for (int i = 0; i < 16; i++) {
            real[i] = i >= 9;
            real[16 + i] = i >= 13;
            words[i] = 4 + i;
            words[16 + i] = 30 + i;
        }
        var images = SEED.split(seed);
        return new OpenVla.Prompt(
                List.of(
                        images.split(1).normal(2, channels, 64, 64),
                        images.split(2).normal(2, channels, 32, 32)),
                List.of(
                        Tensor.of(new boolean[] {true, true}, 2),
                        Tensor.of(new boolean[] {true, false}, 2)),
                Tensor.of(words, 2, 16),
                Tensor.of(real, 2, 16),
                images.split(3).normal(2, 4));
    }

    private static OpenVla.Prompt with(OpenVla.Prompt p, List<Tensor> images, Tensor words) {
        return new OpenVla.Prompt(images, p.seen(), words, p.real(), p.state());
    }

    private static double[] flat(OpenVla.Answer answer) {
        var all = new ArrayList<Double>();
        for (var chunk : answer.actions())
            for (var row : chunk) for (double value : row) all.add(value);
        return all.stream().mapToDouble(v -> v).toArray();
    }

    @ParameterizedTest
    @EnumSource
    void whatIsPaddedOrNotSeenChangesNothing(Head head) {
        try (var _ = Grad.disabled()) {
            var answer = head == Head.TOKENS ? Answer.tokens() : Answer.oft();
            var model = stirred(small().with(answer));
            var prompt = prompt("a", 6);
            var words = prompt.words().toLongs();
            words[3] = 77;
            words[16] = 99;
            var wrist = prompt.images().get(1);
            var noise =
                    Tensor.cat(List.of(Tensor.zeros(1, 6, 32, 32), SEED.normal(1, 6, 32, 32)), 0);
            var other =
                    with(
                            prompt,
                            List.of(prompt.images().get(0), wrist.add(noise)),
                            Tensor.of(words, 2, 16));
            var manner = Pick.LIKELIEST;
            var a = flat(model.answer(prompt, manner));
            assertThat(flat(model.answer(other, manner))).containsExactly(a, within(1e-5));
            words[15] = 99;
            var different = with(prompt, prompt.images(), Tensor.of(words, 2, 16));
            var b = model.embed(different).tokens().sub(model.embed(prompt).tokens());
            assertThat(b.abs().max().item()).isGreaterThan(1e-3);
        }
    }

    @Test
    void cachedDecodingWritesWhatOnePassWouldHave() {
        try (var _ = Grad.disabled()) {
            var model = stirred(small());
            var prompt = prompt("a", 6);
            var written = model.answer(prompt, Pick.LIKELIEST);
            var ids = new long[8];
            for (int b = 0; b < 2; b++) {
                for (int d = 0; d < 4; d++) {
                    ids[4 * b + d] = model.tokens().id(written.actions()[b][0][d]);
                }
            }
            var loss =
                    model.loss(
                            prompt,
                            Tensor.zeros(2, 1, 4),
                            Tensor.of(ids, 2, 4),
                            Tensor.ones(2, 1, 1));
            assertThat(loss.accuracy().item()).isEqualTo(1);
            assertThat(loss.error().item()).isZero();
            for (double mass : written.outside()) assertThat(mass).isBetween(.3, .7);
        }
    }

    @Test
    void slotsOfOneChunkAreAnsweredTogetherAndTheStateIsTold() {
        try (var _ = Grad.disabled()) {
            var model = stirred(small().with(Answer.oft()));
            var prompt = prompt("a", 6);
            var answer = model.answer(prompt, Pick.LIKELIEST);
            assertThat(answer.actions()[0]).hasDimensions(8, 4);
            assertThat(answer.outside()).containsOnly(0);
            var felt =
                    new OpenVla.Prompt(
                            prompt.images(),
                            prompt.seen(),
                            prompt.words(),
                            prompt.real(),
                            prompt.state().add(1.0));
            assertThat(flat(model.answer(felt, Pick.LIKELIEST))).isNotEqualTo(flat(answer));
            var deaf = stirred(small());
            assertThat(flat(deaf.answer(felt, Pick.LIKELIEST)))
                    .isEqualTo(flat(deaf.answer(prompt, Pick.LIKELIEST)));
        }
    }

    @Test
    void wordsModulateWhatIsSeenOnlyOnceThatIsLearned() {
        try (var _ = Grad.disabled()) {
            var config = small().with(Answer.oft());
            var fresh = new OpenVla(config, TabletopTokens.of(config.io(), List.of()), Seed.of(1));
            assertThat(modulated(fresh)).isLessThan(1e-7);
            assertThat(modulated(stirred(config))).isGreaterThan(1e-4);
        }
    }

    /// How much the patches change with a word.
    private static double modulated(OpenVla model) {
        var prompt = prompt("a", 6);
        var words = prompt.words().toLongs();
        words[15] = 99;
        var other = with(prompt, prompt.images(), Tensor.of(words, 2, 16));
        var a = model.embed(prompt).tokens().narrow(1, 1, 80);
        return model.embed(other).tokens().narrow(1, 1, 80).sub(a).abs().max().item();
    }

    @ParameterizedTest
    @EnumSource
    void everyArmOfTheTowersHasTheSameSizeAndTokens(Sight sight) {
        var fused = OpenVlaConfig.Model.tabletop();
        var arm = sight == Sight.FUSED ? fused : fused.with(Vision.alone(sight));
        assertThat((double) acting(arm) / acting(fused)).isCloseTo(1, within(.02));
        var model = stirred(arm);
        try (var _ = Grad.disabled()) {
            var prompt = prompt("a", sight == Sight.FUSED ? 6 : 3);
            assertThat(model.embed(prompt).tokens().shape()).containsExactly(2, 98, 128);
        }
    }

    /// Parameters that act: without the last blocks, norms and pools, which only school uses.
    private static long acting(OpenVlaConfig.Model config) {
        var tokens = TabletopTokens.of(config.io(), List.of());
        var model = Module.outline(() -> new OpenVla(config, tokens, Seed.of(0)));
        return model.namedParameters().entrySet().stream()
                .filter(e -> !e.getKey().matches(".*featurizer\\.(blocks\\.1|norm|attn_pool)\\..*"))
                .mapToLong(e -> e.getValue().numel())
                .sum();
    }

    @Test
    void lossAsksForActionsAndTheEndOnly() {
        var model = stirred(small());
        var prompt = prompt("a", 6);
        var ids = new long[] {500, 501, 502, 503, 504, 505, 506, 507};
        var loss =
                model.loss(
                        prompt, Tensor.zeros(2, 1, 4), Tensor.of(ids, 2, 4), Tensor.ones(2, 1, 1));
        loss.loss().backward();
        var rows = model.prismatic().language().namedParameters().get("lm_head.weight").grad();
        assertThat(loss.loss().item()).isGreaterThan(0);
        assertThat(rows.select(0, Words.END).abs().max().item()).isGreaterThan(1e-3);
        model.namedParameters()
                .forEach((name, p) -> {
                    boolean school = name.matches(".*featurizer\\.(blocks\\.1|norm|attn_pool).*");
                    assertThat(p.hasGrad()).as(name).isEqualTo(!school);
                });
    }

    @Test
    void anAnswerThatHardlySpreadsIsTheOneRightBin() {
        try (var _ = Grad.disabled()) {
            var model = stirred(small());
            var ids = Tensor.of(new long[] {500, 501, 502, 503, 504, 505, 506, 507}, 2, 4);
            var prompt = prompt("a", 6);
            var actions = Tensor.zeros(2, 1, 4);
            var real = Tensor.ones(2, 1, 1);
            double one = model.loss(prompt, actions, ids, real).loss().item();
            double narrow = model.lesson(prompt, actions, ids, real, 1e-2).loss().loss().item();
            double wide = model.lesson(prompt, actions, ids, real, 4).loss().loss().item();
            assertThat(narrow).isCloseTo(one, within(1e-4));
            assertThat(wide).isNotCloseTo(one, within(1e-4));
        }
    }

    @Test
    void groundingReachesTowersWordsAndLanguageModel() {
        var config = OpenVlaConfig.Model.tabletop();
        var tokens = TabletopTokens.of(config.io(), List.of());
        var trainee = new OpenVlaTrainee(config, tokens, Seed.of(2));
        var recorded = Demonstrations.collect(List.of(Family.PICK), 4, 1, 0);
        try (var data = OpenVlaData.of(config, new FrameSource.Recorded(recorded))) {
            assertThat(data.labelled()).isTrue();
            var batch = data.batch(4, .5, Seed.of(3));
            assertThat(batch.labels().known().sum().item()).isGreaterThanOrEqualTo(8);
            trainee.perception
                    .know(trainee.model.insight(batch.prompt(), batch.ids()), batch.labels())
                    .loss()
                    .backward();
        }
        var parameters = trainee.model.namedParameters();
        for (var name :
                List.of(
                        "vla.language_model.model.embed_tokens.weight",
                        "vla.language_model.model.layers.2.self_attn.q_proj.weight",
                        "vla.projector.fc1.weight",
                        "vla.vision_backbone.featurizer.blocks.0.mlp.fc2.weight")) {
            assertThat(parameters.get(name).hasGrad()).as(name).isTrue();
        }
    }

    @Test
    void bothLessonsReachTheTowersTheyAreFor() {
        var config = OpenVlaConfig.Model.tabletop();
        var tokens = TabletopTokens.of(config.io(), List.of());
        var trainee = new OpenVlaTrainee(config, tokens, Seed.of(2));
        var recorded = Demonstrations.collect(List.of(Family.PICK), 4, 1, 0);
        try (var data = OpenVlaData.of(config, new FrameSource.Recorded(recorded))) {
            var lesson = trainee.school.forward(trainee.model, data.scenes(4, Seed.of(3)));
            assertThat(lesson.report().metrics()).containsKeys("school", "placed", "captioned");
            lesson.loss().backward();
        }
        for (var tower : trainee.model.prismatic().towers()) {
            assertThat(tower.namedParameters().get("blocks.1.mlp.fc2.weight").hasGrad()).isTrue();
        }
        assertThat(
                        trainee.model
                                .prismatic()
                                .language()
                                .namedParameters()
                                .get("lm_head.weight")
                                .hasGrad())
                .isFalse();
    }

    /// Frames of three episodes are told apart by their pictures alone, as all say the same.
    @Test
    void whatIsShownIsLearnedByHeart() {
        var config = small();
        var shown = Demonstrations.collect(List.of(Family.BUTTON), 3, 2, 0);
        try (var data = OpenVlaData.of(config, new FrameSource.Recorded(shown));
                var model = new OpenVla(config, data.tokens(), Seed.of(1))) {
            var places = new ArrayList<ActionChunks.Place>();
            for (int e = 0; e < 3; e++) {
                for (int t = 0; t < shown.get(e).length(); t += 2) {
                    places.add(new ActionChunks.Place(e, t));
                }
            }
            var batch = data.batch(places);
            var optimizer = new AdamW(model.parameters(), 3e-3);
            double accuracy = 0;
            for (int step = 0; step < 300 && (step < 80 || accuracy < .97); step++) {
                try (var _ = TensorScope.open()) {
                    var loss =
                            model.loss(batch.prompt(), batch.actions(), batch.ids(), batch.real());
                    loss.loss().backward();
                    optimizer.step();
                    optimizer.clearGradients();
                    accuracy = loss.accuracy().item();
                }
            }
            assertThat(accuracy).isGreaterThan(.95);
            try (var _ = Grad.disabled()) {
                var answer = model.answer(batch.prompt(), Pick.LIKELIEST);
                var wanted = batch.actions().toFloats();
                var answered = flat(answer);
                double near = 0;
                for (int i = 0; i < wanted.length; i++) {
                    near += Math.abs(wanted[i] - answered[i]) < .01 ? 1 : 0;
                }
                assertThat(near / wanted.length).isGreaterThan(.95);
                assertThat(answer.outside()[0]).isLessThan(.05);
            }
        }
    }

    @Test
    void sizesThatDoNotFitAreNamed() {
        var io = OpenVlaConfig.Model.tabletop().io();
        assertThatThrownBy(() -> new Answer(Head.TOKENS, 8, false, false))
                .hasMessageContaining("tokens answer 1");
        assertThatThrownBy(() -> new OpenVlaConfig.Io(100, 16, 256, Mode.LAST_IDS, 4, 4))
                .hasMessage("model.io.vocabulary is 100; use %d or more".formatted(Words.size()));
        assertThatThrownBy(() -> new OpenVlaConfig.Language(100, 2, 8, 10))
                .hasMessageContaining("model.language.width is 100");
        var crowded = new OpenVlaConfig.Io(300, 16, 256, Mode.LAST_IDS, 4, 4);
        assertThatThrownBy(() -> TabletopTokens.of(crowded, List.of()))
                .hasMessageContaining("not free")
                .hasMessageContaining("44 is '%s'".formatted(Words.word(44)))
                .hasMessageContaining("EXTRA");
        assertThatThrownBy(() ->
                        TabletopTokens.of(
                                OpenVlaConfig.Model.tabletop().with(Mode.NUMBER_WORDS, 256).io(),
                                List.of()))
                .hasMessageContaining("64 words for numbers");
        assertThat(OpenVlaConfig.Model.tabletop().with(Mode.LAST_IDS, 1024).io().vocabulary())
                .isEqualTo(Words.size() + 1024);
        assertThat(io.vocabulary()).isEqualTo(512);
    }
}
