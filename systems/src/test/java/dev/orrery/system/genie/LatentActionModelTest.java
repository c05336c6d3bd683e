package dev.orrery.system.genie;

import static dev.orrery.system.genie.TinyGenie.SIDE;
import static dev.orrery.system.genie.TinyGenie.T;
import static dev.orrery.system.genie.TinyGenie.changed;
import static dev.orrery.system.genie.TinyGenie.distance;
import static dev.orrery.system.genie.TinyGenie.genie;
import static dev.orrery.system.genie.TinyGenie.tiny;
import static dev.orrery.system.genie.TinyGenie.video;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.system.genie.LatentActionsConfig.LamInput;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LatentActionModelTest {

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
                new LatentActionsConfig(
                        l.patch(),
                        l.lamInput(),
                        l.sight(),
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

    @Test
    void inPairsACodeDependsOnItsTwoFramesAlone() {
        var l = tiny().latentActions();
        var genie = genie(tiny().with(l.with(new LatentActionsConfig.Sight(true, false, 0))));
        var lam = genie.latentActions().orElseThrow();
        var video = video(2);
        var whole = lam.actions(view(genie, video));
        var last = lam.actions(view(genie, video.narrow(1, T - 2, 2)));
        assertThat(distance(whole.latents().select(1, T - 2), last.latents().select(1, 0)))
                .isLessThan(1e-5);
        var codes = whole.embedding();
        var seen = view(genie, video).narrow(1, 0, T - 1);
        var all = lam.predict(seen, codes);
        var alone = lam.predict(seen.narrow(1, T - 2, 1), codes.narrow(1, T - 2, 1));
        assertThat(distance(all.narrow(1, T - 2, 1), alone)).isLessThan(1e-5);
    }

    @Test
    void whoSeesChangesDoesNotSeeWhatStaysTheSame() {
        var l = tiny().latentActions();
        var changes = genie(tiny().with(l.with(new LatentActionsConfig.Sight(true, true, 0))));
        var frames = genie(tiny().with(l.with(new LatentActionsConfig.Sight(true, false, 0))));
        var video = video(2).mul(.5);
        var scene = video(2).narrow(1, 0, 1).mul(.4);
        assertThat(codeMoves(changes, video, scene)).isLessThan(1e-4);
        assertThat(codeMoves(frames, video, scene)).isGreaterThan(1e-3);
    }

    private static double codeMoves(Genie genie, Tensor video, Tensor scene) {
        var lam = genie.latentActions().orElseThrow();
        var before = lam.actions(view(genie, video)).latents();
        var after = lam.actions(view(genie, video.add(scene))).latents();
        return distance(before, after);
    }

    @Test
    void withContrastAFaintPictureCountsAsMuchAsABrightOne() {
        var l = tiny().latentActions();
        var plain = genie(tiny());
        var even = genie(tiny().with(l.with(new LatentActionsConfig.Sight(false, false, 1e-6))));
        var video = video(2);
        var faint = video.mul(.1);
        double falls = predictionLoss(plain, faint) / predictionLoss(plain, video);
        double stays = predictionLoss(even, faint) / predictionLoss(even, video);
        assertThat(falls).isLessThan(.2);
        assertThat(stays).isGreaterThan(10 * falls);
    }

    private static double predictionLoss(Genie genie, Tensor video) {
        return genie.latentActions().orElseThrow().loss(view(genie, video)).prediction().item();
    }
}
