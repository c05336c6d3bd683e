package dev.orrery.system.pi0;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.orrery.adapter.Adapter;
import dev.orrery.adapter.AdapterConfig;
import dev.orrery.adapter.AdapterConfig.Targets;
import dev.orrery.adapter.AdapterRates;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.adapt.Adaptation;
import dev.orrery.policy.adapt.Manner;
import dev.orrery.policy.adapt.Pupil;
import dev.orrery.policy.adapt.ShiftedLab;
import dev.orrery.tensor.Seed;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Pi0PupilTest {

    @TempDir Path folder;

    /// An untrained policy under the statistics of a few demonstrations.
    private void save(ActionHead head) {
        var config = Pi0Config.smoke().with(new Pi0Config.Demonstrations(List.of("pick"), 3, ""));
        try (var data = Pi0Data.record(config, 1);
                var pi0 = new Pi0(config.model(), Seed.of(1))) {
            new Pi0Checkpoint(
                            pi0,
                            head,
                            Pi0.Visibility.BLOCKWISE,
                            data.norms(),
                            Pi0Manner.tabletop(),
                            Optional.empty())
                    .save(folder.resolve("policy"));
        }
    }

    private ShiftedLab lab() {
        var plan = new Adaptation.Plan(2, 4, 1e-2);
        return new ShiftedLab(
                new Pi0Recipe(),
                folder.resolve("policy"),
                folder.resolve("kept"),
                new ShiftedLab.Budget(List.of(Family.PICK, Family.SWAP), 1, 1, plan, 1, 2),
                1,
                2,
                (_, _, _, _) -> {});
    }

    private static float[][] chunk(Pupil pupil) {
        var policy = pupil.policy();
        policy.reset(3);
        return policy.chunk(new Tabletop().reset(1), ChunkPolicy.Held.NONE);
    }

    @Test
    void anAdapterOfThePolicyLearnsMergesAndLeavesNothingBehind() {
        save(ActionHead.FLOW);
        var lora =
                new Manner.Adapted(
                        new AdapterConfig(
                                new AdapterConfig.Method.Lora(2, 2, false),
                                new Targets.AllLinear()),
                        AdapterRates.ALIKE);
        var lab = lab();
        try (var pupil = lab.pupil()) {
            assertThat(pupil.head().keySet())
                    .containsExactly("action_out_proj.weight", "action_out_proj.bias");
            var before = chunk(pupil);
            double loss = lab.validation(pupil);
            try (var adaptation = lab.adaptation(pupil, lora, 1e-2)) {
                assertThat(chunk(pupil)).isDeepEqualTo(before);
                assertThat(adaptation.step(0)).isFinite();
                assertThat(adaptation.step(1)).isFinite();
                assertThat(lab.validation(pupil)).isNotEqualTo(loss);
                var adapted = chunk(pupil);
                assertThat(adapted).isNotEqualTo(before);
                adaptation.adapter().ifPresent(Adapter::merge);
                var merged = chunk(pupil);
                for (int h = 0; h < merged.length; h++) {
                    for (int a = 0; a < merged[h].length; a++) {
                        assertThat(Math.abs(merged[h][a] - adapted[h][a])).isLessThan(1e-3f);
                    }
                }
            }
            assertThat(chunk(pupil)).isDeepEqualTo(before);
        }
    }

    @Test
    void anotherHeadIsRefusedByName() {
        save(ActionHead.MSE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lab().pupil())
                .withMessageContaining("the head MSE");
    }
}
