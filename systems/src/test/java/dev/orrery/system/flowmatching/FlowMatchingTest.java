package dev.orrery.system.flowmatching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.flow.DataAt;
import dev.orrery.flow.DataCheck;
import dev.orrery.flow.EnergyDistance;
import dev.orrery.flow.FlowObjective;
import dev.orrery.flow.LossMask;
import dev.orrery.flow.Solver;
import dev.orrery.flow.StepGrid;
import dev.orrery.flow.TimeSampler;
import dev.orrery.run.Progress;
import dev.orrery.run.Run;
import dev.orrery.run.RunStopped;
import dev.orrery.system.flowmatching.FlowMatchingConfig.Head;
import dev.orrery.system.flowmatching.FlowMatchingConfig.Method;
import dev.orrery.system.flowmatching.FlowMatchingConfig.Pairing;
import dev.orrery.system.flowmatching.FlowMatchingConfig.Path;
import dev.orrery.system.flowmatching.FlowMatchingConfig.Times;
import dev.orrery.system.flowmatching.FlowMatchingConfig.Training;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FlowMatchingTest {

    private static final FlowMatchingConfig SMALL =
            FlowMatchingConfig.smoke()
                    .withTraining(new Training(40, 128, 3e-3, 1e-3, 0.9, 40))
                    .withSampling(new FlowMatchingConfig.Sampling(8, 300));

    @TempDir java.nio.file.Path folder;

    @ParameterizedTest
    @EnumSource
    void theFirstLossIsOnePlusTheVarianceOfTheData(ToySet set) {
        int n = 2000;
        var config = SMALL.withSet(set);
        var model = new FlowMatching(config, Seed.of(1));
        var draws = set.draw(n, Seed.of(2));
        var data = Tensor.of(draws.data(), n, set.dims());
        var objective = FlowObjective.rectified();
        var batch =
                objective.batch(
                        Seed.of(3).normal(n, set.dims()),
                        data,
                        new TimeSampler.Uniform().draw(n, Seed.of(4)));
        var output =
                model.forward(
                        batch.x(),
                        batch.time(),
                        Tensor.of(draws.conditions(), n, set.conditionDims()));
        assertThat(objective.loss(output, batch, LossMask.everything()).item())
                .isCloseTo(1 + DataCheck.of(data).variance(), within(0.12));
    }

    @Test
    void trainingMovesSamplesTowardsTheData() {
        var config = SMALL.withTraining(new Training(250, 256, 3e-3, 3e-4, 0.95, 250));
        var real = EnergyDistance.to(config.set().draw(1000, Seed.of(8)).data(), 2);
        double untrained = real.from(Seed.of(9).normals(2000));
        try (var run = Run.create(folder.resolve("run"), "flow-matching", config, 3)) {
            var report = new FlowMatchingRecipe().run(config, run);
            assertThat(report.get("energy_distance@16")).isLessThan(0.5 * untrained);
            assertThat(report.get("floor")).isLessThan(0.1);
            assertThat(run.folder().resolve("flow.png")).exists();
            assertThat(run.folder().resolve("flow.gif")).exists();
            var again = new FlowMatchingRecipe().evaluate(config, run);
            assertThat(again).isEqualTo(report);
        }
    }

    @Test
    void equalSeedsTrainEqualWeights() {
        Map<String, Tensor> first = weights(7, "a"),
                second = weights(7, "b"),
                third = weights(8, "c");
        first.forEach((name, w) -> assertThat(w.equal(second.get(name))).as(name).isTrue());
        assertThat(first.get("last.weight").equal(third.get("last.weight"))).isFalse();
    }

    @Test
    void bimodalExpertsClearTheObstacleOnBothSides() {
        var draws = ToySet.BIMODAL_ACTIONS.draw(4000, Seed.of(5));
        int left = 0, collisions = 0, dims = ToySet.BIMODAL_ACTIONS.dims();
        for (int i = 0; i < 4000; i++) {
            float condition = draws.conditions()[i];
            if (BimodalActions.collides(draws.data(), i * dims, condition)) collisions++;
            if (BimodalActions.passesLeft(draws.data(), i * dims, condition)) left++;
        }
        assertThat(collisions).isZero();
        assertThat(left / 4000d).isCloseTo(0.5, within(0.04));
    }

    @Test
    void theMeanOfBothWaysCollides() {
        var straight = new float[ToySet.BIMODAL_ACTIONS.dims()];
        for (int k = 0; k < BimodalActions.STEPS; k++) {
            straight[2 * k] = 2 * ((2 * k + 1f) / BimodalActions.STEPS - 1);
        }
        assertThat(BimodalActions.collides(straight, 0, 0)).isTrue();
        assertThat(BimodalActions.collides(straight, 0, 1.2f)).isFalse();
    }

    @Test
    void aClaimRehearsalMeasuresEveryArm() {
        for (var trial : new FlowMatchingClaim().rehearsal()) {
            if (!trial.id().equals("F4")) continue;
            for (var arm : trial.arms()) {
                try (var run = Run.create(folder.resolve(arm), "flow-matching", SMALL, 0)) {
                    var report = trial.experiment().measure().measure(arm, run);
                    assertThat(report.get(trial.metric())).isBetween(0.0, 1.0);
                }
            }
        }
    }

    @Test
    void aClaimTrainsEverySetAnewInOneRun() throws Exception {
        var trial = new FlowMatchingClaim().rehearsal().getFirst();
        try (var run = Run.create(folder.resolve("claim"), "flow-matching", SMALL, 0)) {
            var report = trial.experiment().measure().measure(trial.arms().getFirst(), run);
            assertThat(report.get("two_moons.straightness"))
                    .isNotEqualTo(report.get("checkerboard.straightness"));
        }
        // 60 steps, logged every 20, on each of three sets.
        assertThat(Files.readAllLines(folder.resolve("claim/metrics.jsonl"))).hasSize(9);
    }

    @Test
    void configurationsThatCannotWorkAreRefused() {
        var coupled =
                new Method(Head.FLOW, Path.OT, 0, Pairing.MINIBATCH_OT, Times.UNIFORM, DataAt.ONE);
        assertThatThrownBy(() -> SMALL.withMethod(coupled).withSet(ToySet.BIMODAL_ACTIONS))
                .hasMessageContaining("continuous condition");
        var regression =
                new Method(
                        Head.REGRESSION,
                        Path.OT,
                        0,
                        Pairing.INDEPENDENT,
                        Times.UNIFORM,
                        DataAt.ONE);
        assertThatThrownBy(() -> SMALL.withMethod(regression))
                .hasMessageContaining("needs a condition");
        assertThatThrownBy(() ->
                        new Method(
                                Head.FLOW,
                                Path.VP,
                                0.1,
                                Pairing.INDEPENDENT,
                                Times.BETA,
                                DataAt.ONE))
                .hasMessageContaining("no effect");
        assertThatThrownBy(() -> new FlowMatchingConfig.Network(128, 3, 31, 0.05, 4))
                .hasMessageContaining("network.timeDims is 31; use a multiple of 2");
    }

    @Test
    void weightsOfTheOtherClockAreRefused() {
        try (var run = Run.create(folder.resolve("run"), "flow-matching", SMALL, 3)) {
            var recipe = new FlowMatchingRecipe();
            recipe.run(SMALL, run);
            assertThatThrownBy(() -> recipe.evaluate(SMALL.withMethod(backwards()), run))
                    .hasMessageContaining("was trained with data at ONE")
                    .hasMessageContaining("set dataAt to ONE");
        }
    }

    @Test
    void bothClocksTrainTheSameFlow() {
        var n = Seed.of(1).normal(64, 2);
        var condition = Tensor.zeros(64, 0);
        var ends = new java.util.ArrayList<Double>();
        var real = EnergyDistance.to(SMALL.set().draw(500, Seed.of(8)).data(), 2);
        for (var method : new Method[] {SMALL.method(), backwards()}) {
            var config =
                    SMALL.withMethod(method)
                            .withTraining(new Training(200, 256, 3e-3, 3e-4, 0.95, 200));
            try (var run =
                    Run.create(
                            folder.resolve(method.dataAt().name()), "flow-matching", config, 3)) {
                var field = FlowMatchingRecipe.train(config, run).field(condition);
                var end = Solver.Fixed.EULER.solve(field, n, StepGrid.uniform(16)).x();
                ends.add(real.from(end.toFloats()));
            }
        }
        double untrained = real.from(n.toFloats());
        assertThat(ends).allSatisfy(end -> assertThat(end).isLessThan(0.7 * untrained));
    }

    @Test
    void aStoppedRunGoesOnToTheSameWeights() {
        var whole = weights(7, "whole");
        var half = SMALL.withTraining(new Training(40, 128, 3e-3, 1e-3, 0.9, 20));
        try (var run = Run.create(folder.resolve("half"), "flow-matching", half, 7)) {
            run.requestStop();
            assertThatThrownBy(() -> FlowMatchingRecipe.train(half, run))
                    .isInstanceOf(RunStopped.class);
        }
        try (var run = Run.reopen(folder.resolve("half"), Progress.silent())) {
            var resumed = FlowMatchingRecipe.train(half, run).stateDict();
            whole.forEach((name, w) -> assertThat(w.equal(resumed.get(name))).as(name).isTrue());
        }
    }

    private static Method backwards() {
        return new Method(Head.FLOW, Path.OT, 0, Pairing.INDEPENDENT, Times.UNIFORM, DataAt.ZERO);
    }

    private Map<String, Tensor> weights(long seed, String name) {
        try (var run = Run.create(folder.resolve(name), "flow-matching", SMALL, seed)) {
            return FlowMatchingRecipe.train(SMALL, run).stateDict();
        }
    }
}
