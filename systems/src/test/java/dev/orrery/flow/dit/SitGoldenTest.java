package dev.orrery.flow.dit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Compares the model, the losses and the samplers with stored outputs of the official code.
class SitGoldenTest {

    private static final Fixture FIXTURE = Fixture.read(Path.of("src/test/resources/goldens/sit"));

    private static final Sit.Config SIZES =
            new Sit.Config(8, 2, 4, 48, 2, 4, 7, new Sit.Options(3, true, true));

    @Test
    void modelLossesGradientsAndSamplersAgreeWithTheOfficialCode() {
        var family = new SitFixture();
        assertThat(family.runs(FIXTURE)).isTrue();
        var rows = FIXTURE.compare(family.run(FIXTURE));
        assertThat(rows).hasSize(28);
        assertThat(rows).allSatisfy(row -> assertThat(row.passed()).as("%s", row).isTrue());
    }

    @Test
    void positionTableIsTheOfficialOne() {
        var fresh = new Sit(SIZES, Seed.of(1)).stateDict().get("pos_embed");
        var model = new Sit(SIZES, Seed.of(1));
        model.load(FIXTURE.weightsFile());
        assertThat(fresh.allclose(model.stateDict().get("pos_embed"), 1e-5, 1e-6)).isTrue();
    }

    @Test
    void aFreshModelAnswersZero() {
        var model = new Sit(SIZES, Seed.of(1));
        var x = Seed.of(2).normal(2, 4, 8, 8);
        var out = model.forward(x, Tensor.full(0.3, 2), Tensor.of(new long[] {0, 7}, 2));
        assertThat(out.abs().max().item()).isZero();
        assertThat(out.shape()).containsExactly(2, 4, 8, 8);
    }

    @Test
    void withoutDroppedClassesThereIsNoNull() {
        var json =
                """
                {"input_size": 8, "patch_size": 2, "in_channels": 4, "hidden_size": 48, "depth": 1,
                 "num_heads": 4, "num_classes": 7, "class_dropout_prob": 0}\
                """;
        var model = new Sit(Sit.Config.parse(json), Seed.of(1));
        assertThat(model.stateDict().get("y_embedder.embedding_table.weight").size(0)).isEqualTo(7);
        assertThat(model.with(Tensor.of(new long[1], 1), 3).hasNull()).isFalse();
        assertThat(Sit.Config.parse(json).withLabels(8).options().nullClass()).isTrue();
    }

    @Test
    void wrongImagesAndConfigurationsAreNamed() {
        var model = new Sit(SIZES, Seed.of(1));
        assertThatThrownBy(() ->
                        model.forward(
                                Tensor.zeros(1, 3, 8, 8),
                                Tensor.zeros(1),
                                Tensor.of(new long[1], 1)))
                .hasMessageContaining("(B, 4, 8, 8)");
        assertThatThrownBy(() -> new Sit.Config(9, 2, 4, 48, 2, 4, 7, Sit.Options.USUAL))
                .hasMessageContaining("crop it to 8");
        assertThatThrownBy(() -> Sit.Config.parse("{\"input_size\": 8}"))
                .hasMessageContaining("'patch_size'");
    }
}
