package dev.orrery.system.genie;

import static dev.orrery.system.genie.TinyGenie.SIDE;
import static dev.orrery.system.genie.TinyGenie.genie;
import static dev.orrery.system.genie.TinyGenie.prompt;
import static dev.orrery.system.genie.TinyGenie.tiny;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.nn.Module;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenieTest {

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
