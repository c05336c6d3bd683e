package dev.orrery.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.FixtureRow.Verdict;
import dev.orrery.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FixtureTest {

    @TempDir Path folder;

    private final Map<String, Tensor> expected = new LinkedHashMap<>();

    @BeforeEach
    void write() throws IOException {
        expected.put("logits", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
        expected.put("hidden.0", Tensor.of(new float[] {10, 20}, 2));
        expected.put("hidden.1", Tensor.of(new float[] {10, 20}, 2));
        expected.put("ids", Tensor.of(new long[] {7, 8}, 2));
        expected.put("pixels", Tensor.of(new byte[] {1, 2, 3, 4}, 4));
        expected.put("bound", Tensor.of(new float[] {Float.NEGATIVE_INFINITY, 0}, 2));
        Safetensors.write(folder.resolve("expected.safetensors"), expected);
        Safetensors.write(
                folder.resolve("inputs.safetensors"),
                Map.of("mask", Tensor.of(new long[] {1, 1, 0, 1, 0, 0}, 2, 3)));
        describe("");
    }

    private void describe(String more) throws IOException {
        Files.writeString(
                folder.resolve("fixture.json"),
                """
                {"format": 1, "kind": "model", "title": "T", "class": "C",
                 "inputs": "inputs.safetensors", "expected": "expected.safetensors",
                 "tolerance": {"atol": 0.01, "rtol": 0.001},
                 "exact": ["ids"],
                 "overrides": [{"tensors": ["hid*.0"], "atol": 1, "rtol": 0},
                               {"tensors": ["pix*"], "atol": 1, "rtol": 0, "equal_share": 0.75}],
                 "gradients": {"of": "loss", "tensors": ["grad.w"]},
                 "compare_where": [{"tensors": ["log*"], "mask": "mask", "axes": [0, 1]}]%s}
                """
                        .formatted(more));
    }

    private FixtureRow with(String name, Tensor actual) {
        var results = new LinkedHashMap<>(expected);
        results.put(name, actual);
        return Fixture.read(folder).compare(results).stream()
                .filter(row -> row.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void equalResultsPassEverywhere() {
        var rows = Fixture.read(folder).compare(expected);
        assertThat(rows).hasSize(6).allMatch(FixtureRow::passed);
        assertThat(rows).allMatch(row -> row.largest() == 0);
    }

    @Test
    void theToleranceGrowsWithTheExpectedValue() {
        assertThat(with("hidden.1", Tensor.of(new float[] {10, 20.029f}, 2)).passed()).isTrue();
        var row = with("hidden.1", Tensor.of(new float[] {10, 20.04f}, 2));
        assertThat(row.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(row.allowed()).isEqualTo(0.03);
        assertThat(row.largest()).isBetween(0.039, 0.041);
        assertThat(row.note()).isEqualTo("1 of 2 are outside");
    }

    @Test
    void overridesTakePrecedenceAndKnowWildcards() {
        assertThat(with("hidden.0", Tensor.of(new float[] {10.9f, 20}, 2)).passed()).isTrue();
        assertThat(with("hidden.0", Tensor.of(new float[] {11.1f, 20}, 2)).passed()).isFalse();
    }

    @Test
    void aShareOfElementsMustBeEqual() {
        assertThat(with("pixels", Tensor.of(new byte[] {1, 2, 3, 5}, 4)).passed()).isTrue();
        var row = with("pixels", Tensor.of(new byte[] {1, 2, 4, 5}, 4));
        assertThat(row.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(row.note()).contains("0.5000 are equal");
    }

    @Test
    void exactTensorsMustBeEqual() {
        var row = with("ids", Tensor.of(new long[] {7, 9}, 2));
        assertThat(row.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(row.note()).isEqualTo("1 of 2 differ");
        assertThat(with("ids", Tensor.of(new float[] {7, 8.2f}, 2)).passed()).isFalse();
    }

    @Test
    void onlyElementsUnderTheMaskCount() {
        var padded = Tensor.of(new float[] {1, 2, 99, 4, 99, Float.NaN}, 2, 3);
        assertThat(with("logits", padded).passed()).isTrue();
        var wrong = Tensor.of(new float[] {1, 2.5f, 3, 4, 5, 6}, 2, 3);
        assertThat(with("logits", wrong).note()).isEqualTo("1 of 3 are outside");
    }

    @Test
    void valuesThatAreNotFiniteMustBeTheSame() {
        assertThat(with("bound", Tensor.of(new float[] {-1e30f, 0}, 2)).passed()).isFalse();
        assertThat(with("hidden.1", Tensor.of(new float[] {Float.NaN, 20}, 2)).passed()).isFalse();
        assertThat(
                        with("hidden.1", Tensor.of(new float[] {Float.POSITIVE_INFINITY, 20}, 2))
                                .passed())
                .isFalse();
    }

    @Test
    void missingAndMisshapenResultsFail() {
        var results = new LinkedHashMap<>(expected);
        results.remove("ids");
        results.put("logits", Tensor.ones(3, 2));
        var rows = Fixture.read(folder).compare(results);
        assertThat(rows)
                .filteredOn(row -> row.name().equals("ids"))
                .allMatch(row -> row.verdict() == Verdict.MISSING);
        assertThat(rows)
                .filteredOn(row -> row.name().equals("logits"))
                .allMatch(row -> row.note().equals("has shape [3, 2]"));
    }

    @Test
    void theDescriptionIsChecked() throws IOException {
        var fixture = Fixture.read(folder);
        assertThat(fixture.kind()).isEqualTo("model");
        assertThat(fixture.differentiated()).isEqualTo("loss");
        assertThat(fixture.gradients()).containsExactly("grad.w");
        assertThat(fixture.warnings()).isEmpty();
        describe(", \"colour\": 3");
        assertThat(Fixture.read(folder).warnings()).hasSize(1);
        describe(", \"weights\": \"../secret.safetensors\"");
        assertThatThrownBy(() -> Fixture.read(folder).weightsFile())
                .hasMessageContaining("plain file name");
        describe(", \"adapter\": 4");
        assertThatThrownBy(() -> Fixture.read(folder).adapterFile())
                .hasMessageContaining("needs a string");
        describe("}{");
        assertThatThrownBy(() -> Fixture.read(folder)).isInstanceOf(CheckpointException.class);
        assertThatThrownBy(() -> Fixture.read(folder.resolve("none")))
                .hasMessageContaining("is not a folder");
        Files.delete(folder.resolve("fixture.json"));
        assertThatThrownBy(() -> Fixture.read(folder)).hasMessageContaining("has no fixture.json");
    }

    @Test
    void everyFixtureOfTheGoldensIsReadAndEqualsItself() throws IOException {
        var goldens = System.getProperty("orrery.goldens", "");
        var root = Path.of(goldens.isEmpty() ? "src/test/resources/fixtures" : goldens);
        int read = 0;
        try (var files = Files.walk(root)) {
            for (var file : files.filter(f -> f.endsWith("fixture.json")).toList()) {
                var fixture = Fixture.read(file.getParent());
                assertThat(fixture.warnings()).isEmpty();
                if (!fixture.expectedFile().toString().endsWith(".safetensors")) continue;
                assertThat(fixture.compare(fixture.expected())).allMatch(FixtureRow::passed);
                read++;
            }
        }
        assertThat(read).isPositive();
    }
}
