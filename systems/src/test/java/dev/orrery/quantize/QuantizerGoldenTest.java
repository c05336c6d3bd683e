package dev.orrery.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Compares the quantisers with stored outputs, gradients and codebooks of the public library.
class QuantizerGoldenTest {

    private static final Path GOLDENS = Path.of("src/test/resources/goldens");

    @ParameterizedTest
    @CsvSource({
        "vq-ema, 46",
        "vq-heads-cosine, 70",
        "vq-mask, 46",
        "vq-learnable, 40",
        "residual-vq, 16",
        "residual-vq-2, 18",
        "residual-vq-shared, 28",
        "residual-vq-projected, 36",
        "fsq, 4",
        "fsq-2, 4",
        "fsq-symmetric, 4",
        "fsq-codebooks, 6",
        "fsq-rotated, 4",
        "lfq, 7",
        "lfq-spherical, 7",
        "lfq-codebooks, 7",
        "fsq-residual, 7",
        "lfq-residual, 8",
        "fsq-residual-groups, 11",
        "residual-vq-groups, 96",
        "residual-vq-mask, 60",
        "residual-vq-learnable, 36",
        "vq-mask-cosine, 36",
        "vq-orthogonal, 40",
        "vq-diversity, 40",
        "vq-cross-entropy, 18"
    })
    void outputsGradientsAndCodebooksAgreeWithTheLibrary(String name, int tensors) {
        var fixture = Fixture.read(GOLDENS.resolve(name));
        var family = new QuantizerFixture();
        assertThat(family.runs(fixture)).isTrue();
        try (var _ = TensorScope.open()) {
            var rows = fixture.compare(family.run(fixture));
            assertThat(rows).hasSize(tensors);
            assertThat(rows).allSatisfy(row -> assertThat(row.passed()).as("%s", row).isTrue());
        }
    }

    private static void refuses(Path folder, String golden, String config, String... messages)
            throws IOException {
        try (var files = Files.list(GOLDENS.resolve(golden))) {
            for (var file : files.toList()) Files.copy(file, folder.resolve(file.getFileName()));
        }
        Files.writeString(folder.resolve("config.json"), config);
        var fixture = Fixture.read(folder);
        try (var _ = TensorScope.open()) {
            assertThatThrownBy(() -> new QuantizerFixture().run(fixture))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(messages);
        }
    }

    @Test
    void anOptionThatIsNotSupportedIsNamed(@TempDir Path folder) throws IOException {
        refuses(
                folder,
                "fsq",
                "{\"levels\": [8, 5, 5, 5], \"noise_dropout\": 0.5}",
                "'noise_dropout' = 0.5 is not supported");
    }

    @Test
    void anOptionThatNobodyKnowsIsNamed(@TempDir Path folder) throws IOException {
        refuses(folder, "fsq", "{\"levels\": [8, 5, 5, 5], \"lvls\": 3}", "'lvls' = 3", "levels");
    }

    @Test
    void randomReplacementOfDeadCodesIsNamed(@TempDir Path folder) throws IOException {
        refuses(
                folder,
                "vq-ema",
                "{\"dim\": 12, \"codebook_size\": 16, \"threshold_ema_dead_code\": 2}",
                "threshold_ema_dead_code = 2.0");
    }

    @Test
    void entropyBesideMovingAveragesIsNamed(@TempDir Path folder) throws IOException {
        refuses(
                folder,
                "vq-ema",
                "{\"dim\": 12, \"codebook_size\": 16, \"commitment_use_cross_entropy_loss\": true}",
                "'commitment_use_cross_entropy_loss' = true",
                "moving averages");
    }

    @Test
    void droppedLayersAreNamed(@TempDir Path folder) throws IOException {
        refuses(
                folder,
                "fsq",
                "{\"levels\": [8, 5, 5, 5], \"num_quantizers\": 2, \"quantize_dropout\": true}",
                "'quantize_dropout' = true is not supported");
    }
}
