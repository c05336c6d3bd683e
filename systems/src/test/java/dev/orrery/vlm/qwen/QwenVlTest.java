package dev.orrery.vlm.qwen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureRow;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.env.Image;
import dev.orrery.lm.PublicConfig;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QwenVlTest {

    private static final Path GOLDENS = Path.of("src/test/resources/goldens");
    private static final Path PUBLISHED = GOLDENS.resolve("qwen2_5-vl");

    @TempDir Path folder;
    private final TensorScope scope = TensorScope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "qwen2_5-vl",
                "qwen2_5-vl-pictures",
                "qwen2_5-vl-films",
                "qwen2_5-vl-preparation"
            })
    void computesWhatTheReferenceDoes(String name) {
        var fixture = Fixture.read(GOLDENS.resolve(name));
        var model = new QwenVlFixture();
        assertThat(model.runs(fixture)).isTrue();
        assertThat(fixture.compare(model.run(fixture)))
                .isNotEmpty()
                .allMatch(FixtureRow::passed, "agrees with the reference");
    }

    @Test
    void whatIsLoadedIsSavedToTheByte() throws IOException {
        var saved = folder.resolve("again.safetensors");
        try (var model = model()) {
            model.save(saved);
        }
        assertThat(Files.readAllBytes(saved))
                .isEqualTo(Files.readAllBytes(PUBLISHED.resolve("weights.safetensors")));
    }

    @Test
    void namesOfLaterFilesAreUnderstood() {
        var later = new LinkedHashMap<String, Tensor>();
        Safetensors.read(PUBLISHED.resolve("weights.safetensors"))
                .forEach((name, tensor) ->
                        later.put(
                                name.startsWith("lm_head")
                                        ? name
                                        : name.startsWith("visual")
                                                ? "model." + name
                                                : name.replaceFirst(
                                                        "^model", "model.language_model"),
                                tensor));
        var file = folder.resolve("model.safetensors");
        Safetensors.write(file, later);
        try (var model = QwenVl.open(config(""), file)) {
            assertThat(model.stateDict()).containsKey("model.layers.0.mlp.up_proj.weight");
        }
    }

    @Test
    void aWindowHidesTheRestOfThePictureAndTheWholeFrameDoesNot() {
        // windows of 2 x 2 tokens; the change is in the first window, looked for in the last
        var changes = new LinkedHashMap<String, Double>();
        for (var whole : List.of("[]", "[1]")) {
            var config = config("\"fullatt_block_indexes\":%s".formatted(whole));
            try (var model = QwenVl.create(config, Seed.of(1));
                    var _ = Grad.disabled()) {
                var patches = Seed.of(2).normal(64, 96);
                var other = patches.copy();
                other.narrow(0, 0, 1).add_(1);
                var grid = List.of(new PictureGrid(1, 8, 8));
                var before = model.vision().forward(patches, grid);
                var difference = model.vision().forward(other, grid).sub(before).abs();
                assertThat(difference.select(0, 0).max().item()).isPositive();
                changes.put(whole, difference.select(0, 15).max().item());
            }
        }
        assertThat(changes.get("[]")).isZero();
        assertThat(changes.get("[1]")).isPositive();
    }

    @Test
    void picturesOfOneBatchDoNotSeeEachOther() {
        try (var model = model();
                var _ = Grad.disabled()) {
            var first = Seed.of(1).normal(24, 96);
            var second = Seed.of(2).normal(16, 96);
            var grids = List.of(new PictureGrid(1, 4, 6), new PictureGrid(1, 4, 4));
            var both = model.vision().forward(Tensor.cat(List.of(first, second), 0), grids);
            var alone = model.vision().forward(second, grids.subList(1, 2));
            assertThat(both.narrow(0, 6, 4).sub(alone).abs().max().item()).isLessThan(1e-5);
        }
    }

    @Test
    void picturesAndTheirTokensMustMatch() {
        try (var model = model()) {
            var patches = Seed.of(1).normal(24, 96);
            var grid = List.of(new PictureGrid(1, 4, 6));
            assertThatThrownBy(() -> embed(model, patches, grid, 5, 135, 135, 135, 6))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("makes 6 tokens, the text has 3 in its place")
                    .hasMessageContaining("repeat the picture token 6 times");
            assertThatThrownBy(() -> embed(model, patches, grid, 5, 6, 7))
                    .hasMessageContaining("put 135 (image) or 136 (video) where they belong");
            assertThatThrownBy(() -> embed(model, patches, List.of(), 5, 135, 7))
                    .hasMessageContaining("no picture is left");
            assertThatThrownBy(() -> model.vision().forward(patches.narrow(0, 0, 20), grid))
                    .hasMessageContaining("need (24, 96)");
            assertThatThrownBy(() ->
                            model.vision().forward(patches, List.of(new PictureGrid(1, 3, 8))))
                    .hasMessageContaining("3 x 8 patches does not fall into squares of 2");
        }
    }

    private static void embed(QwenVl model, Tensor patches, List<PictureGrid> grids, long... ids) {
        var text = Tensor.of(ids, 1, ids.length);
        model.embed(text, Tensor.ones(DType.I64, 1, ids.length), patches, grids);
    }

    @Test
    void aConfigurationThatCannotBeReadIsNamed() {
        var sections = "\"rope_scaling\":{\"type\":\"mrope\",\"mrope_section\":[2,2]}";
        assertThatThrownBy(() ->
                        QwenVl.create(
                                config("\"rope_scaling\":{\"type\":\"default\"}"), Seed.of(0)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("names no mrope_section");
        assertThatThrownBy(() -> QwenVl.create(config("\"out_hidden_size\":40"), Seed.of(0)))
                .hasMessageContaining("tokens of 40 channels, words have 48");
        try (var model = QwenVl.create(config(sections), Seed.of(0))) {
            var patches = Seed.of(1).normal(16, 96);
            var grid = List.of(new PictureGrid(1, 4, 4));
            var ids = Tensor.of(new long[] {1, 135, 135, 135, 135}, 1, 5);
            var mask = Tensor.ones(DType.I64, 1, 5);
            var embedded = model.embed(ids, mask, patches, grid);
            assertThatThrownBy(() -> model.greedy(embedded, mask, 1))
                    .hasMessageContaining("has 6 pairs; sections [2, 2] have 4");
        }
    }

    @Test
    void picturesKeepTheirProportionsWithinTheLimits() {
        var patch = new QwenVision.Patch(3, 2, 14, 2, 112);
        var pictures = QwenPictures.published(patch);
        assertThat(pictures.size(480, 640)).containsExactly(476, 644);
        assertThat(pictures.size(8, 8)).containsExactly(56, 56);
        assertThat(new QwenPictures(patch, 3136, 100_352).size(1080, 1920))
                .containsExactly(224, 420);
        var narrow = new Image(1, 300, new byte[900]);
        assertThatThrownBy(() -> pictures.prepare(List.of(narrow)))
                .hasMessageContaining("1 x 300 is too narrow");
    }

    private QwenVl model() {
        return QwenVl.open(config(""), PUBLISHED.resolve("weights.safetensors"));
    }

    /// The fixture's configuration with another value of one key.
    private PublicConfig config(String key) {
        try {
            var text = Files.readString(PUBLISHED.resolve("config.json"));
            if (!key.isEmpty()) {
                var name = Pattern.quote(key.substring(0, key.indexOf(':')));
                text = text.replaceFirst(name + ": (\\{[^}]*\\}|\\[[^\\]]*\\]|[^,]*)", key);
            }
            var file = folder.resolve("config.json");
            Files.writeString(file, text);
            return PublicConfig.read(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
