package dev.orrery.policy.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.orrery.adapter.AdapterConfig;
import dev.orrery.adapter.AdapterConfig.Targets;
import dev.orrery.adapter.AdapterRates;
import dev.orrery.env.tabletop.Family;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShiftedLabTest {

    private static final Manner LORA =
            new Manner.Adapted(
                    new AdapterConfig(
                            new AdapterConfig.Method.Lora(2, 2, false), new Targets.AllLinear()),
                    AdapterRates.ALIKE);

    @TempDir Path folder;
    private final List<String> stages = new ArrayList<>();

    @BeforeEach
    void saveBase() {
        StatePolicies.save(folder.resolve("policy"));
    }

    private ShiftedLab lab() {
        var plan = new Adaptation.Plan(20, 16, 1e-2);
        return new ShiftedLab(
                new StatePolicies(),
                folder.resolve("policy"),
                folder.resolve("kept"),
                new ShiftedLab.Budget(List.of(Family.REACH), 3, 2, plan, 2, 2),
                1,
                2,
                (stage, _, _, _) -> stages.add(stage));
    }

    static Stream<Manner> manners() {
        return Stream.of(new Manner.Full(), new Manner.Head(), new Manner.Biases(), LORA);
    }

    private static Map<String, float[]> values(Pupil pupil) {
        var values = new LinkedHashMap<String, float[]>();
        pupil.model().namedParameters().forEach((name, p) -> values.put(name, p.toFloats()));
        return values;
    }

    @ParameterizedTest
    @MethodSource("manners")
    void eachMannerTrainsWhatItSays(Manner manner) {
        var lab = lab();
        try (var pupil = lab.pupil();
                var adaptation = lab.adaptation(pupil, manner, 1e-2)) {
            var before = values(pupil);
            double first = adaptation.step(0), last = first;
            for (int step = 1; step < 20; step++) last = adaptation.step(step);
            var changed = new ArrayList<String>();
            values(pupil)
                    .forEach((name, now) -> {
                        if (!java.util.Arrays.equals(now, before.get(name))) changed.add(name);
                    });
            switch (manner) {
                case Manner.Full _ -> assertThat(changed).hasSize(6);
                case Manner.Head _ -> assertThat(changed).containsExactly("out.weight", "out.bias");
                case Manner.Biases _ ->
                        assertThat(changed).hasSize(3).allMatch(n -> n.endsWith("bias"));
                case Manner.Adapted _ -> assertThat(changed).isEmpty();
            }
            assertThat(last).isLessThan(first);
            assertThat(pupil.model().parameters()).noneMatch(Tensor::hasGrad);
        }
    }

    @ParameterizedTest
    @MethodSource("manners")
    void whatWasTrainedIsKeptAndTakenUpAgain(Manner manner) {
        double loss = lab().train("a", manner, 1e-2);
        stages.clear();
        assertThat(lab().train("a", manner, 1e-2)).isEqualTo(loss);
        assertThat(stages).isEmpty();
        double again = lab().with(manner, 1e-2, a -> lab().validation(a.pupil()));
        assertThat(again).isEqualTo(loss);
        assertThat(lab().trainingBytes(1e-2)).isPositive();
    }

    @Test
    void gradientsAndMomentsAreCountedFromTheTensors() {
        var lab = lab();
        try (var pupil = lab.pupil();
                var adaptation = lab.adaptation(pupil, new Manner.Head(), 1e-2)) {
            adaptation.step(0);
            assertThat(adaptation.trained()).isEqualTo(1056);
            assertThat(adaptation.trainingBytes()).isBetween(3L * 4 * 1056, 3L * 4 * 1056 + 16);
        }
    }

    @Test
    void theRateIsChosenByValidationAndADivergedOneIsNotChosen() {
        var lab = lab();
        double best = lab.best("a", new Manner.Full(), List.of(1e30, 1e-3));
        assertThat(best).isEqualTo(1e-3);
        assertThat(lab.train("a", new Manner.Full(), 1e30)).isInfinite();
    }

    @Test
    void trainingAndValidationSeeOtherScenesThanEachOther() {
        var lab = lab();
        try (var pupil = lab.pupil()) {
            double one = pupil.loss(Pupil.Frames.TRAINING, 8, Seed.of(1)).item();
            double other = pupil.loss(Pupil.Frames.VALIDATION, 8, Seed.of(1)).item();
            assertThat(one).isNotEqualTo(other);
            assertThat(lab.shifted(pupil)).isBetween(0., 1.);
        }
    }

    @Test
    void stateOfAnotherMannerIsRefused() {
        lab().train("a", new Manner.Head(), 1e-2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lab().with(new Manner.Biases(), 1e-2, a -> a))
                .withMessageContaining("another manner");
    }
}
