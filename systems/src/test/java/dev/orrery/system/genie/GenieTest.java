package dev.orrery.system.genie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.Image;
import dev.orrery.nn.Module;
import dev.orrery.system.genie.GenieConfig.Fit;
import dev.orrery.system.genie.GenieConfig.Injection;
import dev.orrery.system.genie.GenieConfig.LamInput;
import dev.orrery.system.genie.GenieConfig.Masking;
import dev.orrery.system.genie.GenieConfig.Network;
import dev.orrery.system.genie.GenieConfig.Order;
import dev.orrery.system.genie.GenieConfig.Variant;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenieTest {

    private static final int T = 4, SIDE = 8, N = 4;

    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    static GenieConfig tiny() {
        var smoke = GenieConfig.smoke();
        var network = Network.of(16, 2, 2);
        var t = smoke.tokenizer();
        var l = smoke.latentActions();
        return smoke.with(new GenieConfig.Data("", 100, T, SIDE, SIDE, Fit.EXACT, 0.5, 0.1))
                .with(
                        new GenieConfig.Tokenizer(
                                4,
                                Variant.TEMPORAL,
                                network,
                                network,
                                new GenieConfig.Codes(12, 4),
                                t.budget()))
                .with(
                        new GenieConfig.LatentActions(
                                4,
                                LamInput.PIXELS,
                                false,
                                0,
                                network,
                                network,
                                new GenieConfig.Codes(3, 4),
                                l.budget()))
                .with(smoke.dynamics().with(network));
    }

    /// A model whose parts have weights large enough to tell things apart.
    private static Genie genie(GenieConfig config) {
        var genie = new Genie(config, List.of("left", "right"), Seed.of(1));
        strengthen(genie.tokenizer());
        genie.latentActions().ifPresent(GenieTest::strengthen);
        strengthen(genie.dynamics());
        return genie;
    }

    private static void strengthen(Module module) {
        module.namedParameters()
                .forEach((name, parameter) -> {
                    if (parameter.rank() > 1 && !name.contains("codebook")) {
                        parameter.detach().mul_(8);
                    }
                });
    }

    private static Tensor video(long seed) {
        return Seed.of(seed).uniform(2, T, SIDE, SIDE, 3);
    }

    private static Tensor ids(long seed) {
        return Seed.of(seed).integers(12, 2, T, N);
    }

    private static double distance(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item();
    }

    /// A video with another frame in one place.
    private static Tensor changed(Tensor video, int frame) {
        var other = video.copy();
        other.select(1, frame).copy_(Seed.of(99).uniform(2, SIDE, SIDE, 3));
        return other;
    }

    // ---- tokenizer

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

    // ---- latent actions

    @Test
    void onlyTheCodeTellsTheDecoderAboutTheNextFrame() {
        for (var input : LamInput.values()) {
            var genie = genie(tiny().with(tiny().latentActions().with(input)));
            var lam = genie.latentActions().orElseThrow();
            var view = view(genie, video(2));
            var other = view(genie, changed(video(2), 2));
            var nothing = Tensor.zeros(2, T - 1, 4);
            var before = lam.predict(view.narrow(1, 0, T - 1), nothing);
            var after = lam.predict(other.narrow(1, 0, T - 1), nothing);
            assertThat(distance(after.narrow(1, 0, 2), before.narrow(1, 0, 2)))
                    .as("frames 2 and 3 were predicted before frame 3 changed")
                    .isLessThan(1e-6);
            assertThat(distance(after.select(1, 2), before.select(1, 2))).isGreaterThan(1e-4);
            var codes = nothing.copy();
            codes.select(1, 1).add_(1);
            var told = lam.predict(view.narrow(1, 0, T - 1), codes);
            assertThat(distance(told.select(1, 0), before.select(1, 0))).isLessThan(1e-6);
            assertThat(distance(told.select(1, 1), before.select(1, 1))).isGreaterThan(1e-4);
        }
    }

    @Test
    void theLossOfAFrameDependsOnThatFrameThroughItsCodeAlone() {
        var genie = genie(tiny());
        var lam = genie.latentActions().orElseThrow();
        var view = view(genie, video(2));
        var other = view(genie, changed(video(2), T - 1));
        var actions = lam.actions(view);
        var error = lam.loss(view, actions).prediction().item();
        var predicted = lam.predict(view.narrow(1, 0, T - 1), actions.embedding());
        assertThat(predicted.sub(view.narrow(1, 1, T - 1)).square().mean().item()).isEqualTo(error);
        var otherwise = lam.predict(other.narrow(1, 0, T - 1), actions.embedding());
        assertThat(distance(otherwise, predicted)).isLessThan(1e-6);
    }

    private static Tensor view(Genie genie, Tensor video) {
        var lam = genie.latentActions().orElseThrow();
        return lam.view(video, genie.tokenizer(), genie.tokenizer().encode(video));
    }

    @Test
    void anActionIsReadOffItsOwnStep() {
        var genie = genie(tiny());
        var lam = genie.latentActions().orElseThrow();
        var before = lam.actions(view(genie, video(2))).latents();
        var after = lam.actions(view(genie, changed(video(2), 2))).latents();
        assertThat(before.shape()).containsExactly(2, T - 1, 4);
        assertThat(distance(after.select(1, 0), before.select(1, 0))).isLessThan(1e-6);
        assertThat(distance(after.select(1, 1), before.select(1, 1))).isGreaterThan(1e-4);
    }

    @Test
    void motionWeighsMovingPixels() {
        var l = tiny().latentActions();
        var weighted =
                new GenieConfig.LatentActions(
                        l.patch(),
                        l.lamInput(),
                        false,
                        5,
                        l.encoder(),
                        l.decoder(),
                        l.codes(),
                        l.budget());
        var plain = genie(tiny());
        var heavy = genie(tiny().with(weighted));
        var still = video(2).narrow(1, 0, 1).expand(2, T, SIDE, SIDE, 3);
        assertThat(predictionLoss(heavy, still)).isEqualTo(predictionLoss(plain, still));
        assertThat(predictionLoss(heavy, video(2))).isGreaterThan(predictionLoss(plain, video(2)));
    }

    private static double predictionLoss(Genie genie, Tensor video) {
        return genie.latentActions().orElseThrow().loss(view(genie, video)).prediction().item();
    }

    // ---- dynamics

    @Test
    void anActionReachesTheFrameThatItLeadsTo() {
        for (var injection : Injection.values()) {
            var genie = genie(tiny().with(tiny().dynamics().with(injection)));
            var hidden = Tensor.ones(DType.BOOL, 2, T, N);
            var actions = Seed.of(6).normal(2, T - 1, 4);
            var other = actions.copy();
            other.select(1, 1).copy_(Seed.of(7).normal(2, 4));
            var before = genie.dynamics().forward(ids(3), hidden, actions);
            var after = genie.dynamics().forward(ids(3), hidden, other);
            for (int t = 0; t < T; t++) {
                double moved = distance(after.select(1, t), before.select(1, t));
                if (t < 2) {
                    assertThat(moved).as("%s frame %d", injection, t).isLessThan(1e-6);
                } else {
                    assertThat(moved).as("%s frame %d", injection, t).isGreaterThan(1e-4);
                }
            }
        }
    }

    @Test
    void hiddenIdsAreNotSeen() {
        var dynamics = genie(tiny()).dynamics();
        var hidden = Tensor.zeros(DType.BOOL, 2, T, N);
        hidden.select(1, 2).fill_(1);
        var actions = Seed.of(6).normal(2, T - 1, 4);
        var other = ids(3).copy();
        other.select(1, 2).copy_(Seed.of(8).integers(12, 2, N));
        var before = dynamics.forward(ids(3), hidden, actions);
        assertThat(distance(dynamics.forward(other, hidden, actions), before)).isZero();
        var seen = Tensor.zeros(DType.BOOL, 2, T, N);
        var told = dynamics.forward(other, seen, actions);
        assertThat(distance(told, dynamics.forward(ids(3), seen, actions))).isGreaterThan(1e-3);
    }

    @Test
    void onlyHiddenIdsCount() {
        var dynamics = genie(tiny()).dynamics();
        var hidden = Tensor.zeros(DType.BOOL, 2, T, N);
        hidden.select(1, 3).select(1, 0).fill_(1);
        var masked = new FrameMask.Masked(ids(3), hidden);
        var actions = Seed.of(6).normal(2, T - 1, 4);
        var logits = dynamics.forward(ids(3), hidden, actions).select(1, 3).select(1, 0);
        var target = ids(3).select(1, 3).select(1, 0);
        double expected =
                logits.logSoftmax(-1).gather(-1, target.unsqueeze(-1)).mean().neg().item();
        assertThat(dynamics.loss(ids(3), masked, actions).item())
                .isCloseTo(expected, org.assertj.core.data.Offset.offset(1e-5));
    }

    @Test
    void theFirstFrameIsNeverHiddenAndTheRestMostly() {
        for (var masking : Masking.values()) {
            double hidden = 0;
            for (int i = 0; i < 50; i++) {
                var ids = Seed.of(i).integers(12, 3, T, 16);
                var mask = FrameMask.draw(masking, ids, 12, Seed.of(100 + i));
                assertThat(mask.hidden().shape()).containsExactly(3, T, 16);
                assertThat(mask.hidden().select(1, 0).any().toBooleans()[0]).isFalse();
                for (var clip : mask.hidden().unbind(0)) {
                    assertThat(clip.any().toBooleans()[0]).isTrue();
                }
                hidden += mask.hidden().narrow(1, 1, T - 1).to(DType.F32).mean().item() / 50;
            }
            assertThat(hidden).as("%s", masking).isBetween(0.5, 0.85);
        }
    }

    @Test
    void aCopilotsPastIsVisibleAndPartlyWrong() {
        var ids = Seed.of(1).integers(12, 4, T, 64);
        int visible = 0, wrong = 0;
        for (int i = 0; i < 30; i++) {
            var mask = FrameMask.copilot(ids, 12, Seed.of(i));
            assertThat(mask.hidden().shape()).containsExactly(4, T, 64);
            boolean past = !mask.hidden().select(1, 1).any().toBooleans()[0];
            visible += past ? 1 : 0;
            double share = mask.ids().ne(ids).to(DType.F32).mean().item();
            assertThat(share).isLessThan(0.25);
            wrong += share > 0 ? 1 : 0;
        }
        assertThat(visible).isBetween(10, 28);
        assertThat(wrong).isGreaterThan(25);
    }

    // ---- sampling

    @Test
    void stepsKeepMoreAndMoreAndAtLastAll() {
        assertThat(
                        java.util.stream.IntStream.range(0, 4)
                                .map(step -> MaskGitSampler.kept(64, step, 4)))
                .containsExactly(5, 19, 40, 64);
        assertThat(MaskGitSampler.kept(64, 0, 1)).isEqualTo(64);
        assertThat(MaskGitSampler.kept(2, 0, 25)).isEqualTo(1);
    }

    @Test
    void keptIdsStayAndHiddenOnesAreDrawnAgain() {
        for (var order : Order.values()) {
            var seen = new java.util.ArrayList<Tensor>();
            var sampler = new MaskGitSampler(5, 1, order);
            var sampled =
                    sampler.sample(
                            (ids, hidden) -> {
                                var known = ids.maskedFill(hidden, -1.0);
                                seen.add(TensorScope.release(Tensor.of(known.toLongs(), 2, 16)));
                                return Seed.of(seen.size()).normal(2, 16, 7).mul(3);
                            },
                            2,
                            16,
                            Seed.of(3));
            assertThat(seen).hasSize(5);
            for (int s = 1; s < 5; s++) {
                var known = seen.get(s).ge(0L);
                assertThat(known.to(DType.I64).sum().item())
                        .isEqualTo(2.0 * MaskGitSampler.kept(16, s - 1, 5));
                assertThat(Tensor.where(known, seen.get(s), sampled).equal(sampled)).isTrue();
            }
            assertThat(sampled.min().item()).isNotNegative();
            assertThat(sampled.max().item()).isLessThan(7);
        }
    }

    @Test
    void greedyKeepsTheSurest() {
        var logits = Tensor.zeros(1, 4, 2);
        logits.select(1, 2).select(1, 1).fill_(20);
        var first = new java.util.ArrayList<boolean[]>();
        new MaskGitSampler(4, 1, Order.GREEDY)
                .sample(
                        (_, hidden) -> {
                            first.add(hidden.toBooleans());
                            return logits;
                        },
                        1,
                        4,
                        Seed.of(2));
        assertThat(first.get(1)).containsExactly(true, true, false, true);
    }

    @Test
    void temperatureDividesLogits() {
        var logits = Tensor.of(new float[] {0, 1, 2}, 1, 1, 3).expand(1, 4000, 3);
        for (double temperature : new double[] {0.5, 1, 2}) {
            var ids =
                    new MaskGitSampler(1, temperature, Order.GREEDY)
                            .sample((_, _) -> logits, 1, 4000, Seed.of(4));
            double share = ids.eq(2L).to(DType.F32).mean().item();
            double expected = 1 / (1 + Math.exp(-1 / temperature) + Math.exp(-2 / temperature));
            assertThat(share).isBetween(expected - 0.03, expected + 0.03);
        }
        assertThatThrownBy(() -> new MaskGitSampler(1, 0, Order.GREEDY))
                .hasMessageContaining("temperature 0.0");
    }

    @Test
    void logitsThatAreNotFiniteAreRefused() {
        assertThatThrownBy(() ->
                        new MaskGitSampler(1, 1, Order.GREEDY)
                                .sample(
                                        (_, _) -> Tensor.full(Double.NaN, 1, 4, 3),
                                        1,
                                        4,
                                        Seed.of(1)))
                .hasMessageContaining("logits are not finite");
    }

    @Test
    void windowsThatSlideSampleAsTheWholeModelDoes() {
        for (var injection : Injection.values()) {
            var genie = genie(tiny().with(tiny().dynamics().with(injection)));
            var sampler = new MaskGitSampler(3, 1, Order.GREEDY);
            try (var frames = new FrameSampler(genie)) {
                frames.begin(ids(3).narrow(1, 0, 2), Tensor.zeros(DType.I64, 2, 1));
                var window = new java.util.ArrayList<>(ids(3).narrow(1, 0, 2).unbind(1));
                var led = new java.util.ArrayList<>(List.of(0L));
                for (int t = 0; t < 2 * T; t++) {
                    long code = t % 3;
                    var picture = frames.next(Tensor.full(code, DType.I64, 2), sampler, Seed.of(t));
                    if (window.size() == T) {
                        window.removeFirst();
                        led.removeFirst();
                    }
                    led.add(code);
                    var past = List.copyOf(window);
                    var sampled =
                            sampler.sample(
                                    (known, hidden) -> whole(genie, past, known, hidden, led),
                                    2,
                                    N,
                                    Seed.of(t));
                    assertThat(frames.ids()).as("frame %d", t).isEqualTo(sampled.toLongs());
                    window.add(sampled);
                    var decoded = genie.tokenizer().decode(Tensor.stack(window, 1));
                    assertThat(distance(picture, decoded.select(1, window.size() - 1)))
                            .isLessThan(1e-4);
                }
            }
        }
    }

    /// Logits of a frame by the whole model, without a cache.
    private static Tensor whole(
            Genie genie, List<Tensor> past, Tensor known, Tensor hidden, List<Long> led) {
        var all = new java.util.ArrayList<>(past);
        all.add(known);
        var seen = Tensor.zeros(DType.BOOL, 2, past.size(), N);
        var codes = Tensor.of(led.stream().mapToLong(Long::longValue).toArray(), 1, led.size());
        var logits =
                genie.dynamics()
                        .forward(
                                Tensor.stack(all, 1),
                                Tensor.cat(List.of(seen, hidden.unsqueeze(1)), 1),
                                genie.actions(codes.expand(2, led.size())));
        return logits.select(1, past.size());
    }

    // ---- dreams

    private static Image prompt(int side) {
        return new Image(
                side, side, Seed.of(11).integers(256, side, side, 3).to(DType.U8).toBytes());
    }

    @Test
    void aDreamIsRepeatedBitForBit() {
        var genie = genie(tiny());
        var sampler = new MaskGitSampler(3, 1, Order.RANDOM);
        try (var dream = Dream.begin(genie, List.of(prompt(SIDE)), 5)) {
            var first = new java.util.ArrayList<Image>();
            for (int t = 0; t < 7; t++) {
                first.add(dream.step(t % 3, sampler));
            }
            assertThat(first.stream().distinct().count()).isGreaterThan(3);
            try (var again = Dream.replay(genie, dream.trajectory())) {
                assertThat(again.picture()).isEqualTo(first.getLast());
            }
            dream.reset();
            assertThat(dream.length()).isZero();
            for (int t = 0; t < 7; t++) {
                assertThat(dream.step(t % 3, sampler)).isEqualTo(first.get(t));
            }
            var forged =
                    new Dream.Trajectory(
                            5,
                            dream.trajectory().prompt(),
                            List.of(new Dream.Act(1, sampler)),
                            List.of(new long[] {0, 0, 0, 13}));
            assertThatThrownBy(() -> Dream.replay(genie, forged))
                    .hasMessageContaining("frame 1 of the trajectory comes out otherwise");
        }
    }

    @Test
    void aSeedAndAnActionChangeADream() {
        var genie = genie(tiny());
        var pictures = new java.util.HashSet<Image>();
        boolean obeyed = false;
        for (long seed = 0; seed < 6; seed++) {
            try (var dream = Dream.begin(genie, List.of(prompt(SIDE)), seed)) {
                var first = dream.step(0);
                dream.reset();
                obeyed |= !dream.step(2).equals(first);
                pictures.add(first);
            }
        }
        assertThat(pictures).hasSizeGreaterThan(2);
        assertThat(obeyed).isTrue();
    }

    @Test
    void badPromptsAndActionsAreNamed() {
        var genie = genie(tiny());
        assertThatThrownBy(() -> Dream.begin(genie, List.of(prompt(12)), 3))
                .hasMessage(
                        "genie: the prompt is 12 x 12 pixels, this world 8 x 8; resize it"
                                + " (Dream.resized does)");
        assertThatThrownBy(() -> Dream.begin(genie, List.of(), 3))
                .hasMessage("genie: a prompt of 0 pictures; needs 1 to 4");
        var resized = Dream.resized(genie, prompt(12));
        try (var dream = Dream.begin(genie, List.of(resized, resized), 3)) {
            assertThatThrownBy(() -> dream.step(3))
                    .hasMessage("genie: action 3; this world has 0 to 2");
        }
    }

    // ---- worlds with real actions, files, sizes

    @Test
    void aWorldMayBeDrivenByTheDatasOwnActions() {
        var genie = genie(tiny().with(tiny().latentActions().withGtActions()));
        assertThat(genie.latentActions()).isEmpty();
        assertThat(genie.codes()).isEqualTo(2);
        assertThat(genie.dynamics().stateDict()).containsKey("dynamics.actions.weight");
        try (var dream = Dream.begin(genie, List.of(prompt(SIDE)), 1)) {
            assertThat(dream.step(1).rgb()).hasSize(SIDE * SIDE * 3);
        }
        assertThatThrownBy(() -> new Genie(genie.config(), List.of(), Seed.of(1)))
                .hasMessageContaining("useGtActions needs data with actions");
    }

    @Test
    void aWorldIsSavedAndRead(@TempDir Path folder) {
        var genie = genie(tiny());
        var controls = new Controls(List.of("left", "right"), List.of(2, 0), 1, List.of());
        var start = new PlayStart(7, 3);
        GenieWeights.save(folder, genie, controls, List.of(start), List.of(prompt(SIDE)));
        assertThat(GenieWeights.head(folder).starts()).containsExactly(start);
        assertThat(GenieWeights.prompts(folder)).containsExactly(prompt(SIDE));
        assertThat(GenieWeights.head(folder).controls()).isEqualTo(controls);
        try (var read = GenieWeights.load(folder);
                var first = Dream.begin(genie, List.of(prompt(SIDE)), 3);
                var second = Dream.begin(read, List.of(prompt(SIDE)), 3)) {
            assertThat(second.step(1)).isEqualTo(first.step(1));
        }
        assertThatThrownBy(() -> GenieWeights.load(folder.resolve("nothing")))
                .hasMessageContaining("there is no trained world in this folder");
    }

    @Test
    void namesAreThoseOfCheckpoints() {
        var genie = genie(tiny());
        assertThat(genie.tokenizer().stateDict())
                .containsKeys("encoder.blocks.0.spatial.q.weight", "decoder.blocks.1.ffn.2.bias")
                .containsKey("vq.codebook");
        assertThat(genie.latentActions().orElseThrow().stateDict())
                .containsKeys("encoder.blocks.1.temporal.o.weight", "vq.codebook");
        assertThat(genie.dynamics().stateDict())
                .containsKeys(
                        "dynamics.embed.weight",
                        "dynamics.mask",
                        "dynamics.action_up.weight",
                        "dynamics.head.weight",
                        "dynamics.blocks.0.temporal.q.weight");
    }

    @Test
    void thePapersSizesAreWorkedOutWithoutMemory() {
        var paper = GenieConfig.paper();
        assertThat(paper.tokenizerPatches().count()).isEqualTo(920);
        var tokenizer = Module.outline(() -> new VideoTokenizer(paper, Seed.of(0)));
        var lam = Module.outline(() -> new LatentActionModel(paper, Seed.of(0)));
        var dynamics = Module.outline(() -> new Dynamics(paper, 0, Seed.of(0)));
        assertThat(tokenizer.parameterCount() / 1e6).isBetween(200.0, 400.0);
        assertThat(lam.parameterCount() / 1e6).isBetween(300.0, 800.0);
        assertThat(dynamics.parameterCount() / 1e9).isBetween(18.0, 20.0);
        var state = dynamics.stateDict();
        assertThat(state.get("dynamics.embed.weight").shape()).containsExactly(1024, 5120);
        assertThat(state.get("dynamics.head.weight").shape()).containsExactly(1024, 5120);
        assertThat(state.get("dynamics.blocks.47.temporal.q.weight").shape())
                .containsExactly(36 * 128, 5120);
        assertThat(state.get("dynamics.positions.spatial").shape()).containsExactly(920, 5120);
        assertThat(lam.stateDict().get("encoder.positions.spatial").shape())
                .containsExactly(61, 1024);
        assertThat(lam.stateDict().get("vq.codebook").shape()).containsExactly(8, 32);
        assertThat(tokenizer.stateDict().get("decoder.head.weight").shape())
                .containsExactly(48, 1024);
        assertThat(GenieConfig.coinrun().tokenizerPatches().count()).isEqualTo(256);
    }
}
